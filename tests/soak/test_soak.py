"""`make soak` in small: keys rotate while SDKs call, and it would be noticed if a call failed."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.engines

QUICK = ["--rotate-after=4", "--overlap=1", "--volume-delay=3", "--volume-period=1.5"]
LAST = re.compile(r"soak: (\d+) rotations, (\d+) calls, (\d+) failed, (\d+) keys left")


def soaked(*flags):
    command = [sys.executable, "-m", "tests.soak", *QUICK, *flags]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)
    told = run.stdout + run.stderr
    last = LAST.fullmatch(run.stdout.splitlines()[-1])
    assert last, told
    return run.returncode, tuple(map(int, last.groups())), told


def test_no_call_fails_while_three_keys_rotate_and_no_key_is_left():
    code, (rotations, calls, failed, left), told = soaked("--resources=3", "--rotations=4")

    assert (code, failed, left) == (0, 0, 0), told
    assert rotations >= 12
    assert calls > 30


def test_calls_fail_when_the_operator_believes_that_volumes_change_at_once():
    slow_volumes = ["--volume-period=20", "--told-volume-delay=0"]

    code, (_, _, failed, _), told = soaked("--resources=1", "--rotations=2", *slow_volumes)

    assert code == 1, told
    assert failed > 0
    assert "AuthenticationError" in told
