"""The market as a whole: its clock, its rules and every store."""

from collections.abc import Iterable
from dataclasses import dataclass

from thegrid_emulator.clock import Clock
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.accounts import Account, Accounts
from thegrid_emulator.state.api_keys import ApiKeys
from thegrid_emulator.state.device_logins import DeviceLogins
from thegrid_emulator.state.faults import Faults
from thegrid_emulator.state.journal import Journal
from thegrid_emulator.state.rate_limits import RateLimits
from thegrid_emulator.state.redirects import Redirects
from thegrid_emulator.state.settings import AccountMode, Settings
from thegrid_emulator.state.signing_keys import SigningKeys
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
    """

    email: str | None = None
    mode: AccountMode = "easy"
    verified: bool = True
    accepted_terms: bool = True
    payment_method: bool = True
    scopes: Iterable[str] = tuple(SCOPES)
    access_token_seconds: int | None = None


class Venue:
    """Everything the emulator knows.

    Args:
        clock: where every timestamp comes from.
        rules: limits and lifetimes.
    """

    def __init__(self, clock: Clock, rules: Rules) -> None:
        self.clock = clock
        self.rules = rules
        self.accounts = Accounts()
        self.tokens = Tokens(rules)
        self.device_logins = DeviceLogins(rules)
        self.api_keys = ApiKeys()
        self.signing_keys = SigningKeys()
        self.redirects = Redirects(rules)
        self.rate_limits = RateLimits(rules)
        self.journal = Journal()
        self.faults = Faults()
        self._accounts_named = 0

    def open_account(self, new: NewAccount) -> tuple[Account, TokenPair]:
        """Open an account and log its user in.

        Raises:
            InvalidFieldsError: if the address is taken or none.
            OAuthError: `invalid_scope` if a scope is unknown.
        """
        scopes = check_scopes(new.scopes)
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
        seconds = new.access_token_seconds or self.rules.access_token_seconds
        grant = Grant(account.user_id, next(iter(CLIENTS)), scopes, seconds)
        return account, self.tokens.issue(grant, now)
