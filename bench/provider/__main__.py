"""Figures of the Pulumi provider: `make bench ONLY=provider`."""

from bench.figures import report
from bench.provider import stacks

if __name__ == "__main__":
    report("provider", stacks.figures())
