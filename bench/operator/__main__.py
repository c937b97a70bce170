"""Figures of the Kubernetes operator: `make bench ONLY=operator`."""

from bench.figures import run
from bench.operator import cluster, looks, storms

if __name__ == "__main__":
    run("operator", looks.figures, storms.figures, cluster.figures)
