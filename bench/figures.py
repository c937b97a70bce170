"""What all benchmarks share: a figure, the machine it was measured on, and how it is printed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured; it does not change from run to run.
        value: The number.
        unit: `x` for a ratio, else the unit by its usual sign.
    """

    name: str
    value: float
    unit: str


def report(area: str, figures: Iterable[Figure]) -> None:
    """Print the machine, and then each figure as soon as it is measured.

    Args:
        area: What the figures are about.
        figures: Measured while they are asked for.
    """
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    _say(f"{area}: on {machine}")
    for figure in figures:
        _say(f"figure {figure.name} {figure.value:.2f} {figure.unit}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
