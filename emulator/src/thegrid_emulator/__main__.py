"""The command `thegrid-emulator`: flags, banner, start and stop."""

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import asdict
from importlib.metadata import version

from thegrid_emulator.clock import Clock
from thegrid_emulator.listeners import LOOPBACK, AddressError, Listeners, Ports, bound, is_loopback
from thegrid_emulator.rules import Rules
from thegrid_emulator.running import AccountAccess, open_account
from thegrid_emulator.server import Addresses, serving
from thegrid_emulator.state.venue import FIRST_ACCOUNT, Venue

_DESCRIPTION = """\
An emulator of The Grid (thegrid.ai) on this machine: OAuth, API keys, signing keys and account
settings; signed requests; inference behind a redirect. Nothing leaves the machine, nothing costs
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

  Approve a device login (the user code is in the answer of /v1/oauth/device/code):
    curl http://127.0.0.1:4020/_emulator/device-logins/approve \\
      --json '{"user_code": "XXXX-XXXX", "user_id": "user_..."}'
  Move the clock by an hour:
    curl http://127.0.0.1:4020/_emulator/clock --json '{"advance_seconds": 3600}'
"""

_BANNER = """\
This is an emulator of The Grid, not The Grid. It forgets everything when it ends (Ctrl+C).

  platform     {platform}  (prefixes /api/v1 and /v1; /_emulator to control it)
  trading      {trading}
  consumption  {consumption}
  messages     {messages}
  gateway      {gateway}

  account      {email}  ({user_id})

To point a client at it:

  export THEGRID_PLATFORM_URL={platform}
  export THEGRID_TRADING_URL={trading}
  export THEGRID_CONSUMPTION_URL={consumption}
  export THEGRID_MESSAGES_URL={messages}
  export THEGRID_ACCESS_TOKEN={access_token}
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
    "orders_per_second": "order writes per user and market",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the emulator until it is interrupted.

    Args:
        arguments: of the command line; None for the process's own.

    Returns:
        Exit code: 0 after SIGINT or SIGTERM. Wrong flags exit with 2 through argparse.
    """
    parser = _parser()
    flags = parser.parse_args(arguments)
    if not (flags.allow_remote or is_loopback(flags.host)):
        parser.error(
            f"--host {flags.host}: is not a loopback address, and anybody who reaches the emulator "
            "controls it; add --allow-remote if that is meant"
        )
    try:
        ports = Ports(**{name: getattr(flags, f"{name}_port") for name in _SURFACES})
        rules = Rules(**{name: getattr(flags, name) for name in _LIMITS})
        with bound(flags.host, ports) as listeners:
            asyncio.run(_serve(rules, listeners, as_json=flags.json))
    except (AddressError, ValueError) as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thegrid-emulator",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=version("thegrid-emulator"))
    parser.add_argument(
        "--host", default=LOOPBACK, help="address to listen on (default %(default)s)"
    )
    parser.add_argument(
        "--allow-remote", action="store_true", help="accept a --host that is not loopback"
    )
    defaults = Ports()
    for name, what in _SURFACES.items():
        parser.add_argument(
            f"--{name}-port",
            type=int,
            metavar="PORT",
            default=getattr(defaults, name),
            help=f"{what} (default %(default)s, 0 for a free port)",
        )
    for name, what in _LIMITS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=int,
            metavar="N",
            default=getattr(Rules(), name),
            help=f"{what} (default %(default)s)",
        )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON line when ready instead of a banner"
    )
    return parser


async def _serve(rules: Rules, listeners: Listeners, *, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    venue = Venue(Clock.from_environment(), rules)
    account = open_account(venue, FIRST_ACCOUNT)
    async with serving(venue, listeners):
        sys.stdout.write(_announcement(Addresses.of(listeners), account, as_json=as_json))
        sys.stdout.flush()
        await stop.wait()


def _announcement(addresses: Addresses, account: AccountAccess, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(addresses.as_dict() | {"account": asdict(account)}) + "\n"
    return _BANNER.format(**addresses.as_dict(), **asdict(account))


if __name__ == "__main__":
    sys.exit(main())
