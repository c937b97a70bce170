"""Whoever stops the harness stops all of it, and is told meanwhile how long it may take."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.crash.explorer import Found, Tally
from tests.crash.report import Progress, last_words
from tests.crash.side_by_side import SHOW_EVERY_SECONDS, STOPPED, explored

ROOT = Path(__file__).parents[2]
LONG = [sys.executable, "-m", "tests.crash", "--only", "first-mint", "deletion"]
WITHIN = [
    sys.executable,
    "-c",
    "import contextlib, io, signal\n"
    "from tests.crash.side_by_side import stop_when_told\n"
    "stop_when_told(lambda: 'so far')\n"
    "with contextlib.redirect_stderr(io.StringIO()):\n"
    "    signal.raise_signal(signal.SIGINT)\n",
]
PARTIAL = re.compile(
    rb"^crash \(partial\): \d scenarios, \d+ call sites, \d+ single, \d+ pairs, "
    rb"0 violations, \d+ seconds\n\Z",
    re.MULTILINE,
)
ENDINGS = {signal.SIGINT: STOPPED, signal.SIGKILL: -signal.SIGKILL}


def eventually(is_so, what, seconds=60.0):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"waited for {what}"
        time.sleep(0.05)


def children_of(process):
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def begun(process):
    """Tell whether both scenarios are being explored."""
    assert process.poll() is None, process.stderr.read().decode()
    return len(children_of(process)) == 2


def lives(pid):
    """Tell whether a process runs; one that nobody has asked about since it ended does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are listed on Linux")
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda it: it.name)
def test_nothing_of_it_lives_on_when_it_is_stopped(ending):
    with subprocess.Popen(LONG, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as whole:
        eventually(lambda: begun(whole), "two scenarios to begin")
        children = children_of(whole)

        os.kill(whole.pid, ending)

        assert whole.wait(10) == ENDINGS[ending]
        assert bool(PARTIAL.search(whole.stdout.read())) == (ending == signal.SIGINT)
        eventually(lambda: not any(map(lives, children)), "the children to be gone")


def test_it_is_stopped_within_a_world_too_where_errors_are_a_log():
    ended = subprocess.run(WITHIN, cwd=ROOT, capture_output=True, check=False, timeout=60)

    assert (ended.returncode, ended.stderr) == (STOPPED, b"stopped\n")
    assert ended.stdout == b"so far"


@dataclass
class Slow:
    """Explores for as long as it takes to be asked how far it is."""

    singles: int

    def explore(self, note):
        tally = Tally(singles=self.singles)
        end = time.monotonic() + 1.5 * SHOW_EVERY_SECONDS
        while time.monotonic() < end:
            note(tally)
        tally.singles += 1
        return tally


def test_how_far_others_are_is_known_before_they_end():
    seen = {}
    for name, tally in explored(2, {"one": Slow(1), "two": Slow(2)}, seen.update):
        assert (seen[name].singles, tally.singles) == {"one": (1, 2), "two": (2, 3)}[name]
    assert set(seen) == {"one", "two"}


def test_a_violation_that_nobody_has_seen_is_among_the_last_words():
    shown, unshown = (Found(name, (), "a key is lost", []) for name in ("shown", "unshown"))
    tallies = {"shown": Tally(singles=2, found=[shown]), "unshown": Tally(found=[unshown])}

    assert last_words(tallies, {"shown"}, 3.0).splitlines() == [
        "VIOLATION in unshown: a key is lost; replay unshown",
        "crash (partial): 2 scenarios, 0 call sites, 2 single, 0 pairs, 2 violations, 3 seconds",
    ]


def test_what_is_left_is_told_by_the_work_and_not_by_the_number_of_scenarios(capsys):
    seconds = iter((0.0, 60.0))
    progress = Progress({"short": 10.0, "long": 90.0}, clock=lambda: next(seconds))

    progress({"short": 0.0, "long": 1 / 3})
    progress.ended("short", Tally())

    told = capsys.readouterr().out
    assert "1 scenarios to go, 60 s, about 90 s left" in told
