"""`make demo` on real engines: it ends well, and nothing that it leaves to see holds a secret."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.engines

DEMO = [sys.executable, "-m", "thegrid_lab.demo"]


def test_the_demo_loses_no_call_and_leaves_no_key_and_no_secret(tmp_path):
    evidence = tmp_path / "evidence"
    command = [*DEMO, "--evidence", str(evidence)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)

    assert run.returncode == 0, run.stdout + run.stderr
    last = run.stdout.strip().splitlines()[-1]
    calls, failed, minted, alive = map(int, re.findall(r"\d+", last))
    assert (failed, minted, alive) == (0, 4, 0), last
    assert calls > 20
    kept = {file.name for file in evidence.rglob("*") if file.is_file()}
    assert {"operator.log", "emulator.log", "pulumi-state.json", "cluster.json"} <= kept
    assert "KeySwapped" in (evidence / "cluster.json").read_text()
    assert "ciphertext" in (evidence / "pulumi-state.json").read_text()


def test_ctrl_c_leaves_no_process_behind(tmp_path):
    story = tmp_path / "story"
    with story.open("w") as output:
        demo = subprocess.Popen(DEMO, stdout=output, stderr=subprocess.STDOUT)
    started: dict[int, psutil.Process] = {}
    deadline = time.monotonic() + 120
    while "installing the operator's chart" not in story.read_text():
        assert demo.poll() is None, story.read_text()
        assert time.monotonic() < deadline, story.read_text()
        started |= {it.pid: it for it in psutil.Process(demo.pid).children(recursive=True)}
        time.sleep(0.1)

    demo.send_signal(signal.SIGINT)

    assert demo.wait(60) == 130
    names = {it.pid: it.is_running() for it in started.values()}
    assert not any(names.values()), names
    assert "Traceback" not in story.read_text()
