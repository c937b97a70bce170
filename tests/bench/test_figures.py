"""Each benchmark ends well and prints the figures that its page promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
PROGRAMS = sorted(BENCH.glob("*.py"))
FIGURE = re.compile(r"^figure (\w+) [0-9.]+ \w+$", re.MULTILINE)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_it_prints_the_figures_that_are_documented(program):
    command = [sys.executable, str(program)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    row = next(
        line for line in (BENCH / "README.md").read_text().splitlines() if program.name in line
    )
    assert FIGURE.findall(said)
    assert all(f"`{figure}`" in row for figure in FIGURE.findall(said))
