"""What can go wrong in the workshop: every error is one line that says what to do.

LabError
├── EngineUnavailable    an engine is neither here nor can it be built
├── ProcessFailed        a process of ours ended or never became ready
└── CommandFailed        a command line (kubectl, helm, pulumi) refused
"""

from __future__ import annotations

import re


class LabError(Exception):
    """The root of everything this package raises by itself."""


class EngineUnavailable(LabError):
    """An engine is not installed in a supported version and cannot be built here."""


class ProcessFailed(LabError):
    """A long-running process ended early or was not ready in time."""


class CommandFailed(LabError):
    """A command ended with an exit code other than 0.

    Attributes:
        command: The command and its subcommand, without further arguments: these may hold secrets.
        exit_code: What the process returned; negative for a signal.
        stdout: Everything it wrote to its standard output.
        stderr: Everything it wrote to its standard error.
    """

    def __init__(self, command: str, exit_code: int, *, stdout: str, stderr: str) -> None:
        super().__init__(f"{command} failed with exit code {exit_code}: {_summary(stderr, stdout)}")
        self.command = command
        self.exit_code = exit_code
        self.stdout = stdout
        self.stderr = stderr


def _summary(stderr: str, stdout: str) -> str:
    """The last line that names an error (and does not only count them), or else the last one."""
    lines = [line.strip() for line in (stderr + "\n" + stdout).splitlines() if line.strip()]
    if not lines:
        return "it said nothing"
    named = [line for line in lines if re.search(r"error\b", line, re.IGNORECASE)]
    return (named or lines)[-1][:500]
