"""Figures of egress allow lists: `make bench ONLY=egress`."""

from bench.egress import refreshes
from bench.figures import run

if __name__ == "__main__":
    run("egress", refreshes.figures)
