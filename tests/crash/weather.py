"""What makes requests fail for a while, whoever sends them."""

from __future__ import annotations

import httpx
import urllib3
from tests.crash.api_connection import Quiet, events_of
from tests.crash.api_rules import Refusal

FAIR = 0.0
ANSWER_SECONDS = 7.0


class Weather:
    """The weather of a world; at first it is fair.

    Args:
        world: Whose.
    """

    def __init__(self, world):
        self._world = world
        self._market_storms_until = FAIR
        self._market_answers = (200, {})
        self._market_slow_until = FAIR
        self._hidden, self._hidden_until = "", FAIR
        self._api_refuses_until = FAIR
        self._api_answers = (200, "")
        self._api_refuses_reading = False
        self._watches_quiet_until = FAIR
        self._watches_break_then = False
        self._watches_repeat = False

    # What comes over the world

    def storm(self, status, seconds):
        """Let the market answer everything with a status."""
        headers = {"retry-after": "7"} if status == httpx.codes.TOO_MANY_REQUESTS else {}
        self._market_answers = (status, headers)
        self._market_storms_until = self._in(seconds)

    def refuse(self, status, reason, seconds, *, reading):
        """Let the API server refuse every write, or everything."""
        self._api_answers, self._api_refuses_reading = (status, reason), reading
        self._api_refuses_until = self._in(seconds)

    def hush(self, seconds, *, then_break):
        """Let watches bring nothing; then they go on, or are found to be dead."""
        self._watches_quiet_until, self._watches_break_then = self._in(seconds), then_break

    def repeat(self):
        """Let each watch tell everything again from the beginning, once."""
        self._watches_repeat = True

    def slow_down(self, seconds):
        """Let each request to the market take some seconds more."""
        self._market_slow_until = self._in(seconds)

    def hide(self, key_id, seconds):
        """Let the market's listings lack a key."""
        self._hidden, self._hidden_until = key_id, self._in(seconds)

    # What a request meets

    def at_market(self):
        """Return the answer that a request gets instead of the market's, or None."""
        if self._lasts(self._market_slow_until):
            self._world.pass_time(ANSWER_SECONDS)
        if not self._lasts(self._market_storms_until):
            return None
        status, headers = self._market_answers
        return httpx.Response(status, headers=headers, json={"error": "a bad day"})

    def seen_through(self, request, response):
        """Return what a listing shows of the market's answer."""
        hidden = self._lasts(self._hidden_until) and request.method == "GET"
        if not hidden or "/api-keys" not in request.url.path or response.is_error:
            return response
        if request.url.path.endswith(self._hidden):
            return httpx.Response(404, json={"error": {"code": "not_found"}})
        body = response.json()
        body["data"] = [row for row in body["data"] if row["id"] != self._hidden]
        headers = {"date": response.headers["date"]}
        return httpx.Response(response.status_code, headers=headers, json=body)

    def at_api_server(self, method):
        """Refuse what the API server refuses now.

        Raises:
            Refusal: The API server refuses.
        """
        if self._lasts(self._api_refuses_until) and (self._api_refuses_reading or method != "GET"):
            raise Refusal(self._api_answers)

    def at_watch(self, plural, since):
        """Return what a watch hears.

        Raises:
            Quiet: Nothing, for now.
        """
        if self._lasts(self._watches_quiet_until):
            raise Quiet
        if self._watches_break_then:
            self._watches_break_then = False
            raise urllib3.exceptions.ReadTimeoutError(None, plural, "silence")
        if self._watches_repeat and since:
            since, self._watches_repeat = "0", False
        return events_of(self._world.api, plural, since)

    def news(self):
        """Return what differs once a watch may hear something new."""
        return (
            self._world.api.version,
            self._world.api.forgotten_before,
            self._lasts(self._watches_quiet_until),
            self._watches_repeat,
        )

    def _in(self, seconds):
        return self._world.clock.seconds + seconds

    def _lasts(self, until):
        return self._world.clock.seconds < until
