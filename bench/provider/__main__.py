"""Figures of the Pulumi provider: `make bench ONLY=provider`."""

from bench.figures import run
from bench.provider import stacks

if __name__ == "__main__":
    run("provider", stacks.figures)
