"""Children of ours: no real engine, only shells."""

import os
import signal
import socket
import subprocess
import sys
import textwrap

import psutil
import pytest

from thegrid_lab.errors import CommandFailed, ProcessFailed
from thegrid_lab.processes import ChildProcess, free_ports, run


@pytest.fixture
def start(tmp_path):
    """A function that starts a shell script, which is gone after the test."""
    started = []

    def shell(script):
        process = ChildProcess("the script", ["sh", "-c", script], log=tmp_path / "script.log")
        started.append(process)
        return process

    yield shell
    for process in started:
        process.stop(patience_seconds=0)


def test_a_process_that_ends_early_is_reported_with_its_last_words(start):
    process = start("echo reading settings; echo 'port 1 is taken' >&2; exit 3")
    with pytest.raises(ProcessFailed) as caught:
        process.wait_until_ready(lambda: False)
    assert str(caught.value) == (
        "the script ended with exit code 3; its last words: reading settings | port 1 is taken"
    )


def test_a_process_that_never_gets_ready_is_reported(start):
    process = start("echo still loading; exec sleep 600")
    with pytest.raises(ProcessFailed, match=r"the script was not ready after 0\.2 s"):
        process.wait_until_ready(lambda: False, timeout_seconds=0.2)


def test_a_program_that_does_not_exist_says_so(start, tmp_path):
    process = ChildProcess("nothing", [tmp_path / "nothing"], log=tmp_path / "log")
    with pytest.raises(ProcessFailed, match=r"cannot start .*nothing: No such file or directory"):
        process.wait_until_ready(lambda: False)


def test_a_process_that_listens_ends_by_itself(start, eventually):
    process = start("trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.01; done")
    eventually(lambda: "ready" in process.log.read_text())
    process.stop()
    assert process.exit_code == 0
    assert process.log.read_text().endswith("goodbye\n")


def test_a_process_that_does_not_listen_is_killed_with_its_children(start, eventually, is_alive):
    process = start("trap '' TERM; sleep 600 & echo ready; wait; sleep 600")
    eventually(lambda: "ready" in process.log.read_text())
    (child,) = psutil.Process(process.pid).children()
    process.stop(patience_seconds=0.1)
    assert process.exit_code == -signal.SIGKILL
    eventually(lambda: not is_alive(child.pid))


def test_children_die_when_their_parent_is_killed(tmp_path, eventually, is_alive):
    script = f"""
        import sys, time
        from pathlib import Path
        from thegrid_lab.processes import ChildProcess
        child = ChildProcess("child", ["sleep", "600"], log=Path({str(tmp_path / "log")!r}))
        child.wait_until_ready(lambda: True)
        print(child.pid, flush=True)
        time.sleep(600)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        eventually(lambda: psutil.Process(child).name() == "sleep")
        os.kill(parent.pid, signal.SIGKILL)
    eventually(lambda: not is_alive(child))


def test_a_failed_command_is_named_without_its_arguments():
    with pytest.raises(CommandFailed) as caught:
        run(["sh", "-c", "echo 'error: no such key' >&2; exit 4", "sesame"], title="vault put")
    assert str(caught.value) == "vault put failed with exit code 4: error: no such key"
    assert caught.value.stderr == "error: no such key\n"


def test_a_failed_command_is_told_by_its_error_and_not_by_their_count():
    said = "echo 'TypeError: it is not callable'; echo '    1 errored'; exit 1"
    with pytest.raises(CommandFailed, match="exit code 1: TypeError: it is not callable"):
        run(["sh", "-c", said], title="pulumi preview")


def test_a_command_that_may_fail_returns_what_it_said():
    done = run(["sh", "-c", "cat; exit 4"], title="cat", stdin="hello", check=False)
    assert (done.exit_code, done.stdout) == (4, "hello")


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path, eventually, is_alive):
    script = f"sleep 600 & echo $! > {tmp_path}/pid; wait"
    with pytest.raises(ProcessFailed, match=r"sleep still ran after 0\.5 s"):
        run(["sh", "-c", script], title="sleep", timeout_seconds=0.5)
    child = int((tmp_path / "pid").read_text())
    eventually(lambda: not is_alive(child))


def test_free_ports_differ():
    assert len(set(free_ports(20))) == 20


def test_a_port_that_is_taken_is_not_free():
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        assert port not in free_ports(9_900)
