"""The emulator inside another program: a thread of its own, on free ports."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from thegrid_emulator.admin.balances import lots_of, totals_of
from thegrid_emulator.admin.faults import fault_rule
from thegrid_emulator.admin.suppliers import recent_redirects
from thegrid_emulator.background import in_thread
from thegrid_emulator.clock import Clock
from thegrid_emulator.dialect import Dialect
from thegrid_emulator.gateway.doors import Doors
from thegrid_emulator.listeners import FREE_PORTS, LOOPBACK, Ports, bound
from thegrid_emulator.rules import Rules
from thegrid_emulator.server import Addresses, serving
from thegrid_emulator.state.settings import AccountMode
from thegrid_emulator.state.tokens import SCOPES
from thegrid_emulator.state.venue import FIRST_ACCOUNT, NewAccount, Venue, forget
from thegrid_emulator.tls import authority
from thegrid_emulator.views import JSONObject, api_key_view, device_login_view, journal_view

Result = TypeVar("Result")


@dataclass(frozen=True)
class AccountAccess:
    """An account and a login to it."""

    user_id: str
    email: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RunningEmulator:
    """A served market, with the admin routes' abilities as methods.

    Attributes:
        platform: origin, without prefix.
        trading: base with `/v1`.
        consumption: base with `/v1`.
        messages: base with `/v1`.
        gateway: origin.
        authority_file: certificate in PEM that clients must trust; None without TLS.
        account: an account to begin with: easy mode, verified, all scopes.
        clock: the market's clock. Move it by `advance`, or here to a certain time.
    """

    platform: str
    trading: str
    consumption: str
    messages: str
    gateway: str
    authority_file: Path | None
    account: AccountAccess
    clock: Clock
    _venue: Venue = field(repr=False)
    _doors: Doors = field(repr=False)
    _loop: asyncio.AbstractEventLoop = field(repr=False)

    def create_account(
        self,
        email: str | None = None,
        *,
        mode: AccountMode = "easy",
        verified: bool = True,
        accepted_terms: bool = True,
        payment_method: bool = True,
        scopes: Iterable[str] = tuple(SCOPES),
        access_token_seconds: int | None = None,
        usd: Decimal = NewAccount.usd,
        units: Mapping[str, int] | None = None,
        consumption_units: Mapping[str, int] | None = None,
    ) -> AccountAccess:
        """Open an account and log its user in; see `NewAccount` for the arguments.

        Raises:
            InvalidFieldsError: if the address is taken or none, or for units that cannot be given.
            MarketError: if the credit cannot be given.
            OAuthError: if a scope is unknown.
        """
        new = NewAccount(
            email=email,
            mode=mode,
            verified=verified,
            accepted_terms=accepted_terms,
            payment_method=payment_method,
            scopes=scopes,
            access_token_seconds=access_token_seconds,
            usd=usd,
            units=units or {},
            consumption_units=consumption_units or {},
        )
        return self._call(lambda: open_account(self._venue, new))

    def deposit(self, user_id: str, usd: Decimal) -> None:
        """Let the owner of an account pay money in.

        Raises:
            MarketError: for an unknown account or an amount that cannot be.
        """
        self._call(lambda: self._venue.deposit(user_id, usd))

    def give_units(
        self, user_id: str, symbol: str, quantity: int, *, into_consumption: bool = False
    ) -> None:
        """Give whole units to an account, to sell or to consume.

        Raises:
            MarketError: for an unknown account.
            InvalidFieldsError: for an unknown symbol, or a quantity that is none.
        """
        given, none = {symbol: quantity}, dict[str, int]()
        gifts = (none, given) if into_consumption else (given, none)
        self._call(lambda: self._venue.give_units(user_id, *gifts))

    def lots(self, user_id: str) -> list[JSONObject]:
        """Return what a user can consume, lot by lot, as the admin route does.

        Raises:
            MarketError: for an unknown account.
        """
        return self._call(lambda: lots_of(self._venue, user_id))

    def totals(self) -> JSONObject:
        """Return all money and units of the market, as the admin route does."""
        return self._call(lambda: totals_of(self._venue))

    def now(self) -> datetime:
        """Return the market's time."""
        return self.clock.now()

    def advance(self, seconds: float) -> None:
        """Move the market's clock.

        Raises:
            ValueError: if that leads out of the calendar.
        """
        self._call(lambda: self.clock.advance(seconds))

    def journal(self) -> list[JSONObject]:
        """Return every request so far, as the admin route does."""
        return self._call(lambda: [journal_view(it) for it in self._venue.journal.entries])

    def api_keys(self, user_id: str) -> list[JSONObject]:
        """Return all keys of a user without their secrets, as the admin route does."""
        return self._call(
            lambda: [api_key_view(key) for key in self._venue.api_keys.of_user(user_id)]
        )

    def pending_device_logins(self) -> list[JSONObject]:
        """Return the device logins that wait for their user, as the admin route does."""
        return self._call(
            lambda: [
                device_login_view(login)
                for login in self._venue.device_logins.pending(self.clock.now())
            ]
        )

    def approve_device(self, user_code: str, user_id: str) -> None:
        """Approve a device login.

        Raises:
            MarketError: if no pending login has this code, or no account this id.
        """
        self._call(
            lambda: self._venue.device_logins.approve(
                user_code, self._venue.accounts.get(user_id).user_id, self.clock.now()
            )
        )

    def deny_device(self, user_code: str) -> None:
        """Deny a device login.

        Raises:
            MarketError: if no pending login has this code.
        """
        self._call(lambda: self._venue.device_logins.deny(user_code, self.clock.now()))

    def order_fault(self, method: str, path: str, **fault: object) -> None:
        """Order a fault.

        Args:
            method: of the requests to strike.
            path: after the prefix, for example `/api-keys` or `/api-keys/{id}`.
            fault: the other members of the admin route's body: `times`, `surface`, and one of
                `status` (with `body`, `retry_after`), `drop`, `delay_seconds` and `hold_seconds`.

        Raises:
            InvalidFieldsError: if a member is unknown or not of its kind.
        """
        rule = fault_rule({"method": method, "path": path, **fault})
        self._call(lambda: self._venue.faults.order(rule))

    def use_suppliers(self, *hosts: str, direct: bool = False) -> None:
        """Choose where inference calls are sent on to.

        Args:
            hosts: names or addresses that redirects name in turn, without a port. At those of this
                machine, such as `127.0.0.2` or `localhost`, the gateway answers; a foreign one is
                named and not served. None for the gateway's own address.
            direct: whether calls are answered at once, without a redirect.

        Raises:
            InvalidFieldsError: if one is no host, or of this machine and cannot be listened on.
        """
        self._call(lambda: self._doors.choose(self._venue.suppliers, hosts, direct=direct))

    def redirects(self) -> list[JSONObject]:
        """Return the latest redirects, newest first, as the admin route does."""
        return self._call(lambda: recent_redirects(self._venue))

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._call(self._venue.faults.clear)

    def _call(self, function: Callable[[], Result]) -> Result:
        """Run a function in the market's own thread and return its result."""
        done: Future[Result] = Future()

        def run() -> None:
            try:
                done.set_result(function())
            except BaseException as error:  # noqa: BLE001 -- it is raised again in the caller
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result()


