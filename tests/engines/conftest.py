import time

import psutil
import pytest


@pytest.fixture
def eventually():
    """A function that waits until a condition holds, and fails if it does not in ten seconds."""

    def wait(condition):
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, "the condition never held"
            time.sleep(0.01)

    return wait


@pytest.fixture
def is_alive():
    """A function that says whether a process runs; a zombie has ended, whoever has to reap it."""

    def ask(pid):
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return ask
