"""An operator on a real API server that dies at one effect, and whoever takes its place."""

from __future__ import annotations

import signal
from functools import partial

from tests.crash.faults import APPLIED
from tests.crash.sites import sites_of
from tests.operator.test_pods_adopt import QUICK

_OF_A_KIND = {
    r"[\w.-]+\.status": ("GridAccount", "ConsumptionKey", "SupplierEgress"),
    r"[\w.-]+\.facts": ("SupplierEgress",),
}
"""Sites that tell the kind of resource, and which kinds have them."""

_EGRESS = ("egress", "SupplierEgress")


def sites(*, of_egress):
    """Return the sites of every effect on keys and accounts, or of those on allow lists."""
    found = {each for site in sites_of() for each in _of_each_kind(site.pattern)}
    return sorted(it for it in found if it.startswith(_EGRESS) == of_egress)


def _of_each_kind(pattern):
    ending = pattern.removeprefix(r"[\w.-]+")
    return [kind + ending for kind in _OF_A_KIND.get(pattern, ())] or [pattern]


class Fated:
    """An operator that dies at one effect, and whoever takes its place.

    Args:
        start: Starts a replica.
        site: Where it dies, as a pattern.
        flags: More flags of the operator's.
    """

    def __init__(self, start, site, flags=()):
        program = ("tests.crash.killed_operator", site, APPLIED)
        self._start = partial(start, flags=(*QUICK, *flags))
        self._first = self._start(program=program)
        self._second = None

    def watch(self):
        """Start another one once the first is dead."""
        if self._first.exit_code is not None and self._second is None:
            self._second = self._start()

    @property
    def was_killed(self):
        return self._first.exit_code == -signal.SIGKILL
