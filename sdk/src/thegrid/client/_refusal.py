"""What error comes of an answer that says no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import httpx

from thegrid.client import _retry, _wire
from thegrid.client._call import Call
from thegrid.client.errors import LoginRejected, NotFound, RateLimited, Refused

_SECRET_FIELDS = frozenset({"refresh_token", "device_code", "token"})
_SECRET_HEADERS = ("authorization", "x-api-key")


def refusal(call: Call, answer: httpx.Response, *, now: datetime) -> Refused:
    """Make the error of an answer that says no.

    Args:
        call: What was asked.
        answer: The answer, not 2xx, its body read.
        now: The present, for waits that are given as timestamps.

    Returns:
        The error, of the class that fits.
    """
    status = answer.status_code
    wait = None
    if status == httpx.codes.TOO_MANY_REQUESTS or "retry-after" in answer.headers:
        wait = _retry.retry_after(answer.headers, now=now.timestamp())
    code, message = (without_secrets(text, call, answer) for text in _said(answer))
    return _class(status, code)(
        call.name,
        status,
        code=code,
        message=message,
        request_id=without_secrets(answer.headers.get("x-request-id", ""), call, answer),
        retry_after=wait,
    )


def without_secrets(text: str, call: Call, answer: httpx.Response) -> str:
    """Hide the credentials of a request where its answer quotes them."""
    headers = answer.request.headers
    sent = [headers.get(name, "").removeprefix("Bearer ") for name in _SECRET_HEADERS]
    if isinstance(call.body, Mapping):
        sent += [call.body[name] for name in _SECRET_FIELDS & call.body.keys()]
    for secret in filter(None, sent):
        text = text.replace(secret, "***")
    return text


def _said(answer: httpx.Response) -> tuple[str, str]:
    code, message = _wire.error_texts(answer.content)
    return code, message or answer.reason_phrase


def _class(status: int, code: str) -> type[Refused]:
    if status == httpx.codes.UNAUTHORIZED or (
        status == httpx.codes.FORBIDDEN and code == "invalid_token"
    ):
        return LoginRejected
    if status == httpx.codes.NOT_FOUND:
        return NotFound
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimited
    return Refused
