"""The one door through which every effect of a reconciler goes.

Behind it an effect is done only while this replica leads; tests break it here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from thegrid.client import Clock

T = TypeVar("T")


class Effects:
    """Lets effects pass while this replica may act.

    Args:
        fence: Raises when it may not.
        clock: What pauses are taken by.
    """

    def __init__(self, fence: Callable[[], None], clock: Clock) -> None:
        self._fence = fence
        self._clock = clock

    def __call__(self, site: str, do: Callable[[], T]) -> T:  # noqa: ARG002 - tests break by site
        """Do one effect.

        Args:
            site: Which effect this is, by a name that never changes.
            do: Does it.

        Returns:
            What `do` returned.

        Raises:
            NotLeading: This replica may not act; nothing was done.
        """
        self._fence()
        return do()

    def finish(self, site: str, do: Callable[[], T]) -> T:  # noqa: ARG002 - as above
        """Finish an effect that began behind the fence, leading or not.

        For the rare thing that is lost for good when it is left half done. It must be harmless to
        whoever leads by now, so `do` checks that nobody else has done it.

        Args:
            site: Which effect this is, by a name that never changes.
            do: Does it.

        Returns:
            What `do` returned.
        """
        return do()

    def pause(self, seconds: float) -> None:
        """Wait between two tries of an effect."""
        self._clock.sleep(seconds)
