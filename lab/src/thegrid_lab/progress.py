"""What a person sees while something long runs: a live line on a terminal, else plain ones."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextlib.contextmanager
def step(console: Console, title: str) -> Iterator[None]:
    """Show that a step runs, and how long it took.

    Args:
        console: Where to show it.
        title: What is being done, such as ``building etcd 3.6.16``.

    Yields:
        Nothing; the step is what runs meanwhile. A step that raises is shown as failed.
    """
    started = time.monotonic()
    if console.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            progress.add_task(title)
            yield
    else:
        console.print(f"{title} ... ", end="", highlight=False, soft_wrap=True)
        try:
            yield
        except BaseException:
            console.print("failed")
            raise
    seconds = time.monotonic() - started
    done = f"done in {seconds:.0f} s" if seconds >= 1 else f"done in {seconds:.1f} s"
    console.print(
        f"{title} ... {done}" if console.is_terminal else done, highlight=False, soft_wrap=True
    )
