"""The market as a whole: its clock, its rules and every store."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from thegrid_emulator.clock import Clock
from thegrid_emulator.exchange import Exchange
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.accounts import Account, Accounts
from thegrid_emulator.state.api_keys import ApiKeys
from thegrid_emulator.state.catalogue import INSTRUMENTS, MARKETS
from thegrid_emulator.state.daily_calls import DailyCalls
from thegrid_emulator.state.device_logins import DeviceLogins
from thegrid_emulator.state.faults import Faults
from thegrid_emulator.state.history import History
from thegrid_emulator.state.house import HOUSE, open_house
from thegrid_emulator.state.journal import Journal
from thegrid_emulator.state.metering import Metering
from thegrid_emulator.state.order_rates import OrderRates
from thegrid_emulator.state.rate_limits import RateLimits
from thegrid_emulator.state.receipts import Receipt, Receipts
from thegrid_emulator.state.redirects import Redirects
from thegrid_emulator.state.replenishment import Replenishment
from thegrid_emulator.state.seeding import checked_seeds
from thegrid_emulator.state.settings import AccountMode, Settings
from thegrid_emulator.state.signing_keys import SigningKeys
from thegrid_emulator.state.suppliers import Suppliers
from thegrid_emulator.state.sweeps import first_sweep_between
from thegrid_emulator.state.tokens import CLIENTS, SCOPES, Grant, TokenPair, Tokens, check_scopes


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What an account is opened with.

    Attributes:
        email: address; None for one that nobody has.
        mode: account mode.
        verified: whether the address has been confirmed.
        accepted_terms: whether the legal terms have been accepted.
        payment_method: whether auto-reload could charge something.
        scopes: of the token pair that is returned.
        access_token_seconds: lifetime of its access tokens; None for the market's rule.
        usd: credit in USD; 0 for none. New accounts get 25 once.
        units: whole units that can be sold, by symbol.
        consumption_units: whole units that can be consumed, by symbol; their lots begin now.
    """

    email: str | None = None
    mode: AccountMode = "easy"
    verified: bool = True
    accepted_terms: bool = True
    payment_method: bool = True
    scopes: Iterable[str] = tuple(SCOPES)
    access_token_seconds: int | None = None
    usd: Decimal = Decimal(25)
    units: Mapping[str, int] = field(default_factory=dict)
    consumption_units: Mapping[str, int] = field(default_factory=dict)


FIRST_ACCOUNT = NewAccount(consumption_units={it.symbol: 10 for it in INSTRUMENTS})
"""The account that an emulator begins with: it can consume at once."""


_LISTED = ("api_keys", "signing_keys", "exchange", "ledger")
"""The stores that listings read."""


def forget(secret: str) -> None:
    """Do nothing with a secret that was handed out: where nobody asks, nobody is told."""


