"""The options that all commands share, and what they lead to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from thegrid.client import Client
from thegrid.client.access import Access, find_access

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON on stdout, and errors as JSON on stderr.")
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        show_default=False,
        help="Use this profile of the credentials file, whatever the environment says.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def access_of(profile: str | None) -> Access:
    """Find the market and the login of this call.

    Raises:
        Misuse: There is none, or it cannot be used.
    """
    return find_access(os.environ, profile=profile)


@contextmanager
def platform_client(profile: str | None) -> Iterator[Client]:
    """Open a client of the platform host, which needs an OAuth login.

    Raises:
        Misuse: There is none, or it cannot be used.
    """
    access = access_of(profile)
    with Client(access.endpoints, access.platform_login) as client:
        yield client


@contextmanager
def trading_client(profile: str | None) -> Iterator[Client]:
    """Open a client of the trading host, which an OAuth login or a trading key opens.

    Raises:
        Misuse: There is neither, or it cannot be used.
    """
    access = access_of(profile)
    with Client(access.endpoints, access.trading_login) as client:
        yield client


def examples(*lines: str) -> str:
    """Write the end of a help text; typer keeps the lines below a backspace as they are."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


def help_without_command(context: typer.Context) -> None:
    """Show the help of a group where none of its commands is given."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit
