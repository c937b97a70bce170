"""Figures of the client and of the emulated market: `make bench ONLY=market`."""

from itertools import chain

from bench.figures import report
from bench.market import signing

report("market", chain(signing.figures()))
