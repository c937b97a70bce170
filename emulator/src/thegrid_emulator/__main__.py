"""The command `thegrid-emulator`: start, announce, stop."""

import asyncio
import signal
import sys
from contextlib import ExitStack

from thegrid_emulator.announcement import banner, json_line
from thegrid_emulator.clock import Clock
from thegrid_emulator.command_line import Options, options, parser
from thegrid_emulator.listeners import AddressError, Listeners, bound, certified_names
from thegrid_emulator.running import open_account
from thegrid_emulator.server import Addresses, serving
from thegrid_emulator.state.venue import FIRST_ACCOUNT, Venue
from thegrid_emulator.tls import Authority, authority


def main(arguments: list[str] | None = None) -> int:
    """Run the emulator until it is interrupted.

    Args:
        arguments: of the command line; None for the process's own.

    Returns:
        Exit code: 0 after SIGINT or SIGTERM. Wrong flags exit with 2 through argparse.
    """
    made = parser()
    asked = options(made, arguments)
    try:
        with ExitStack() as stack:
            listeners = stack.enter_context(bound(asked.host, asked.ports))
            names = certified_names(asked.host)
            trusted = stack.enter_context(authority(*names)) if asked.tls else None
            asyncio.run(_serve(asked, listeners, trusted))
    except (AddressError, ValueError) as error:
        made.exit(2, f"{made.prog}: error: {error}\n")
    return 0


async def _serve(asked: Options, listeners: Listeners, trusted: Authority | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    venue = Venue(Clock.from_environment(), asked.rules, lag_seconds=asked.lag_seconds)
    account = open_account(venue, FIRST_ACCOUNT)
    announce = json_line if asked.as_json else banner
    async with serving(venue, listeners, authority=trusted, dialect=asked.dialect):
        addresses = Addresses.of(listeners, tls=asked.tls)
        sys.stdout.write(
            announce(addresses, account, asked.variant, trusted.file if trusted else None)
        )
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
