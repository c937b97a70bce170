"""Whether a replica has ended in good order: only then it may say so to the next one."""

from __future__ import annotations

import threading

import pytest

from thegrid_operator.running import have_ended


@pytest.fixture
def busy():
    """A thread in the middle of something, such as a request that nobody answers."""
    answered = threading.Event()
    thread = threading.Thread(target=answered.wait, daemon=True)
    thread.start()
    yield thread
    answered.set()
    thread.join(10)


def idle():
    thread = threading.Thread(target=lambda: None)
    thread.start()
    return thread


def test_a_worker_that_is_in_the_middle_of_something_has_not_ended(busy):
    assert not have_ended([busy, idle()], 20.0, clock=lambda: 20.0)


def test_workers_that_have_done_what_they_began_have_ended():
    assert have_ended([idle(), idle()], 20.0, clock=lambda: 0.0)
