"""Figures of the Kubernetes operator: `make bench ONLY=operator`."""

from itertools import chain

from bench.figures import report
from bench.operator import cluster, looks, storms

if __name__ == "__main__":
    report("operator", chain(looks.figures(), storms.figures(), cluster.figures()))
