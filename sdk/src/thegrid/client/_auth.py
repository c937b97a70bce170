"""Request signing and bearer tokens as httpx auth flows, so that they are tested without a network.

Signing follows The Grid's documentation, "Authentication": the message is timestamp, method, path
without query, and body, with nothing between them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

import httpx

from thegrid.client._wire import error_code
from thegrid.client.clock import Clock
from thegrid.client.errors import Misuse
from thegrid.client.signing_key import SigningKey
from thegrid.core.secret import Secret

TIMESTAMP_HEADER = "x-thegrid-timestamp"
FINGERPRINT_HEADER = "x-thegrid-fingerprint"
SIGNATURE_HEADER = "x-thegrid-signature"


def message_to_sign(timestamp: str, method: str, path: bytes, body: bytes) -> bytes:
    """Put together what a request's signature covers.

    Args:
        timestamp: Unix seconds, as in the header.
        method: The HTTP method.
        path: The path as sent, prefix included and percent-encoding kept; a query is cut off.
        body: The exact bytes of the body, empty for none.

    Returns:
        The message.
    """
    return timestamp.encode() + method.upper().encode() + path.split(b"?", 1)[0] + body


class SignatureAuth(httpx.Auth):
    """Signs every request, and signs anew each time it is sent.

    Args:
        key: The trading key.
        clock: Tells the timestamp; the market allows 30 seconds of difference.
    """

    requires_request_body = True

    def __init__(self, key: SigningKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the three signature headers."""
        timestamp = str(int(self._clock.now().timestamp()))
        message = message_to_sign(timestamp, request.method, request.url.raw_path, request.content)
        request.headers[TIMESTAMP_HEADER] = timestamp
        request.headers[FINGERPRINT_HEADER] = self._key.fingerprint
        request.headers[SIGNATURE_HEADER] = self._key.sign(message)
        yield request


def header_value(token: Secret) -> str:
    """Return a credential as it stands in a header.

    Args:
        token: An access token or a consumption key.

    Returns:
        Its text.

    Raises:
        Misuse: It could not stand in a header, such as one with a line break at its end.
    """
    if not token.fits_a_header():
        raise Misuse("the token or key is empty, or holds white space or characters beyond ASCII")
    return token.reveal()


def bearer(token: Secret) -> str:
    """Write the value of the header `authorization` (RFC 6750, section 2.1).

    Args:
        token: An access token or a consumption key.

    Returns:
        The value.

    Raises:
        Misuse: The token could not stand in a header.
    """
    return f"Bearer {header_value(token)}"


class TokenSource(Protocol):
    """Where bearer tokens come from."""

    def token(self) -> Secret:
        """Return the access token to send."""
        ...

    def renewed(self, rejected: Secret) -> Secret | None:
        """Return another token than the rejected one, or None where there is none to be had."""
        ...


class FixedToken:
    """A token that is never refreshed.

    Args:
        token: The access token.
    """

    def __init__(self, token: Secret) -> None:
        self._token = token

    def token(self) -> Secret:
        """Return the access token."""
        return self._token

    def renewed(self, rejected: Secret) -> Secret | None:  # noqa: ARG002 - there is no other one
        """Return None: there is no other token."""
        return None


class BearerAuth(httpx.Auth):
    """Sends a bearer token; a rejected one is renewed and sent again, once.

    Args:
        source: Where tokens come from.
    """

    requires_response_body = True

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header; after a rejection ask the source for another token."""
        token = self._source.token()
        request.headers["authorization"] = bearer(token)
        response = yield request
        if not rejects_token(response):
            return
        other = self._source.renewed(token)
        if other is not None:
            request.headers["authorization"] = bearer(other)
            yield request


def rejects_token(response: httpx.Response) -> bool:
    """Tell whether an answer means that the token is not accepted: 401, or 403 `invalid_token`."""
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return True
    return (
        response.status_code == httpx.codes.FORBIDDEN
        and error_code(response.content) == "invalid_token"
    )
