"""Verification of signed requests to the Trading API.

A request is signed by Ed25519 over `timestamp + METHOD + path + body`, without separators and
without the query ("Authentication" in the vendor's documentation). The order of the checks and the
codes are the emulator's: production's texts are not public, and a client must not read them.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from thegrid_emulator.errors import MarketError
from thegrid_emulator.state.signing_keys import SigningKey
from thegrid_emulator.timestamps import unix_seconds

WINDOW_SECONDS = 30
"""How far a timestamp may be from the market's clock, in either direction."""

_SIGNATURE_BYTES = 64
_UNIX_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True)
class SignedRequest:
    """What a signature covers, and the three headers that carry it.

    Attributes:
        method: upper case.
        path: as sent: with its prefix, percent-encoding kept, no query.
        body: the exact bytes.
        timestamp: header `x-thegrid-timestamp`, empty if absent.
        fingerprint: header `x-thegrid-fingerprint`, empty if absent.
        signature: header `x-thegrid-signature`, empty if absent.
    """

    method: str
    path: bytes
    body: bytes = field(repr=False)
    timestamp: str
    fingerprint: str
    signature: str = field(repr=False)

    @property
    def message(self) -> bytes:
        """The bytes that were signed."""
        return self.timestamp.encode() + self.method.encode() + self.path + self.body


def verify(
    request: SignedRequest, find_key: Callable[[str], SigningKey | None], now: datetime
) -> SigningKey:
    """Return the key that signed a request.

    Args:
        request: what was received.
        find_key: returns the active key with a fingerprint, or None.
        now: the market's time.

    Raises:
        MarketError: 401 with, in this order, `missing_authentication_headers`,
            `unknown_fingerprint`, `timestamp_out_of_range` or `signature_verification_failed`.
    """
    if not (request.timestamp and request.fingerprint and request.signature):
        raise _unauthorized("missing_authentication_headers")
    key = find_key(request.fingerprint)
    if key is None:
        raise _unauthorized("unknown_fingerprint")
    if not _is_in_window(request.timestamp, now):
        raise _unauthorized("timestamp_out_of_range")
    if not _is_genuine(request, key.public_key):
        raise _unauthorized("signature_verification_failed")
    return key


def _is_in_window(timestamp: str, now: datetime) -> bool:
    if not _UNIX_SECONDS.fullmatch(timestamp):
        return False
    return abs(unix_seconds(now) - int(timestamp)) <= WINDOW_SECONDS


def _is_genuine(request: SignedRequest, public_key: bytes) -> bool:
    try:
        signature = base64.b64decode(request.signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, request.message)
    except InvalidSignature:
        return False
    return True


def _unauthorized(code: str) -> MarketError:
    return MarketError(HTTPStatus.UNAUTHORIZED, code)
