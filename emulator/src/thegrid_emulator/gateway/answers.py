"""Answers to accepted calls, whole or as server-sent events, and what they are charged for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from thegrid_emulator.inference.shape import Asked, Reply, Shape
from thegrid_emulator.state.receipts import Receipt
from thegrid_emulator.state.venue import Venue


def answer_call(venue: Venue, receipt: Receipt, shape: Shape, asked: Asked) -> Response:
    """Return the answer to a call, which is settled when that is complete.

    Args:
        venue: the market.
        receipt: of the call.
        shape: of its API.
        asked: what it asks; an answer that needs more than was held for the call is cut.
    """
    now = venue.clock.now()
    receipt.started_at = now
    within = asked.within(receipt.reservation.tokens)
    reply = Reply(within, receipt.request_id, receipt.instrument.symbol, now)
    if asked.stream:
        return _MeteredStream(venue, receipt, shape, reply)
    whole = shape.whole(reply)
    given = reply.answer
    venue.settle_call(
        receipt,
        input_tokens=given.prompt_tokens,
        output_tokens=given.tokens * asked.choices,
        first_token_at=now,
    )
    return JSONResponse(whole, headers=_headers(receipt))


class _MeteredStream(StreamingResponse):
    """A stream that is paid for as far as it was sent, even if the client goes away."""

    def __init__(self, venue: Venue, receipt: Receipt, shape: Shape, reply: Reply) -> None:
        self._venue = venue
        self._receipt = receipt
        self._shape = shape
        self._reply = reply
        self._tokens_in_all = reply.answer.tokens * reply.asked.choices
        self._tokens_sent = 0
        self._first_token_at: datetime | None = None
        headers = _headers(receipt) | {"cache-control": "no-cache"}
        super().__init__(self._frames(), headers=headers, media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._settle()

    async def _frames(self) -> AsyncIterator[str]:
        for event in self._shape.events(self._reply):
            if event.tokens and self._first_token_at is None:
                self._first_token_at = self._venue.clock.now()
            self._tokens_sent += event.tokens
            if self._tokens_sent == self._tokens_in_all and not event.tokens:
                self._settle()  # before the client can know that this was all
            yield self._shape.frame(event.content)
            await asyncio.sleep(0)  # others have their turn, and a client that went away is noticed
        if self._shape.closing:
            yield self._shape.closing

    def _settle(self) -> None:
        if self._receipt.spent is None:
            self._venue.settle_call(
                self._receipt,
                input_tokens=self._reply.answer.prompt_tokens,
                output_tokens=self._tokens_sent,
                first_token_at=self._first_token_at,
            )


def _headers(receipt: Receipt) -> dict[str, str]:
    return {"x-grid-request-id": receipt.request_id}
