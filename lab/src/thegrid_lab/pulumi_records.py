"""What the Pulumi CLI writes on its way, kept so that a test can search it."""

from __future__ import annotations

from pathlib import Path

from thegrid_lab.processes import Completed

_WITH_EVENTS = ("up", "preview", "refresh", "destroy")
_SHOWING = "--show-secrets"


class Records:
    """Outputs and engine events of commands, in files of a folder.

    A command that is asked to show secrets is not kept.

    Attributes:
        folder: Where they are kept; None keeps nothing.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._count = 0

    def begin(self, arguments: tuple[str, ...]) -> tuple[str, list[str], dict[str, str]]:
        """Prepare for a command.

        Args:
            arguments: The command and its options.

        Returns:
            A name for what is kept of it, and the options and variables that it needs beside.
        """
        self._count += 1
        name = f"{self._count:03}-{arguments[0]}"
        if self.folder is None or arguments[0] not in _WITH_EVENTS:
            return name, [], {}
        # The option is there only for those who debug the CLI.
        events = ["--event-log", str(self.folder / f"{name}.events")]
        return name, events, {"PULUMI_DEBUG_COMMANDS": "true"}

    def keep(self, name: str, arguments: tuple[str, ...], done: Completed) -> None:
        """Keep what a command has put out.

        Args:
            name: As `begin` gave it.
            arguments: The command and its options.
            done: What it did.
        """
        if self.folder is None or _SHOWING in arguments:
            return
        for kind in ("stdout", "stderr"):
            (self.folder / f"{name}.{kind}").write_text(getattr(done, kind))