class Venue:
    """Everything the emulator knows.

    Args:
        clock: where every timestamp comes from.
        rules: limits and lifetimes.
        lag_seconds: how late listings show what has changed.
        on_secret: told every API key and token as it is handed out.
    """

    def __init__(
        self,
        clock: Clock,
        rules: Rules,
        *,
        lag_seconds: float = 0.0,
        on_secret: Callable[[str], None] = forget,
    ) -> None:
        self.clock = clock
        self.rules = rules
        self.accounts = Accounts()
        self.tokens = Tokens(rules, on_secret)
        self.device_logins = DeviceLogins(rules)
        self.api_keys = ApiKeys(on_secret)
        self.signing_keys = SigningKeys()
        self.rate_limits = RateLimits(rules)
        self.order_rates = OrderRates(rules)
        self.daily_calls = DailyCalls(rules)
        self.journal = Journal()
        self.faults = Faults()
        self.history = History(lag_seconds)
        self.ledger = Ledger(rules.lot_seconds)
        self.exchange = Exchange(
            self.ledger,
            MARKETS,
            fee_rate=rules.fee_rate,
            transfers_on_fill=self._transfers_on_fill,
        )
        self.replenishment = Replenishment(self.accounts, self.ledger, self.exchange)
        self.receipts = Receipts(rules.receipt_seconds)
        self.metering = Metering(self.ledger, self.receipts, rules.usual_answer_tokens)
        self.redirects = Redirects(rules)
        self.suppliers = Suppliers()
        self._accounts_named = 0
        self._caught_up_at = clock.now()
        if rules.house_account:
            open_house(self.ledger, self.exchange, self._caught_up_at)

    def catch_up(self, now: datetime) -> None:
        """Let everything happen that time alone brings about."""
        if self.rules.sweeps:
            sweep_at = first_sweep_between(self._caught_up_at, now)
            if sweep_at is not None:
                self.exchange.sweep(sweep_at, exempt={HOUSE})
        for redirect in self.redirects.take_unused(now):
            self.metering.cancel(redirect.receipt, now)
        self.ledger.expire(now)
        self.replenishment.reload(now)
        self._caught_up_at = now

    def remember(self, now: datetime) -> None:
        """Keep what listings read, because a request is about to change something."""
        stores = {name: getattr(self, name) for name in _LISTED}
        self.history.remember(stores, (self, self.clock, self.rules), now)

    def as_listed(self, now: datetime) -> "Venue":
        """Return the market as listings show it, which may be late; it is for reading alone."""
        shown = self.history.shown(now)
        if not shown:
            return self
        late = copy.copy(self)
        vars(late).update(shown)
        return late

    def settle_call(
        self,
        receipt: Receipt,
        *,
        input_tokens: int,
        output_tokens: int,
        first_token_at: datetime | None,
    ) -> None:
        """Take what an inference call has used, and buy if that leaves too little.

        Args:
            receipt: of the call.
            input_tokens: of its question.
            output_tokens: of its answers, as far as they were sent.
            first_token_at: when the first of these was there; None without any.
        """
        now = self.clock.now()
        self.metering.settle(
            receipt,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            first_token_at=first_token_at,
            now=now,
        )
        self.replenishment.buy_if_low(receipt.user_id, receipt.instrument, now)

    def open_account(self, new: NewAccount) -> tuple[Account, TokenPair]:
        """Open an account and log its user in; listings show it, and all before it, at once.

        Raises:
            InvalidFieldsError: if the address is taken or none, or for units that cannot be given.
            MarketError: 422 `invalid_amount` if the credit cannot be given.
            OAuthError: `invalid_scope` if a scope is unknown.
        """
        scopes = check_scopes(new.scopes)
        seeds = checked_seeds(new.usd, new.units, new.consumption_units)
        now = self.clock.now()
        if not new.email:
            self._accounts_named += 1
        account = self.accounts.open(
            new.email or f"user-{self._accounts_named}@emulator.invalid",
            settings=Settings(account_mode=new.mode),
            verified=new.verified,
            accepted_terms=new.accepted_terms,
            has_payment_method=new.payment_method,
            now=now,
        )
        self.ledger.open(account.user_id, now)
        seeds.give(self.ledger, account.user_id, now)
        self.history.forget()
        seconds = new.access_token_seconds or self.rules.access_token_seconds
        grant = Grant(account.user_id, next(iter(CLIENTS)), scopes, seconds)
        return account, self.tokens.issue(grant, now)

    def deposit(self, user_id: str, usd: Decimal) -> None:
        """Let the owner of an account pay money in.

        Raises:
            MarketError: 404 for an unknown account, 422 `invalid_amount`.
        """
        account = self.accounts.get(user_id)
        self.ledger.deposit(user_id, usd, self.clock.now())
        account.has_deposited = True
        self.history.forget()

    def give_units(
        self, user_id: str, units: Mapping[str, int], consumption_units: Mapping[str, int]
    ) -> None:
        """Give units to an account that there is already.

        Args:
            user_id: whose it is.
            units: whole units that can be sold, by symbol.
            consumption_units: whole units that can be consumed, by symbol; their lots begin now.

        Raises:
            MarketError: 404 for an unknown account.
            InvalidFieldsError: for an unknown symbol, or a quantity that is none.
        """
        account = self.accounts.get(user_id)
        seeds = checked_seeds(Decimal(0), units, consumption_units)
        seeds.give(self.ledger, account.user_id, self.clock.now())
        self.history.forget()

    def _transfers_on_fill(self, user_id: str) -> bool:
        if user_id == HOUSE:
            return False
        return self.accounts.get(user_id).settings.auto_transfer_enabled
