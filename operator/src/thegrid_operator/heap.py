"""How this process holds memory: what a large answer took goes back once it was read.

What belongs here: settings of the C library. What does not: what is kept, which is everybody's own.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3)."""

_LARGE_BYTES = 128 * 1024


def give_back_freed_memory() -> bool:
    """Have the C library give freed memory back to the system, where it can be told to.

    By itself glibc gives each thread a heap of its own, and keeps blocks as large as the largest
    that was ever freed. A listing of thousands of keys then stays with each worker that read one.

    Returns:
        Whether the library has taken the settings; others than glibc have none.
    """
    settings = {_ARENA_MAX: 1, _MMAP_THRESHOLD: _LARGE_BYTES, _TRIM_THRESHOLD: _LARGE_BYTES}
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(name, value) == 1 for name, value in settings.items())
