"""Every kind of fault, by its name."""

from __future__ import annotations

import copyreg

from tests.crash.disturbances import ABOUT_NAMES, OTHERS, PAUSED
from tests.crash.faults import CRASH, LOST, Kind

KINDS = {kind.name: kind for kind in (CRASH, LOST, PAUSED, *OTHERS, *ABOUT_NAMES)}


def _by_name(name):
    return KINDS[name]


# Another process knows the kinds as well; what they do cannot be sent to it.
copyreg.pickle(Kind, lambda kind: (_by_name, (kind.name,)))
