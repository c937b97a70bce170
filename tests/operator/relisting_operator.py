"""The real command `thegrid-operator`, to which the API server says again and again: too old.

Usage: python -m tests.operator.relisting_operator FLAG... with the operator's own flags. Each watch
on which nothing happens for a moment ends as the API server ends one whose version is too old, so
everything is listed anew.
"""

from __future__ import annotations

import sys

from thegrid_operator.__main__ import main
from thegrid_operator.kube import Kube, KubeUnreachable, WatchExpired
from thegrid_operator.running import Operator

QUIET_SECONDS = 0.3
RELISTED = "was told that its version is too old"


class Forgetful(Kube):
    """An API server that remembers no version for long."""

    def watch(self, kind, *, since, silence, namespace="", **query):
        assert not since or silence > QUIET_SECONDS
        try:
            yield from super().watch(
                kind, since=since, silence=QUIET_SECONDS, namespace=namespace, **query
            )
        except KubeUnreachable:
            sys.stderr.write(f"{kind.kind} {RELISTED}\n")
            raise WatchExpired(f"watch of {kind.plural} ended: Expired") from None


if __name__ == "__main__":
    sys.exit(main(make=lambda kube, options: Operator(Forgetful(kube._raw), options)))
