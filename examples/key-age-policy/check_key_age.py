"""Assert that no key of a stack lives longer than a number of days.

    pulumi stack output --json | python check_key_age.py 16

A key works from `since` until its successor's overlap has ended, so that is what is planned for
it: until `next_rotation`, and for `overlap` after that. A key that is never rotated has no end. One
that has been working for too long already, because nobody ran `pulumi up`, is found too.

Exits with 1 and one line for each key that breaks the policy.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from thegrid.core.duration import parse_duration


def breaches(keys: dict[str, dict[str, str]], limit: timedelta, now: datetime) -> Iterator[str]:
    """Say of each key how it breaks the policy."""
    for name, key in keys.items():
        since = datetime.fromisoformat(key["since"])
        previous = key.get("previous_since")
        oldest = datetime.fromisoformat(previous) if previous else since
        if now - oldest > limit:
            yield f"{name}: a key has been working for {days(now - oldest)}: run pulumi up"
        if not key.get("next_rotation"):
            yield f"{name}: is never rotated: set rotate_after"
            continue
        due = datetime.fromisoformat(key["next_rotation"])
        planned = due + parse_duration(key["overlap"]) - since
        if planned > limit:
            yield f"{name}: the key is going to work for {days(planned)}: shorten rotate_after"


def days(length: timedelta) -> str:
    """Write a length in days."""
    return f"{length / timedelta(days=1):.1f} days"


def main() -> int:
    """Read a stack's outputs and print what breaks the policy."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("days", type=int, help="how long a key may live")
    arguments.add_argument("--at", type=datetime.fromisoformat, help="another time than now")
    given = arguments.parse_args()
    keys = json.load(sys.stdin)["keys"]
    found = list(breaches(keys, timedelta(days=given.days), given.at or datetime.now(UTC)))
    print("\n".join(found) or f"{len(keys)} keys, none lives longer than {given.days} days")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
