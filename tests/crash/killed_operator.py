"""The real command `thegrid-operator`, which kills itself at one effect: `kill -9` on the spot.

Usage: python -m tests.crash.killed_operator SITE PHASE FLAG... with the operator's own flags.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from functools import partial

from tests.crash.faults import APPLIED, BEFORE

from thegrid_operator.__main__ import main
from thegrid_operator.effects import Effects
from thegrid_operator.running import Operator


class Deadly(Effects):
    """A door for effects behind which one of them ends the process.

    Args:
        site: A pattern for the effect's name.
        phase: Whether it ends before the effect or after it.
    """

    def __init__(self, site, phase, fence, clock):
        super().__init__(fence, clock)
        self._site = re.compile(site)
        self._phase = phase

    def __call__(self, site, do):
        return super().__call__(site, partial(self._deadly, site, do))

    def finish(self, site, do):
        return super().finish(site, partial(self._deadly, site, do))

    def _deadly(self, site, do):
        hit = self._site.fullmatch(site)
        if hit and self._phase == BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        result = do()
        if hit and self._phase == APPLIED:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


if __name__ == "__main__":
    site, phase, *flags = sys.argv[1:]
    make_door = partial(Deadly, site, phase)
    sys.exit(main(flags, make=partial(Operator, make_door=make_door)))