def open_account(venue: Venue, new: NewAccount) -> AccountAccess:
    """Open an account and log its user in.

    Raises:
        InvalidFieldsError: if the address is taken or none, or for units that cannot be given.
        MarketError: if the credit cannot be given.
        OAuthError: if a scope is unknown.
    """
    account, tokens = venue.open_account(new)
    return AccountAccess(
        user_id=account.user_id,
        email=account.email,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
    )


@contextmanager
def serve(
    *,
    ports: Ports = FREE_PORTS,
    rules: Rules | None = None,
    clock: Clock | None = None,
    lag_seconds: float = 0.0,
    dialect: Dialect = "plain",
    tls: bool = False,
    on_secret: Callable[[str], None] = forget,
) -> Iterator[RunningEmulator]:
    """Run an emulator on loopback for the length of a block.

    Args:
        ports: where it listens; free ports if not said.
        rules: limits and lifetimes of its market.
        clock: its clock; if not said, the one of the environment (`Clock.from_environment`).
        lag_seconds: how late listings show what has changed, by the market's clock.
        dialect: `alternate` for every other way in which the market may word an answer.
        tls: whether every listener speaks TLS; `RunningEmulator.authority_file` is then what a
            client has to trust.
        on_secret: told every API key and token as it is handed out, so that a test can search for
            them; the emulator itself remembers none.

    Raises:
        AddressError: if a port cannot be listened on.
    """
    venue = Venue(
        clock or Clock.from_environment(),
        rules or Rules(),
        lag_seconds=lag_seconds,
        on_secret=on_secret,
    )
    account = open_account(venue, FIRST_ACCOUNT)
    with ExitStack() as stack:
        listeners = stack.enter_context(bound(LOOPBACK, ports))
        trusted = stack.enter_context(authority()) if tls else None
        loop, doors = stack.enter_context(
            in_thread(serving(venue, listeners, authority=trusted, dialect=dialect))
        )
        yield RunningEmulator(
            **Addresses.of(listeners, tls=tls).as_dict(),
            authority_file=trusted.file if trusted else None,
            account=account,
            clock=venue.clock,
            _venue=venue,
            _doors=doors,
            _loop=loop,
        )
