"""The command `pulumi-thegrid`."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from pulumi_thegrid._adopt import found_keys, found_orders, found_settings
from pulumi_thegrid._adoption import Found, import_file, program
from pulumi_thegrid._connection import Connection
from pulumi_thegrid._login import Login
from thegrid.client import GridError, Misuse
from thegrid.client.access import Access, find_access

_FAILED, _MISUSED = 1, 2
_PROJECT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_DESCRIPTION = """\
Write a Pulumi project that manages what an account has already.

It reads the account that you are logged in to, changes nothing, and writes into FOLDER:

  Pulumi.yaml   the project
  __main__.py   a declaration of everything that was found
  import.json   what `pulumi import` takes into the state

Then make a stack, log it in, import, and see that nothing is left to do:

  cd FOLDER
  pulumi stack init dev
  pulumi config set thegrid:profile NAME
  pulumi import --file import.json --generate-code=false --protect=false
  pulumi preview --expect-no-changes

Found are the account's settings, and on request keys and orders.

--keys: the live keys that no stack or cluster manages. The market tells no secret again: an adopted
key works on, and `key` is null until its rotation. From then on it is the stack's: a consumption
key is replaced by the first `up` after 14 days and ends 2 days later, and `pulumi destroy` revokes
it. So adopt only keys that you can hand out anew.

--orders: the limit orders on the book that no StandingOrder placed. Each keeps its place and its
name; a changed price or quantity in the program changes it, and `pulumi destroy` cancels it. None
is renewed until you write `renew`. The market does not show `auto_transfer`, so it is taken as
false: an order that was placed with it still moves what it buys, its renewals would not.
"""
_EPILOG = """\
The login is looked for as by `thegrid`: --profile, GRID_PROFILE, THEGRID_ACCESS_TOKEN, then the
current profile of the credentials file. It needs the scope account:read, for --keys keys:manage,
and for --orders trade:read.

examples:
  pulumi-thegrid adopt --output grid-account
  pulumi-thegrid adopt --output grid-account --keys --orders
  pulumi-thegrid adopt --output research --profile research --project research-account

exit codes:
  0   the files are written
  1   the market refused or cannot be reached; nothing was written
  2   wrong flags, no login, or a file that is there already; nothing was written
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What follows the program's name; None for those of the process.

    Returns:
        The exit code.
    """
    said = _parser().parse_args(arguments)
    try:
        shown = _adopt(
            Path(said.output),
            said.project,
            find_access(os.environ, profile=said.profile),
            keys=said.keys,
            orders=said.orders,
        )
    except (GridError, OSError) as problem:
        sys.stderr.write(f"pulumi-thegrid: {' '.join(str(problem).split())}\n")
        return _MISUSED if isinstance(problem, Misuse | OSError) else _FAILED
    sys.stdout.write(shown)
    return 0


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="pulumi-thegrid", description="Help for Pulumi programs of The Grid."
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('pulumi-thegrid')}"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    adopt = commands.add_parser(
        "adopt",
        help="write a project that manages what an account has already",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=raw,
    )
    adopt.add_argument(
        "--output", required=True, metavar="FOLDER", help="where to write; made if not there"
    )
    adopt.add_argument("--profile", metavar="NAME", help="log in by this profile")
    adopt.add_argument("--keys", action="store_true", help="adopt keys too; see above")
    adopt.add_argument("--orders", action="store_true", help="adopt orders too; see above")
    adopt.add_argument(
        "--project",
        metavar="NAME",
        default="grid-account",
        help="the project's name (default: %(default)s)",
    )
    return parser


def _adopt(folder: Path, project: str, access: Access, *, keys: bool, orders: bool) -> str:
    """Read the account, write the files, and return what to show.

    Raises:
        Misuse: The project's name cannot be, a file is there already, or there is no login.
        GridError: The account cannot be read.
        OSError: A file cannot be written.
    """
    if not _PROJECT_NAME.fullmatch(project):
        raise Misuse(f"--project: {project!r}: letters, digits, '-', '_' and '.' only")
    _refuse_to_overwrite(folder)
    connection = Connection(Login(access.endpoints, access.platform_login))
    with connection.client():
        found = [found_settings(connection)]
        if keys:
            found += found_keys(connection)
        if orders:
            found += found_orders(connection, {it.name for it in found})
    texts = _files(project, connection.account_id(), found)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)
    return _next_steps(folder, access, found)


_FILES = ("Pulumi.yaml", "__main__.py", "import.json")


def _refuse_to_overwrite(folder: Path) -> None:
    for name in _FILES:
        if (folder / name).exists():
            raise Misuse(f"{folder / name}: is there already; name another folder by --output")


def _files(project: str, account_id: str, found: Sequence[Found]) -> Mapping[str, str]:
    settings = f"name: {project}\ndescription: An account of The Grid\nruntime: python\n"
    texts = (settings, program(account_id, found), import_file(found))
    return dict(zip(_FILES, texts, strict=True))


def _next_steps(folder: Path, access: Access, found: Sequence[Found]) -> str:
    login = (
        f"pulumi config set thegrid:profile {shlex.quote(access.profile.name)}"
        if access.profile
        else "pulumi config set --secret thegrid:accessToken"
    )
    lines = [
        f"Found: {', '.join(f'{it.kind.__name__} {it.name!r}' for it in found if it.arguments)}",
        "Next:",
        f"  cd {shlex.quote(str(folder))}",
        "  pulumi stack init dev",
        f"  {login}",
        "  pulumi import --file import.json --generate-code=false --protect=false",
        "  pulumi preview --expect-no-changes",
    ]
    return "\n".join(lines) + "\n"
