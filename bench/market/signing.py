"""What signing a request costs beyond the signature itself.

Both sides sign the same message, in turns and many times; the medians are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import httpx
import nacl.signing
from bench.figures import Figure

from thegrid.client import Clock, SigningKey
from thegrid.client._auth import SignatureAuth, message_to_sign

ROUNDS = 300
CALLS_PER_ROUND = 20
BODY = b'{"instrument_id":"instrument-00000000-0000-4000-8000-000000000001","quantity":2}'
URL = "http://127.0.0.1/v1/transfers/trading-to-consumption"


def figures(part: int) -> Iterator[Figure]:
    """Compare `SignatureAuth` with PyNaCl alone."""
    bare = nacl.signing.SigningKey.generate()
    message = message_to_sign("1767225600", "POST", httpx.URL(URL).raw_path, BODY)
    auth = SignatureAuth(SigningKey.generate(), Clock())
    request = httpx.Request("POST", URL, content=BODY)

    def sign() -> None:
        next(auth.auth_flow(request))

    pairs = [(_seconds(sign), _seconds(lambda: bare.sign(message))) for _ in range(ROUNDS // part)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    yield Figure("sign_overhead_ratio", ours / theirs, "x")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS_PER_ROUND):
        work()
    return time.perf_counter() - started
