"""Figures of the Kubernetes operator: `make bench ONLY=operator`."""

from bench.figures import report
from bench.operator import looks

if __name__ == "__main__":
    report("operator", looks.figures())
