"""Spending units: the catalogue, chat completions and messages, streamed or whole, and receipts.

What belongs here: what a user asks of inference. What does not: how a call reaches its supplier
(`_redirects`) and how a stream is read (`_stream`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from thegrid.client import _wire
from thegrid.client._auth import BearerAuth, FixedToken, bearer, header_value
from thegrid.client._call import call
from thegrid.client._http import Closing, Sender
from thegrid.client._redirects import Caller, InferenceCall, read_body
from thegrid.client._retry import InferenceRetries
from thegrid.client._stream import AnswerStream
from thegrid.client._usage import UsageApi
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints
from thegrid.client.errors import LoginRejected, Misuse, Unreachable
from thegrid.core.model import Model
from thegrid.core.secret import Secret

DEFAULT_SUPPLIER_HOSTS = frozenset(
    {"api.thegrid.ai", "messages-beta.api.thegrid.ai", "synapse.thegrid.ai"}
)
ANTHROPIC_VERSION = "2023-06-01"
_LOOK_FOR = "nothing: a failed call is not billed"


class Answer(dict[str, Any]):
    """A whole answer, in the public format of the route that was asked.

    Attributes:
        request_id: The handle of the call's receipt (`Inference.usage_receipt`), or None.
    """

    def __init__(self, body: Mapping[str, Any], request_id: str | None) -> None:
        super().__init__(body)
        self.request_id = request_id


def catalogue_checks_keys(
    endpoints: Endpoints,
    *,
    transport: httpx.BaseTransport | None = None,
    clock: Clock | None = None,
) -> bool:
    """Find out whether `Inference.accepts_key` proves anything on this market.

    The catalogue may be open to everybody; whether it refuses a key that cannot be valid tells.

    Args:
        endpoints: Where the market is.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.

    Returns:
        True when a wrong key is refused.

    Raises:
        Refused: Another refusal than 401, such as a rate limit.
        Unreachable: No usable answer came.
    """
    with Inference(endpoints, Secret("not-a-key"), transport=transport, clock=clock) as nobody:
        return not nobody.accepts_key()


class Inference(UsageApi, Closing):
    """Calls models with one consumption key. Safe for several threads.

    Args:
        endpoints: Where the market is.
        key: The consumption key.
        supplier_hosts: Host names that a redirect may lead to; a market on this machine may also
            redirect to this machine.
        retries: Which refused calls are sent again; None leaves that to the caller.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.
        sleep: Waits for some seconds, before a retry or for a spent limit; by the clock if None.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        key: Secret,
        *,
        supplier_hosts: frozenset[str] = DEFAULT_SUPPLIER_HOSTS,
        retries: InferenceRetries | None = None,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        clock = clock or clock_for(endpoints)
        sender = Sender(
            clock,
            auth=BearerAuth(FixedToken(key)),
            credential=key.reveal,
            transport=transport,
            sleep=sleep,
        )
        super().__init__(endpoints.consumption, sender)
        self._messages = endpoints.messages
        self._key = key
        self._caller = Caller(
            endpoints,
            key,
            clock,
            supplier_hosts=supplier_hosts,
            retries=retries,
            transport=transport,
            sleep=sleep,
        )

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()
        self._caller.close()

    def models(self) -> tuple[Model, ...]:
        """Read the catalogue (`GET /models`).

        Returns:
            The models, by the names that requests use.

        Raises:
            Refused: The key is not accepted.
            Unreachable: No usable answer came.
        """
        return self._sender.read(call("GET", self._base, "/models"), _wire.models)

    def accepts_key(self) -> bool:
        """Ask whether the market accepts the key, without spending anything.

        Returns:
            False when the key is refused with 401. True proves something only where
            `catalogue_checks_keys` is true.

        Raises:
            Refused: Another refusal than 401, such as a rate limit.
            Unreachable: No usable answer came.
        """
        try:
            self.models()
        except LoginRejected:
            return False
        return True

    def chat_completion(
        self, model: str, messages: Sequence[Mapping[str, Any]], **parameters: Any
    ) -> Answer:
        """Make one chat completion and wait for all of it (`POST /chat/completions`).

        A failed call is not billed. It is sent again only as `retries` says.

        Args:
            model: An instrument's symbol, such as `text-prime`.
            messages: The conversation in the OpenAI form.
            **parameters: Other fields of the request, such as `max_completion_tokens`.

        Returns:
            The completion in the OpenAI form.

        Raises:
            Misuse: `stream` was asked for.
            Refused: The market or the supplier said no.
            Unreachable: No usable answer came, or the redirect leads where it may not.
        """
        return self._whole(self._chat(model, messages, parameters, streamed=False))

    def stream_chat_completion(
        self, model: str, messages: Sequence[Mapping[str, Any]], **parameters: Any
    ) -> AnswerStream:
        """Make one chat completion and look at it while it comes (`POST /chat/completions`).

        Args:
            model: An instrument's symbol, such as `text-prime`.
            messages: The conversation in the OpenAI form.
            **parameters: Other fields of the request, such as `stream_options`.

        Returns:
            The chunks in the OpenAI form, as the data of events; `[DONE]` is not among them.

        Raises:
            Misuse: `stream` was given as well.
            Refused: The market or the supplier said no.
            Unreachable: No usable answer came, or the redirect leads where it may not.
        """
        return self._streamed(self._chat(model, messages, parameters, streamed=True))

    def message(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int,
        **parameters: Any,
    ) -> Answer:
        """Make one message and wait for all of it (`POST /messages`).

        A failed call is not billed. It is sent again only as `retries` says.

        Args:
            model: An instrument's symbol, such as `text-prime`.
            messages: The conversation in the Anthropic form.
            max_tokens: At most so many tokens, thinking included.
            **parameters: Other fields of the request, such as `system`.

        Returns:
            The message in the Anthropic form.

        Raises:
            Misuse: `stream` was asked for.
            Refused: The market or the supplier said no.
            Unreachable: No usable answer came, or the redirect leads where it may not.
        """
        parameters["max_tokens"] = max_tokens
        return self._whole(self._message(model, messages, parameters, streamed=False))

    def stream_message(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int,
        **parameters: Any,
    ) -> AnswerStream:
        """Make one message and look at it while it comes (`POST /messages`).

        Args:
            model: An instrument's symbol, such as `text-prime`.
            messages: The conversation in the Anthropic form.
            max_tokens: At most so many tokens, thinking included.
            **parameters: Other fields of the request, such as `system`.

        Returns:
            The events in the Anthropic form, up to and with `message_stop`.

        Raises:
            Misuse: `stream` was given as well.
            Refused: The market or the supplier said no.
            Unreachable: No usable answer came, or the redirect leads where it may not.
        """
        parameters["max_tokens"] = max_tokens
        return self._streamed(self._message(model, messages, parameters, streamed=True))

    def _chat(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        parameters: dict[str, Any],
        *,
        streamed: bool,
    ) -> InferenceCall:
        body = _body(model, messages, parameters, streamed=streamed)
        request = call("POST", self._base, "/chat/completions", body=body, look_for=_LOOK_FOR)
        return InferenceCall(request, {"authorization": bearer(self._key)}, {}, streamed)

    def _message(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        parameters: dict[str, Any],
        *,
        streamed: bool,
    ) -> InferenceCall:
        body = _body(model, messages, parameters, streamed=streamed)
        request = call("POST", self._messages, "/messages", body=body, look_for=_LOOK_FOR)
        credential = {"x-api-key": header_value(self._key)}
        return InferenceCall(
            request, credential, {"anthropic-version": ANTHROPIC_VERSION}, streamed
        )

    def _whole(self, asked: InferenceCall) -> Answer:
        opened = self._caller.open(asked)
        read_body(asked.call, opened.response)
        content = opened.response.content
        try:
            body = _wire.parse(content, lambda decoded: decoded, number=float)
        except _wire.UnusableAnswer as unusable:
            raise Unreachable(f"{asked.call.name}: {unusable}") from None
        return Answer(body, opened.request_id)

    def _streamed(self, asked: InferenceCall) -> AnswerStream:
        return AnswerStream(asked.call, self._caller.open(asked))


def _body(
    model: str,
    messages: Sequence[Mapping[str, Any]],
    parameters: dict[str, Any],
    *,
    streamed: bool,
) -> dict[str, Any]:
    if parameters.get("stream"):
        raise Misuse("stream: left to stream_chat_completion and stream_message, which return one")
    body = {"model": model, "messages": list(messages), **parameters}
    return body | {"stream": True} if streamed else body
