"""The command's flags: what they are called, what they mean, and what they make."""

import argparse
import math
from dataclasses import dataclass
from importlib.metadata import version
from typing import get_args

from thegrid_emulator.dialect import Dialect
from thegrid_emulator.listeners import LOOPBACK, AddressError, Ports, is_loopback
from thegrid_emulator.rules import Rules

_DESCRIPTION = """\
An emulator of The Grid (thegrid.ai) on this machine. Nothing leaves the machine, nothing costs
anything, and all state is gone when it ends.
"""

_EPILOG = """\
environment:
  THEGRID_TEST_CLOCK    names a file that holds the clock's offset in seconds, for several
                        processes that must agree about the time

examples:
  thegrid-emulator                         serve on the usual local ports
  thegrid-emulator --platform-port 0       let the system choose the platform's port
  thegrid-emulator --json                  print addresses and account as one JSON line
  thegrid-emulator --tls                   speak TLS; the banner says what to trust

  thegrid-emulator --lag 2 --dialect alternate
                                           be as late and as unlike itself as production may be

  Approve a device login (the user code is in the answer of /v1/oauth/device/code):
    curl http://127.0.0.1:4020/_emulator/device-logins/approve \\
      --json '{"user_code": "XXXX-XXXX", "user_id": "user_..."}'
  Move the clock by an hour:
    curl http://127.0.0.1:4020/_emulator/clock --json '{"advance_seconds": 3600}'
  Let the next key request lose its answer:
    curl http://127.0.0.1:4020/_emulator/faults \\
      --json '{"method": "POST", "path": "/api-keys", "drop": "after"}'
"""

_SURFACES = {
    "platform": "Platform API: OAuth, keys, settings",
    "trading": "Trading API",
    "consumption": "Consumption API in OpenAI shape",
    "messages": "Consumption API in Anthropic shape",
    "gateway": "inference gateway, the target of redirects",
}

_LIMITS = {
    "platform_requests_per_minute": "requests per credential to the Platform API",
    "trading_requests_per_minute": "requests per credential to the Trading API",
    "inference_requests_per_minute": "requests per credential to each Consumption host",
    "orders_per_second": "order writes per user and market, in the long run and in one burst",
    "daily_calls_without_deposit": "inference calls a day of an account that never deposited",
}

_LONGEST_LAG = 3600

_SWITCHES = {
    "refresh_keeps_its_token": "let a refresh token stay good, and answer without another",
    "revoke_on_refresh_reuse": "end a login when one of its refresh tokens comes twice",
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command was asked for.

    Attributes:
        host: address to listen on.
        ports: where.
        rules: limits and lifetimes of the market.
        lag_seconds: how late listings show what has changed.
        dialect: in which words the market answers.
        tls: whether every listener speaks TLS.
        as_json: whether to announce itself to a program.
    """

    host: str
    ports: Ports
    rules: Rules
    lag_seconds: float
    dialect: Dialect
    tls: bool
    as_json: bool

    @property
    def variant(self) -> str:
        """How it differs from the plain emulator, by its flags; empty if it does not."""
        flags = (
            f"--lag {self.lag_seconds:g}" if self.lag_seconds else "",
            f"--dialect {self.dialect}" if self.dialect != "plain" else "",
            "--tls" if self.tls else "",
        )
        return " ".join(filter(None, flags))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's flags."""
    made = argparse.ArgumentParser(
        prog="thegrid-emulator",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=version("thegrid-emulator"))
    made.add_argument(
        "--json", action="store_true", help="print one JSON line when ready instead of a banner"
    )
    _add_addresses(made.add_argument_group("where it listens"))
    _add_variants(made.add_argument_group("how it speaks"))
    _add_rules(made.add_argument_group("limits"))
    return made


def options(made: argparse.ArgumentParser, arguments: list[str] | None) -> Options:
    """Read the command's arguments.

    Args:
        made: by `parser`; wrong flags end the process through it, with exit code 2 and one line.
        arguments: of the command line; None for the process's own.
    """
    flags = made.parse_args(arguments)
    if not (flags.allow_remote or is_loopback(flags.host)):
        made.error(
            f"--host {flags.host}: is not a loopback address, and anybody who reaches the emulator "
            "controls it; add --allow-remote if that is meant"
        )
    try:
        return Options(
            host=flags.host,
            ports=Ports(**{name: getattr(flags, f"{name}_port") for name in _SURFACES}),
            rules=Rules(**{name: getattr(flags, name) for name in (*_LIMITS, *_SWITCHES)}),
            lag_seconds=flags.lag,
            dialect=flags.dialect,
            tls=flags.tls,
            as_json=flags.json,
        )
    except (AddressError, ValueError) as error:
        made.error(str(error))


def _add_addresses(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--host", default=LOOPBACK, help="address to listen on (default %(default)s)"
    )
    group.add_argument(
        "--allow-remote", action="store_true", help="accept a --host that is not loopback"
    )
    for name, what in _SURFACES.items():
        group.add_argument(
            f"--{name}-port",
            type=int,
            metavar="PORT",
            default=getattr(Ports(), name),
            help=f"{what} (default %(default)s, 0 for a free port)",
        )


def _add_variants(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--lag",
        type=_lag,
        metavar="SECONDS",
        default=0.0,
        help="let lists, balances, transfers and cancels appear so much later (default 0)",
    )
    group.add_argument(
        "--dialect",
        choices=get_args(Dialect),
        default="plain",
        help="alternate: every other wording that the documentation allows (default %(default)s)",
    )
    group.add_argument(
        "--tls", action="store_true", help="TLS with a certificate of an authority made for it"
    )


def _add_rules(group: argparse._ArgumentGroup) -> None:
    for name, what in _LIMITS.items():
        default = getattr(Rules(), name)
        group.add_argument(
            _flag(name),
            type=int,
            metavar="N",
            default=default,
            help=f"{what} (default {'no limit' if default is None else default})",
        )
    for name, what in _SWITCHES.items():
        group.add_argument(_flag(name), action="store_true", help=what)


def _lag(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST_LAG:
        raise argparse.ArgumentTypeError(f"must be a number of seconds from 0 to {_LONGEST_LAG}")
    return seconds


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
