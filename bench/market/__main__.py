"""Figures of the client and of the emulated market: `make bench ONLY=market`."""

from bench.figures import run
from bench.market import matching, requests, signing

if __name__ == "__main__":  # a process that is spawned imports this module again
    run("market", requests.figures, signing.figures, matching.figures)
