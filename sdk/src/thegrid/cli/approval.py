"""Waiting until a person has approved a login in a browser."""

from __future__ import annotations

import sys
import time
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from thegrid.cli.output import Output, cell, console_on
from thegrid.client import Clock, Endpoints, OAuth, clock_for
from thegrid.client.endpoints import is_loopback
from thegrid.core.model import DeviceLogin, TokenPair

_LOOK_EVERY_SECONDS = 0.2


def approved_login(
    endpoints: Endpoints, scopes: Iterable[str], output: Output, *, browser: bool
) -> TokenPair:
    """Begin a device login, tell where to approve it, and wait for that.

    Args:
        endpoints: The market.
        scopes: What the login shall be allowed to do.
        output: Where the address and the code are told.
        browser: Whether to open the address in a browser as well.

    Returns:
        The tokens, with the scopes that were asked for where the market does not say them.

    Raises:
        Refused: The market or the person said no, or the code died.
        Unreachable: The market cannot be reached, or the code died unnoticed.
        InDoubt: No usable answer came; the login, if any, is lost and harmless.
    """
    scopes = tuple(scopes)
    with OAuth(endpoints) as oauth:
        login = oauth.start_device_login(scopes)
        _tell(login, scopes, output)
        if browser and _is_a_web_page(login.verification_uri_complete):
            webbrowser.open(login.verification_uri_complete)
        with _countdown(login, clock_for(endpoints)) as wait:
            pair = oauth.wait_for_device_login(login, wait)
    return replace(pair, scopes=pair.scopes or scopes)


def _tell(login: DeviceLogin, scopes: tuple[str, ...], output: Output) -> None:
    output.say(
        f"Open this address in a browser, on any device:\n\n"
        f"  {cell(login.verification_uri_complete)}\n\n"
        f"Check that it shows this code: {cell(login.user_code)}\n"
        f"The login may do: {', '.join(scopes)}\n"
    )


def _is_a_web_page(address: str) -> bool:
    """Tell whether an address from the market may be given to the system to open."""
    return address.startswith("https://") or (
        address.startswith("http://") and is_loopback(address)
    )


@contextmanager
def _countdown(login: DeviceLogin, clock: Clock) -> Iterator[Callable[[float], None]]:
    """Show the time that is left while waiting; a pipe is told once."""

    def told() -> str:
        left = max(login.expires_at - clock.now(), timedelta(0))
        minutes, seconds = divmod(int(left.total_seconds()), 60)
        return f"Waiting for the approval, {minutes}:{seconds:02} left (Ctrl+C stops)"

    def wait(seconds: float) -> None:
        """Sleep by the market's clock, which a test moves, and never longer than asked."""
        due, latest = clock.now() + timedelta(seconds=seconds), time.monotonic() + seconds
        while clock.now() < due and time.monotonic() < latest:
            time.sleep(_LOOK_EVERY_SECONDS)
            status.update(told())

    console = console_on(sys.stderr)
    if not console.is_terminal:
        console.print(told())
    with console.status(told()) as status:
        yield wait
