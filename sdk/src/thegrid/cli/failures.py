"""What a person or a script is told when a command fails: one line, or JSON, and an exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import typer

from thegrid.client import (
    GridError,
    InDoubt,
    LoginRejected,
    Misuse,
    NotFound,
    RateLimited,
    Refused,
    Unreachable,
)


class ExitCode(IntEnum):
    """What the exit codes mean; scripts may rely on them."""

    OK = 0
    REFUSED = 1
    """The market refused or could not be reached, or a check failed. Nothing happened."""
    USAGE = 2
    """Wrong flags, or a file or setting that cannot be used. Nothing was sent."""
    IN_DOUBT = 3
    """It may have happened: look first."""
    DEFECT = 4
    """A mistake in this program."""
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed command.

    Attributes:
        kind: A word for scripts.
        message: One line for people.
        exit_code: What the process ends with.
        details: What else a script may want, by name.
    """

    kind: str
    message: str
    exit_code: ExitCode
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """Write the failure for scripts."""
        said = {"kind": self.kind, "message": self.message, "exit_code": int(self.exit_code)}
        return json.dumps({"error": {**said, **self.details}})


_KINDS: tuple[tuple[type[GridError], str, ExitCode], ...] = (
    (Misuse, "usage", ExitCode.USAGE),
    (LoginRejected, "login_rejected", ExitCode.REFUSED),
    (NotFound, "not_found", ExitCode.REFUSED),
    (RateLimited, "rate_limited", ExitCode.REFUSED),
    (Refused, "refused", ExitCode.REFUSED),
    (Unreachable, "unreachable", ExitCode.REFUSED),
    (InDoubt, "in_doubt", ExitCode.IN_DOUBT),
)
_DETAILS = ("status", "code", "request_id", "retry_after", "look_for")


def failure_of(error: Exception) -> Failure:
    """Say what an error means to whoever ran the command.

    Args:
        error: What a command raised.

    Returns:
        The failure. Of an unforeseen error only the class is told, since its text may quote
        anything.
    """
    if isinstance(error, typer.TyperException):
        return Failure("usage", _usage(error), ExitCode.USAGE)
    if isinstance(error, typer.Abort):
        return Failure("aborted", "stopped; nothing was done", ExitCode.REFUSED)
    for known, kind, code in _KINDS:
        if isinstance(error, known):
            found = {name: getattr(error, name, None) for name in _DETAILS}
            details = {name: value for name, value in found.items() if value not in (None, "")}
            return Failure(kind, str(error), code, details)
    told = f"a mistake in this program ({type(error).__name__}); THEGRID_DEBUG=1 shows where"
    return Failure("defect", told, ExitCode.DEFECT)


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    told = " ".join(error.format_message().split())
    return f"{told} (see {context.command_path} --help)" if context else told
