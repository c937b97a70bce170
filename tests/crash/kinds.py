"""Every kind of fault, by its name."""

from __future__ import annotations

from tests.crash.disturbances import ABOUT_NAMES, OTHERS, PAUSED
from tests.crash.faults import CRASH, LOST

KINDS = {kind.name: kind for kind in (CRASH, LOST, PAUSED, *OTHERS, *ABOUT_NAMES)}
