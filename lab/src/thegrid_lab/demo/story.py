"""What the demo knows so far, and how it is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from thegrid_lab.errors import LabError
from thegrid_lab.evidence import places_of

PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.2


class DemoFailed(LabError):
    """Something that the demo shows did not come true."""


@dataclass
class Story:
    """What is known so far.

    Attributes:
        console: Where the story is told.
        evidence: The folder for everything that a run leaves for people or programs to see.
        secrets: Every secret that came up; none may be in the evidence.
        calls: Calls made with any key.
        failures: What went wrong with calls, one line each.
        keys_minted: How many keys the market made.
        keys_alive: How many of them still work.
        problems: What did not come true.
    """

    console: Console
    evidence: Path
    secrets: set[str] = field(default_factory=set)
    calls: int = 0
    failures: list[str] = field(default_factory=list)
    keys_minted: int = 0
    keys_alive: int = 0
    problems: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Tell one line."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def expect(self, truth: bool, otherwise: str) -> None:  # noqa: FBT001 - it is what is expected
        """Note a problem unless something is true."""
        if not truth:
            self.problems.append(otherwise)

    def keep(self, name: str, text: str) -> None:
        """Add a text to the evidence."""
        (self.evidence / name).write_text(text)

    def search_evidence(self) -> None:
        """Look for every secret that came up in everything that was left to see."""
        files = [file for file in self.evidence.rglob("*") if file.is_file()]
        self.say(f"  searched {len(files)} logs, states and events for {len(self.secrets)} secrets")
        for place in places_of(self.secrets, self.evidence):
            self.problems.append(f"a secret stands in {place}")

    def sum_up(self) -> int:
        """Tell how it went, and return the exit code."""
        failed = len(self.failures)
        self.expect(not failed, f"{failed} calls failed, the first with {self.failures[:1]}")
        self.expect(self.keys_alive == 0, f"{self.keys_alive} keys are still alive")
        self.say(
            f"\n[bold]demo: {self.calls} calls made, {failed} failed, {self.keys_minted} keys "
            f"minted, {self.keys_alive} keys alive at the end[/bold]"
        )
        for problem in self.problems:
            text = f"demo failed: {problem}"
            self.console.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
        return 1 if self.problems else 0


def wait_for(
    true: Callable[[], bool],
    what: str,
    *,
    state: Callable[[], object],
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Wait until something is true.

    Args:
        true: Whether it is.
        what: What it is, for the error.
        state: How things stand, for the error.
        meanwhile: Called at every look.

    Raises:
        DemoFailed: It did not come true within a minute.
    """
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        meanwhile()
        if time.monotonic() > give_up_at:
            raise DemoFailed(f"waited in vain for {what}; {json.dumps(state())}")
        time.sleep(_POLL_SECONDS)
    meanwhile()
