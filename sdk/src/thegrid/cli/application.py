"""The commands put together, and the way from an error to an exit code."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from typer.main import get_command

from thegrid.cli.balances import balances
from thegrid.cli.doctor import doctor
from thegrid.cli.failures import ExitCode, failure_of
from thegrid.cli.keys import keys
from thegrid.cli.login import login, logout
from thegrid.cli.markets import market, markets
from thegrid.cli.options import examples, help_without_command
from thegrid.cli.whoami import whoami

DEBUG_VARIABLE = "THEGRID_DEBUG"
_HELP = """The Grid from the command line: logins, keys, balances and markets.

\b
Exit codes:
  0    it worked
  1    the market refused or cannot be reached, or a check failed; nothing happened
  2    wrong flags, or a file or setting that cannot be used; nothing was sent
  3    it may have happened: look first
  4    a mistake in this program
"""

app = typer.Typer(
    help=_HELP,
    epilog=examples(
        "thegrid login                       log in to production",
        "thegrid login --environment local   log in to an emulator on this machine",
        "thegrid doctor                      find out what is wrong, and what to do",
        "thegrid COMMAND --help              what a command does, with examples",
    ),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"thegrid {version('thegrid-sdk')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    show_version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Show the help where no command is given."""
    help_without_command(context)


app.command(
    epilog=examples(
        "thegrid login",
        "thegrid login --profile staging --environment staging",
        "thegrid login --scope account:read --scope account:write",
        "thegrid login --manifest shop/grid-login | kubectl apply -f -",
    )
)(login)
app.command(epilog=examples("thegrid logout", "thegrid logout --profile staging"))(logout)
app.command(epilog=examples("thegrid whoami", "thegrid whoami --json | jq -r .user_id"))(whoami)
app.command(epilog=examples("thegrid doctor", "thegrid doctor --profile staging --json"))(doctor)
app.command(epilog=examples("thegrid balances", "thegrid balances --json | jq -r .cash.available"))(
    balances
)
app.command(epilog=examples("thegrid markets", "thegrid markets --json"))(markets)
app.command(
    epilog=examples("thegrid market text-prime", "thegrid market text-prime --depth 3 --json")
)(market)
app.add_typer(keys, name="keys")


def run(arguments: list[str]) -> int:
    """Run a command line.

    Args:
        arguments: What follows the program's name.

    Returns:
        The exit code.

    Raises:
        BaseException: Whatever went wrong, where `THEGRID_DEBUG` asks for it.
    """
    try:
        ended = get_command(app).main(args=arguments, prog_name="thegrid", standalone_mode=False)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        failure = failure_of(error)
        as_json = "--json" in arguments
        told = failure.as_json() if as_json else f"thegrid: {failure.message}"
        sys.stderr.write(told + "\n")
        return failure.exit_code
    return ended if isinstance(ended, int) else ExitCode.OK
