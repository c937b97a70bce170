"""Workers that take what is due, have it reconciled, and decide when it is due again.

What belongs here: how the outcome of a look becomes the next due time. What does not: what looking
means, which the reconcilers know.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from thegrid.client import GridError, RateLimited, Refused
from thegrid_operator.cache import Name
from thegrid_operator.kube import Conflict, KubeError
from thegrid_operator.lease import NotLeading
from thegrid_operator.logs import log
from thegrid_operator.queue import DueQueue

Reconcile = Callable[[Name], timedelta | None]

SHORT_PAUSE_SECONDS = 0.2
LONGEST_TOLD_WAIT_SECONDS = 900.0
"""What the market asks for beyond may be lifted meanwhile, as by a deposit."""


class Loop:
    """Runs reconcilers on what is due.

    Args:
        queue: What is due, and when.
        reconcilers: How to look at an object, by its kind.
        may_act: Tells whether this replica may act now; others only wait.
        failed: Told of a look that failed: the object's kind and the reason.
        looked: Told of every look: the object's kind and the seconds that it took.
    """

    def __init__(
        self,
        queue: DueQueue[Name],
        reconcilers: Mapping[str, Reconcile],
        may_act: Callable[[], bool],
        *,
        failed: Callable[[str, str], None] = lambda _kind, _reason: None,
        looked: Callable[[str, float], None] = lambda _kind, _seconds: None,
    ) -> None:
        self._queue = queue
        self._reconcilers = reconcilers
        self._may_act = may_act
        self._told, self._looked = failed, looked

    def run(self, workers: int) -> list[threading.Thread]:
        """Start workers; they end when the queue is closed.

        Args:
            workers: How many objects are looked at side by side.

        Returns:
            The threads.
        """
        threads = [
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _work(self) -> None:
        while (name := self._queue.take()) is not None:
            began = time.monotonic()
            self.look_at(name)
            self._looked(name.kind, time.monotonic() - began)

    def look_at(self, name: Name) -> None:
        """Reconcile one object that was taken from the queue, and give it back."""
        if not self._may_act():
            self._queue.put_back(name)
            time.sleep(SHORT_PAUSE_SECONDS)
            return
        try:
            again = self._reconcilers[name.kind](name)
        except (NotLeading, Conflict) as dropped:
            if isinstance(dropped, NotLeading):
                log("Fenced", f"{dropped}, so the look was given up", object=str(name))
            self._queue.done(name, look_again_in=SHORT_PAUSE_SECONDS)
        except RateLimited as limit:  # nothing is amiss with the resource: no growing pauses
            wait = max(_told_by(limit), SHORT_PAUSE_SECONDS)
            self._queue.done(name, look_again_in=wait)
            self._told(name.kind, "RateLimited")
            log("RateLimited", str(limit), object=str(name), look_again_in_seconds=round(wait, 1))
        except GridError as problem:
            self._failed(name, "MarketProblem", str(problem), at_least=_told_by(problem))
        except KubeError as problem:
            self._failed(name, "KubernetesProblem", str(problem))
        except Exception as bug:  # noqa: BLE001 - one object must not end a worker
            # The text of an unexpected error may quote anything, so only its place is told.
            self._failed(name, "Bug", _place_of(bug))
        else:
            if again is None:
                self._queue.forget(name)
            else:
                self._queue.done(name, look_again_in=again.total_seconds())

    def _failed(self, name: Name, reason: str, message: str, at_least: float = 0.0) -> None:
        wait = self._queue.failed(name, at_least=at_least)
        self._told(name.kind, reason)
        log(reason, message, object=str(name), look_again_in_seconds=round(wait, 1))


def _told_by(problem: GridError) -> float:
    told = problem.retry_after if isinstance(problem, Refused) else None
    return min(told or 0.0, LONGEST_TOLD_WAIT_SECONDS)


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {where}"
