"""Figures of egress allow lists: `make bench ONLY=egress`."""

from bench.egress import refreshes
from bench.figures import report

if __name__ == "__main__":
    report("egress", refreshes.figures())
