"""What all benchmarks share: a figure, the machine it was measured on, and how it is printed."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain


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


Measurement = Callable[[int], Iterable[Figure]]
"""Measures while it is asked for figures, with one of so many parts of the full size."""

FULL, REHEARSED = 1, 20


def run(area: str, *measurements: Measurement, arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for: all of it, or a rehearsal.

    Args:
        area: What the figures are about.
        *measurements: In their order.
        arguments: The command line; that of this process by default.
    """
    parser = argparse.ArgumentParser(prog=f"python -m bench.{area}")
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help=f"do 1/{REHEARSED} of everything to see that it works; what it prints is no figure",
    )
    rehearse = parser.parse_args(arguments).rehearse
    part = REHEARSED if rehearse else FULL
    figures = chain.from_iterable(measure(part) for measure in measurements)
    report(area, figures, "rehearsed" if rehearse else "figure")


def report(area: str, figures: Iterable[Figure], word: str = "figure") -> None:
    """Print the machine, and then each figure as soon as it is measured.

    Args:
        area: What the figures are about.
        figures: Measured while they are asked for.
        word: How a line begins; what was measured at another size than its name says is no figure.
    """
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    _say(f"{area}: on {machine}")
    for figure in figures:
        _say(f"{word} {figure.name} {figure.value:.2f} {figure.unit}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
