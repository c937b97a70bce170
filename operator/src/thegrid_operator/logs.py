"""One JSON line for each fact, with a stable reason that alerts can be built on.

What belongs here: the shape of a line. No line holds a secret: callers pass names, ids, counts and
the texts of our own errors, which carry none.
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime

_LOCK = threading.Lock()


def log(reason: str, message: str, **fields: object) -> None:
    """Write one line to standard error.

    Args:
        reason: A word in CamelCase that never changes its meaning.
        message: One sentence for people.
        **fields: More facts: text, numbers, booleans.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "reason": reason}
    text = json.dumps({**line, "message": message, **fields}, default=str)
    with _LOCK:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
