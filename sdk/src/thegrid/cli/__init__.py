"""The command `thegrid`: a person's and a script's way to the market.

What belongs here: flags, questions, tables, JSON and exit codes. What does not: talking to the
market and keeping logins, which `thegrid.client` does for every program. Only this package imports
typer and rich, which come with the extra `cli`.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; None takes the process's own.

    Returns:
        The exit code, see `thegrid.cli.failures.ExitCode`.
    """
    if any(find_spec(name) is None for name in ("rich", "typer")):
        sys.stderr.write("thegrid: the command line needs more: pip install 'thegrid-sdk[cli]'\n")
        return _USAGE
    from thegrid.cli.application import run  # noqa: PLC0415 - it imports what may be missing

    return run(sys.argv[1:] if arguments is None else arguments)
