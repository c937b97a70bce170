"""Figures of the client and of the emulated market: `make bench ONLY=market`."""

from itertools import chain

from bench.figures import report
from bench.market import matching, requests, signing

if __name__ == "__main__":  # a process that is spawned imports this module again
    report("market", chain(requests.figures(), signing.figures(), matching.figures()))
