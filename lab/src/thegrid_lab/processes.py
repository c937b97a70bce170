"""Child processes that leave nothing behind: each has a log file, and is gone when we are gone."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil

from thegrid_lab.errors import CommandFailed, ProcessFailed

_LAUNCH = Path(__file__).with_name("launch.py")
_POLL_SECONDS = 0.03
_MEBIBYTE = 1 << 20
# Below what systems give to outgoing connections: one of those could take a port before its server.
_PORTS = range(20_000, 30_000)


def _launcher(command: Sequence[str | Path]) -> list[str]:
    # Isolated and without site-packages: 15 ms instead of 60.
    launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid())]
    return launch + [str(part) for part in command]


class ChildProcess:
    """A running program whose output goes to a log file.

    It leads a session of its own, so that Ctrl-C reaches only us and we decide the order of the
    end. On Linux the kernel kills it when the thread that started it ends, however that happened;
    start it from a thread that outlives it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Start a program.

        Args:
            name: What messages call it.
            command: The program and its arguments.
            log: The file that gets its standard output and error.
            env: Its whole environment; ours by default.
            cwd: Its working folder; ours by default.

        Raises:
            ProcessFailed: The working folder does not exist.
        """
        self.name = name
        self.log = log
        with log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    _launcher(command),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=env,
                    cwd=cwd,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise ProcessFailed(f"{name} cannot start: {error.filename} is missing") from error

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """What it returned, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait(self, *, timeout_seconds: float) -> int:
        """Wait for the end.

        Args:
            timeout_seconds: How long to wait.

        Returns:
            The exit code, negative for a signal.

        Raises:
            ProcessFailed: It still runs.
        """
        try:
            return self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(
                f"{self.name} still runs after {timeout_seconds:g} s{self._last_words()}"
            ) from None

    def wait_until_ready(self, check: Callable[[], bool], *, timeout_seconds: float = 60) -> None:
        """Ask until the answer is yes.

        Args:
            check: Whether the process is ready; it must return soon.
            timeout_seconds: How long to ask.

        Raises:
            ProcessFailed: It ended, or was not ready in time; the text holds its last words.
        """
        deadline = time.monotonic() + timeout_seconds
        while not check():
            if self.exit_code is not None:
                raise ProcessFailed(
                    f"{self.name} ended with exit code {self.exit_code}{self._last_words()}"
                )
            if time.monotonic() > deadline:
                raise ProcessFailed(
                    f"{self.name} was not ready after {timeout_seconds:g} s{self._last_words()}"
                )
            time.sleep(_POLL_SECONDS)

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self.log.read_text(errors="replace").splitlines()
            words = " | ".join(line.strip() for line in lines[-3:] if line.strip())
            if words:
                return f"; its last words: {words[-600:]}"
        return ""

    def resident_memory_mb(self) -> float:
        """The resident memory in MiB; 0 after its end."""
        try:
            return float(psutil.Process(self.pid).memory_info().rss) / _MEBIBYTE
        except psutil.NoSuchProcess:
            return 0.0

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and its group, as a terminal does.

        Args:
            number: The signal.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self, *, patience_seconds: float = 5) -> None:
        """End it: ask, wait, then kill it and whatever is left of its group.

        Args:
            patience_seconds: How long it may take to end by itself.
        """
        if self.exit_code is None:
            self.signal(signal.SIGTERM)
        try:
            self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:  # a second Ctrl-C cuts the patience short, never the end
            self.signal(signal.SIGKILL)
            self._process.wait()


@dataclass(frozen=True)
class Completed:
    """What a command did.

    Attributes:
        exit_code: What it returned; negative for a signal.
        stdout: Its standard output.
        stderr: Its standard error.
        duration_seconds: How long it took.
    """

    exit_code: int
    stdout: str
    stderr: str
    duration_seconds: float


def run(
    command: Sequence[str | Path],
    *,
    title: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    timeout_seconds: float = 300,
    check: bool = True,
) -> Completed:
    """Run a command to its end; when we are interrupted, so is it.

    Args:
        command: The program and its arguments.
        title: What errors call it; it must hold no secret, so not simply every argument.
        env: Its whole environment; ours by default.
        cwd: Its working folder; ours by default.
        stdin: What it reads from its standard input.
        timeout_seconds: How long it may take.
        check: Whether a bad exit code is an error.

    Returns:
        Its output and exit code.

    Raises:
        CommandFailed: It returned something other than 0 and `check` is set.
        ProcessFailed: It did not end in time.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        _launcher(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        cwd=cwd,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(stdin, timeout=timeout_seconds)
    except BaseException as error:
        _end_group(process)
        if isinstance(error, subprocess.TimeoutExpired):
            raise ProcessFailed(f"{title} still ran after {timeout_seconds:g} s") from None
        raise
    if check and process.returncode != 0:
        raise CommandFailed(title, process.returncode, stdout=stdout, stderr=stderr)
    return Completed(process.returncode, stdout, stderr, time.monotonic() - started)


def _end_group(process: subprocess.Popen[str]) -> None:
    """Ask the group to end, and kill what has not after three seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(3)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def free_ports(count: int) -> list[int]:
    """Find loopback ports that nobody listens on.

    Args:
        count: How many.

    Returns:
        Different TCP ports of 127.0.0.1. Nothing reserves them: use them at once.
    """
    candidates = secrets.SystemRandom().sample(_PORTS, len(_PORTS))
    return list(itertools.islice(filter(_is_free, candidates), count))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def clean_exit_on_sigterm() -> Iterator[None]:
    """Turn SIGTERM into SystemExit, so that `finally` blocks run as they do on Ctrl-C.

    Only in the main thread, where Python delivers signals, and only if nobody else handles it.

    Yields:
        Nothing; the former handling is back afterwards.
    """
    try:
        ours = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        if ours:
            signal.signal(signal.SIGTERM, _exit)
    except ValueError:  # not the main thread
        ours = False
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
