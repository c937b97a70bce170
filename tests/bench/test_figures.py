"""Each area ends well and prints just the figures that the page of benchmarks explains.

Areas are rehearsed here: a twentieth of everything shows the same code at work.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bench.figures import FULL, REHEARSED, Figure, run

ROOT = Path(__file__).parents[2]
NEED_ENGINES = {"egress", "operator", "provider"}
AREAS = [
    pytest.param(area, marks=[pytest.mark.engines] if area in NEED_ENGINES else [])
    for area in sorted(path.parent.name for path in (ROOT / "bench").glob("*/__main__.py"))
]
MINUTES = 5
REHEARSED_FIGURE = re.compile(r"^rehearsed (\w+) [0-9.]+ \w+$", re.MULTILINE)


def measured_parts(part):
    yield Figure("part", part, "x")


def test_figures_are_of_the_full_size_that_their_names_say(capsys):
    run("area", measured_parts, measured_parts, arguments=[])
    told = f"figure part {FULL:.2f} x"
    assert capsys.readouterr().out.splitlines()[1:] == [told, told]


def test_a_rehearsal_is_of_a_small_size_and_prints_no_figure(capsys):
    run("area", measured_parts, arguments=["--rehearse"])
    assert capsys.readouterr().out.splitlines()[1:] == [f"rehearsed part {REHEARSED:.2f} x"]


def documented(area):
    page = (ROOT / "bench" / "README.md").read_text()
    section = page.partition(f"\n## {area}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("area", AREAS)
def test_it_prints_the_figures_that_are_documented(area):
    command = [sys.executable, "-m", f"bench.{area}", "--rehearse"]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=MINUTES * 60, cwd=ROOT
    )
    assert sorted(REHEARSED_FIGURE.findall(done.stdout)) == sorted(documented(area)) != []
