"""Accounts: who they are and what they have agreed to. One user is one account."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from thegrid_emulator.errors import InvalidFieldsError, MarketError, not_found
from thegrid_emulator.state.settings import Settings


@dataclass
class Account:
    """One user's account.

    Attributes:
        user_id: `user_` and a UUID.
        email: address, unique in the market.
        verified: whether the address has been confirmed.
        accepted_terms: whether the legal terms have been accepted.
        has_payment_method: whether auto-reload could charge something.
        settings: as the owner and the mode left them.
        created_at: when the account was opened.
        updated_at: when the settings were last written.
        has_deposited: whether money has been paid in; the credit of a new account does not count.
    """

    user_id: str
    email: str
    verified: bool
    accepted_terms: bool
    has_payment_method: bool
    settings: Settings
    created_at: datetime
    updated_at: datetime
    has_deposited: bool = False

    @property
    def name(self) -> str:
        """Name for a human: the part of the address before the `@`."""
        return self.email.partition("@")[0]

    def check_may_change_settings(self) -> None:
        """Let a verified user who accepted the terms pass.

        Raises:
            MarketError: 403 otherwise. The codes are the emulator's; production's are not public.
        """
        if not self.verified:
            raise MarketError(
                HTTPStatus.FORBIDDEN, "email_not_verified", "the e-mail address is not verified"
            )
        if not self.accepted_terms:
            raise MarketError(
                HTTPStatus.FORBIDDEN,
                "legal_terms_not_accepted",
                "the legal terms have not been accepted",
            )

    def write_settings(self, settings: Settings, now: datetime) -> None:
        """Replace the settings."""
        self.settings = settings
        self.updated_at = now


class Accounts:
    """All accounts of the market."""

    def __init__(self) -> None:
        self._by_id: dict[str, Account] = {}

    def open(
        self,
        email: str,
        *,
        settings: Settings,
        verified: bool,
        accepted_terms: bool,
        has_payment_method: bool,
        now: datetime,
    ) -> Account:
        """Open an account.

        Raises:
            InvalidFieldsError: if the address has no `@` or is taken.
        """
        if "@" not in email:
            raise InvalidFieldsError("email", "must be an e-mail address")
        if any(account.email == email for account in self._by_id.values()):
            raise InvalidFieldsError("email", "has already been taken")
        account = Account(
            user_id=f"user_{uuid.uuid4()}",
            email=email,
            verified=verified,
            accepted_terms=accepted_terms,
            has_payment_method=has_payment_method,
            settings=settings,
            created_at=now,
            updated_at=now,
        )
        self._by_id[account.user_id] = account
        return account

    def all(self) -> list[Account]:
        """Return every account, oldest first."""
        return list(self._by_id.values())

    def get(self, user_id: str) -> Account:
        """Return an account.

        Raises:
            MarketError: 404 if there is none.
        """
        try:
            return self._by_id[user_id]
        except KeyError:
            raise not_found("account") from None
