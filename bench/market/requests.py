"""What our code costs on the way of one signed request, client and emulator together.

One side is our client asking our emulator who it is: signed, verified, journalled, counted, read
into a value. The other is httpx asking Starlette on uvicorn for the same bytes, with none of our
code. Each server is a process of its own, and the two sides take turns.
"""

from __future__ import annotations

import json
import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import httpx
import uvicorn
from bench.figures import Figure
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid.client import Client, Endpoints, SigningKey
from thegrid.core.secret import Secret
from thegrid_emulator import Rules, serve

ROUNDS = 40
REQUESTS_PER_ROUND = 25
UNLIMITED = 10**9


def figures(part: int) -> Iterator[Figure]:
    """Compare signed requests a second with bare ones."""
    with (
        _server(_emulate) as addresses,
        _registered(addresses) as client,
        _server(_serve_bare) as url,
        httpx.Client(trust_env=False) as http,
    ):
        pairs = [
            (_seconds(client.trading_account), _seconds(lambda: http.get(url).json()))
            for _ in range(ROUNDS // part)
        ]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    yield Figure("signed_requests_ratio", bare / ours, "x")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(REQUESTS_PER_ROUND):
        work()
    return time.perf_counter() - started


@contextmanager
def _registered(addresses: dict[str, str]) -> Iterator[Client]:
    """A client that signs with a key of the emulator's first account."""
    token = Secret(addresses.pop("access_token"))
    endpoints = Endpoints(**addresses)
    key = SigningKey.generate()
    with Client(endpoints, token) as platform:
        platform.create_trading_key("benchmark", key.public_key)
    with Client(endpoints, key) as client:
        yield client


@contextmanager
def _server(run: Callable[[Connection], None]) -> Iterator[Any]:
    """Run a server in a process of its own; yields what it says when it is ready."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=run, args=(there,), daemon=True)
    process.start()
    there.close()  # so that a server which dies is noticed here
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _emulate(parent: Connection) -> None:
    rules = Rules(trading_requests_per_minute=UNLIMITED)
    with serve(rules=rules) as emulator:
        parent.send(
            {
                "platform": emulator.platform,
                "trading": emulator.trading,
                "consumption": emulator.consumption,
                "messages": emulator.messages,
                "access_token": emulator.account.access_token,
            }
        )
        parent.poll(None)


def _serve_bare(parent: Connection) -> None:
    body = json.dumps({"data": {"user_id": "user_0000", "email": "somebody@example.com"}}).encode()

    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        Starlette(routes=[Route("/v1/me", answer)]), http="h11", log_config=None
    )
    parent.send(f"http://127.0.0.1:{listener.getsockname()[1]}/v1/me")
    uvicorn.Server(config).run([listener])
