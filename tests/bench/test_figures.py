"""Each area ends well and prints just the figures that the page of benchmarks explains."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEED_ENGINES = {"egress", "operator", "provider"}
AREAS = [
    pytest.param(area, marks=[pytest.mark.engines] if area in NEED_ENGINES else [])
    for area in sorted(path.parent.name for path in (ROOT / "bench").glob("*/__main__.py"))
]
MINUTES = 15
FIGURE = re.compile(r"^figure (\w+) [0-9.]+ \w+$", re.MULTILINE)


def documented(area):
    page = (ROOT / "bench" / "README.md").read_text()
    section = page.partition(f"\n## {area}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("area", AREAS)
def test_it_prints_the_figures_that_are_documented(area):
    command = [sys.executable, "-m", f"bench.{area}"]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=MINUTES * 60, cwd=ROOT
    )
    assert sorted(FIGURE.findall(done.stdout)) == sorted(documented(area)) != []
