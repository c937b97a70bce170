"""What the operator keeps in memory with many keys, in a cluster."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure
from bench.operator.scene import Scene

SIZES = (2_000, 10_000)
AT_ONCE = 1_000
LONGEST_SECONDS = 300.0
"""For so many keys to be made."""


def figures(scene: Scene, count: int, part: int) -> Iterator[Figure]:
    """Declare more and more keys, and measure memory once all were made.

    Args:
        scene: What runs.
        count: How many keys there are already.
        part: One of so many parts is done, and of those as many again, since keys take long.
    """
    for size in SIZES:
        upto = count + (size - count) // part**2
        names = [f"more-{number}" for number in range(count, upto)]
        for first in range(0, len(names), AT_ONCE):
            scene.declare(names[first : first + AT_ONCE], LONGEST_SECONDS)
            sys.stderr.write(f"operator: {min(count + first + AT_ONCE, upto)} keys were made\n")
        count = upto
        yield Figure(f"rss_mb_{size}", scene.operator.resident_memory_mb(), "MB")
    yield Figure(f"rss_mb_{SIZES[-1]}_peak", peak_memory_mb(scene), "MB")


def peak_memory_mb(scene: Scene) -> float:
    """Return the most memory that the operator ever took, as Linux tells it (proc(5))."""
    status = Path(f"/proc/{scene.operator.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")
