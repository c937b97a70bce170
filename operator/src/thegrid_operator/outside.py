"""The world beyond this process: the doors of markets, the time, and waiting.

What belongs here: whatever but the API server (`kube`) an answer or a moment can come from. Tests
run the operator in another world, with a market in the same process and a clock that they move.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from thegrid.client import Client, Clock, Endpoints, Inference, OAuth, clock_for
from thegrid.client.first_answer import FirstAnswer, first_answer
from thegrid.client.inference import catalogue_checks_keys
from thegrid.core.secret import Secret

PATIENCE_SECONDS = 2.0
"""Who sleeps for one account's limit is missed by all others; the queue waits for longer."""


class Outside:
    """The real world.

    Args:
        asked: Told of every request to a market's platform: method and status, 0 for no answer.
    """

    def __init__(self, asked: Callable[[str, int], None] | None = None) -> None:
        self._asked = asked

    def clock(self, endpoints: Endpoints | None = None) -> Clock:
        """Return the clock to use with a market, or by itself."""
        return clock_for(endpoints) if endpoints else Clock()

    def client(self, endpoints: Endpoints, token: Secret) -> Client:
        """Open a market's platform with an access token."""
        return Client(endpoints, token, patience=PATIENCE_SECONDS, asked=self._asked)

    def oauth(self, endpoints: Endpoints) -> OAuth:
        """Open a market's OAuth server."""
        return OAuth(endpoints)

    def inference(self, endpoints: Endpoints, key: Secret) -> Inference:
        """Open a market's inference with a consumption key."""
        return Inference(endpoints, key)

    def first_answer(self, endpoints: Endpoints, key: Secret, model: str) -> FirstAnswer:
        """Ask where a market would send an inference call, without going there."""
        return first_answer(endpoints, key, model)

    def checks_keys(self, endpoints: Endpoints) -> bool:
        """Ask whether a market's catalogue refuses wrong keys."""
        return catalogue_checks_keys(endpoints)

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def event(self) -> threading.Event:
        """Return what a thread waits on for an end."""
        return threading.Event()

    def condition(self) -> threading.Condition:
        """Return what workers wait on for work."""
        return threading.Condition()
