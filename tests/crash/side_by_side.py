"""Scenarios side by side, each in a process; none of them outlives the one that asked for them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

SHOW_EVERY_SECONDS = 1.0
STOPPED = 130
STDERR = 2
COLLECT_RARELY = (100_000, 50, 50)
_CONTEXT = multiprocessing.get_context("spawn" if sys.platform == "darwin" else "fork")


class _Here:
    """What a process knows of itself.

    Attributes:
        shares: How far each scenario is, from 0 to 1, for all processes.
    """

    shares: list[float]


def explored(jobs, explorers, show) -> Iterator:
    """Explore scenarios.

    Args:
        jobs: How many at once.
        explorers: What explores each scenario, by its name; begun in this order.
        show: Called now and then with how far each scenario is, by its name.

    Yields:
        Each name with its tally, as it ends.
    """
    names = list(explorers)
    if jobs == 1:
        yield from _one_after_the_other(names, explorers, show)
        return
    shares = _CONTEXT.Array("d", len(names), lock=False)
    pool = ProcessPoolExecutor(jobs, mp_context=_CONTEXT, initializer=_begin, initargs=(shares,))
    with pool:
        running = {
            pool.submit(_explore, place, explorers[name]): name for place, name in enumerate(names)
        }
        while running:
            done, _ = wait(running, SHOW_EVERY_SECONDS, FIRST_COMPLETED)
            show(dict(zip(names, shares, strict=True)))
            for future in done:
                yield running.pop(future), future.result()


def stop_when_told():
    """Let this process and what it has begun end at once on Ctrl-C."""
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, _end_at_once)


def _end_at_once(_signal, _frame):
    for child in multiprocessing.active_children():
        child.kill()
    os.write(STDERR, b"stopped\n")  # within a world sys.stderr is its log
    os._exit(STOPPED)


def _one_after_the_other(names, explorers, show):
    look_for_garbage_rarely()
    shares = dict.fromkeys(names, 0.0)
    for name in names:

        def note(tally, name=name):
            shares[name] = tally.share
            show(shares)

        yield name, explorers[name].explore(note)


def _begin(shares):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked for us hears of it, too
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    look_for_garbage_rarely()
    _Here.shares = shares
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    """End when the one who asked for us is gone, even if it was killed and could not say so."""
    multiprocessing.parent_process().join()
    os._exit(1)


def look_for_garbage_rarely():
    """Nothing of what was imported is ever garbage; looking for it took a fifth of the time."""
    gc.freeze()
    gc.set_threshold(*COLLECT_RARELY)


def _explore(place, explorer):
    def note(tally):
        _Here.shares[place] = tally.share

    return explorer.explore(note)
