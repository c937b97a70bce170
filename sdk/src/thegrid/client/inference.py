"""Spending units: the catalogue, a chat completion through the 307, and the test of a key.

An inference call is answered with a redirect to a supplier. It is followed by hand: the signed
address is the credential there, so the key never travels to another host, and only hosts that the
caller trusts are asked. See The Grid's documentation, "Consumption API", and docs/decisions/0006.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import httpx

from thegrid.client import _wire
from thegrid.client._auth import BearerAuth, FixedToken, bearer
from thegrid.client._call import Call, call
from thegrid.client._http import Closing, Sender, connections
from thegrid.client._refusal import refusal
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints, is_loopback
from thegrid.client.errors import LoginRejected, Misuse, Refused, Unreachable
from thegrid.core.model import Model
from thegrid.core.secret import Secret

DEFAULT_SUPPLIER_HOSTS = frozenset(
    {"api.thegrid.ai", "messages-beta.api.thegrid.ai", "synapse.thegrid.ai"}
)
MOST_HOPS = 3
_FIRST_HOP = httpx.Timeout(30.0, connect=10.0)
_SUPPLIER = httpx.Timeout(120.0, connect=10.0)


def catalogue_checks_keys(
    endpoints: Endpoints, *, transport: httpx.BaseTransport | None = None
) -> bool:
    """Find out whether `Inference.accepts_key` proves anything on this market.

    The catalogue may be open to everybody; whether it refuses a key that cannot be valid tells.

    Args:
        endpoints: Where the market is.
        transport: Another network than the real one, for tests.

    Returns:
        True when a wrong key is refused.

    Raises:
        Refused: Another refusal than 401, such as a rate limit.
        Unreachable: No usable answer came.
    """
    with Inference(endpoints, Secret("not-a-key"), transport=transport) as nobody:
        return not nobody.accepts_key()


class Inference(Closing):
    """Calls models with one consumption key. Safe for several threads.

    Args:
        endpoints: Where the market is.
        key: The consumption key.
        supplier_hosts: Host names that a redirect may lead to; a market on this machine may also
            redirect to this machine.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        key: Secret,
        *,
        supplier_hosts: frozenset[str] = DEFAULT_SUPPLIER_HOSTS,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._key = key
        self._supplier_hosts = supplier_hosts
        self._clock = clock or clock_for(endpoints)
        self._sender = Sender(self._clock, auth=BearerAuth(FixedToken(key)), transport=transport)
        self._http = connections(transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()
        self._http.close()

    def models(self) -> tuple[Model, ...]:
        """Read the catalogue (`GET /models`).

        Returns:
            The models, by the names that requests use.

        Raises:
            Refused: The key is not accepted.
            Unreachable: No usable answer came.
        """
        return self._sender.read(call("GET", self._endpoints.consumption, "/models"), _wire.models)

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
    ) -> dict[str, Any]:
        """Make one chat completion, not streamed (`POST /chat/completions`).

        A failed call is not billed, and this is never sent twice by itself.

        Args:
            model: An instrument's symbol, such as `text-prime`.
            messages: The conversation in the OpenAI form.
            **parameters: Other fields of the request, such as `max_tokens`.

        Returns:
            The completion in the OpenAI form.

        Raises:
            Misuse: `stream` was asked for.
            Refused: The market or the supplier said no.
            Unreachable: No usable answer came, or the redirect leads where it may not.
        """
        if parameters.get("stream"):
            raise Misuse("stream: not supported here; use an OpenAI client with the same key")
        body = {"model": model, "messages": list(messages), **parameters}
        request = call(
            "POST",
            self._endpoints.consumption,
            "/chat/completions",
            body=body,
            look_for="nothing: a failed call is not billed",
        )
        answer = self._through_redirects(request)
        if not answer.is_success:
            raise self._refusal(request, answer)
        try:
            return dict(_wire.parse(answer.content, lambda decoded: decoded, number=float))
        except _wire.UnusableAnswer as unusable:
            raise Unreachable(f"{request.name}: {unusable}") from None

    def _through_redirects(self, request: Call) -> httpx.Response:
        url = httpx.URL(request.url)
        answer = self._post(url, request, _FIRST_HOP, {"authorization": bearer(self._key)})
        for _ in range(MOST_HOPS):
            if answer.status_code != httpx.codes.TEMPORARY_REDIRECT:
                return answer
            url = self._target(url, answer, request)
            answer = self._post(url, request, _SUPPLIER, {})
        if answer.status_code == httpx.codes.TEMPORARY_REDIRECT:
            raise Unreachable(f"{request.name}: more than {MOST_HOPS} redirects")
        return answer

    def _post(
        self, url: httpx.URL, request: Call, timeout: httpx.Timeout, headers: dict[str, str]
    ) -> httpx.Response:
        """Send the request. httpx logs addresses, so the query, a credential, is kept out of it."""
        with suppress(httpx.RequestError):  # which holds the request, and so the key
            return self._http.post(
                url.copy_with(query=None),
                json=request.body,
                headers=headers,
                timeout=timeout,
                extensions={"target": url.raw_path},
            )
        raise Unreachable(f"{request.name}: no usable answer from {url.host}")

    def _target(self, asked: httpx.URL, answer: httpx.Response, request: Call) -> httpx.URL:
        """Refuse an untrusted target. Its query is a credential, so it is never shown."""
        location = answer.headers.get("location")
        if not location:
            raise Unreachable(f"{request.name}: a redirect without a target")
        url = asked.join(location)  # httpx has refused an answer with a malformed one already
        if self._endpoints.all_loopback and is_loopback(f"{url.scheme}://{url.netloc.decode()}"):
            return url
        if url.scheme != "https" or url.host not in self._supplier_hosts:
            where = f"{url.scheme}://{url.host}"
            raise Unreachable(
                f"{request.name}: the redirect leads to {where}, which is not an allowed supplier"
            )
        return url

    def _refusal(self, request: Call, answer: httpx.Response) -> Refused | Unreachable:
        """Tell a rejected key from a signed address that the supplier does not accept."""
        refused = refusal(request, answer, now=self._clock.now())
        if isinstance(refused, LoginRejected) and "authorization" not in answer.request.headers:
            return Unreachable(
                f"{request.name}: the supplier did not accept the market's redirect; ask again"
            )
        return refused
