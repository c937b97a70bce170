"""Scenarios side by side, each in a process; none of them outlives the one that asked for them."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.queues
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

SHOW_EVERY_SECONDS = 1.0
STOPPED = 130
STDOUT, STDERR = 1, 2
COLLECT_RARELY = (100_000, 50, 50)
_CONTEXT = multiprocessing.get_context("spawn" if sys.platform == "darwin" else "fork")


class _Here:
    """What a process knows of itself.

    Attributes:
        told: Where it says how far it is: pairs of a scenario's name and its tally so far.
    """

    told: multiprocessing.queues.SimpleQueue


def explored(jobs, explorers, show) -> Iterator:
    """Explore scenarios.

    Args:
        jobs: How many at once.
        explorers: What explores each scenario, by its name; begun in this order.
        show: Called now and then with the tallies so far, by the scenarios' names.

    Yields:
        Each name with its tally, as it ends.
    """
    names = list(explorers)
    if jobs == 1:
        yield from _one_after_the_other(names, explorers, show)
        return
    told = _CONTEXT.SimpleQueue()
    pool = ProcessPoolExecutor(jobs, mp_context=_CONTEXT, initializer=_begin, initargs=(told,))
    with pool:
        running = {pool.submit(_explore, name, explorers[name]): name for name in names}
        while running:
            done, _ = wait(running, SHOW_EVERY_SECONDS, FIRST_COMPLETED)
            while not told.empty():
                show(dict([told.get()]))
            for future in done:
                yield running.pop(future), future.result()


def stop_when_told(last_words: Callable[[], str] = str):
    """Let this process and what it has begun end at once on Ctrl-C.

    Args:
        last_words: Says what came of it so far.
    """

    def end_at_once(_signal, _frame):
        for child in multiprocessing.active_children():
            child.kill()
        os.write(STDOUT, last_words().encode())
        os.write(STDERR, b"stopped\n")  # within a world sys.stderr is its log
        os._exit(STOPPED)

    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, end_at_once)


def _one_after_the_other(names, explorers, show):
    look_for_garbage_rarely()
    for name in names:

        def note(tally, name=name):
            show({name: tally})

        yield name, explorers[name].explore(note)


def _begin(told):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked for us hears of it, too
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    look_for_garbage_rarely()
    _Here.told = told
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    """End when the one who asked for us is gone, even if it was killed and could not say so."""
    multiprocessing.parent_process().join()
    os._exit(1)


def look_for_garbage_rarely():
    """Nothing of what was imported is ever garbage; looking for it took a fifth of the time."""
    gc.freeze()
    gc.set_threshold(*COLLECT_RARELY)


def _explore(name, explorer):
    told_at = time.monotonic()

    def note(tally):
        nonlocal told_at
        if time.monotonic() > told_at + SHOW_EVERY_SECONDS:
            told_at = time.monotonic()
            _Here.told.put((name, tally))

    return explorer.explore(note)
