"""A Secret as a mounted volume shows it: brought up to date once in a period, and old in between.

What a kubelet would have put there at its last turn is worked out whenever somebody reads, so that
no process has to be on time for that.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from tests.soak.cluster import Door, entries_of, known_from


@dataclass
class Volume:
    """A volume of one pod.

    Attributes:
        door: The way to the API server.
        secret: The Secret's path there.
        shown: What it shows at first.
        known_at: When that was known to be so.
        first_turn: When the kubelet looks after it for the first time, and then once in a period.
        period: That period in seconds.
    """

    door: Door
    secret: str
    shown: dict[str, str]
    known_at: float
    first_turn: float
    period: float

    def last_turn(self, now):
        """Return when the kubelet looked after it last; before the first turn, an earlier time."""
        return self.first_turn + math.floor((now - self.first_turn) / self.period) * self.period

    def read(self):
        """Return the files' texts by their names.

        Who was held up for more than a period cannot know what was shown meanwhile, and waits.
        """
        while True:
            now = time.time()
            turn = self.last_turn(now)
            if turn < self.first_turn:
                break
            secret = self._http.get(self.secret).raise_for_status().json()
            if known_from(secret) <= turn:
                self.shown = entries_of(secret)
                break
            if self.known_at >= turn - self.period:
                break
            time.sleep(turn + self.period - now)
        self.known_at = now
        return self.shown

    @property
    def _http(self):
        if "http" not in self.__dict__:
            self.__dict__["http"] = self.door.open()
        return self.__dict__["http"]
