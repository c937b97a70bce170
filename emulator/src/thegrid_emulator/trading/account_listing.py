"""How accounts of each kind are listed: by the same filters and orders."""

from datetime import datetime
from typing import Protocol, TypeVar

from thegrid_emulator.errors import not_found
from thegrid_emulator.filters import Filter, identifier
from thegrid_emulator.paging import Listing

STATUS = "active"
"""The status of every account: the emulator closes none."""


class Balance(Protocol):
    """What an account holds, as the ledger keeps it."""

    @property
    def created_at(self) -> datetime:
        """When the account was opened."""

    @property
    def updated_at(self) -> datetime:
        """When a balance last changed."""


class HeldAccount(Protocol):
    """A balance of one user in one instrument."""

    @property
    def account_id(self) -> str:
        """Its id."""

    @property
    def instrument_id(self) -> str:
        """Which instrument it holds."""

    @property
    def balance(self) -> Balance:
        """What it holds."""


Held = TypeVar("Held", bound=HeldAccount)


LISTING: Listing[HeldAccount] = Listing(
    identify=lambda it: it.account_id,
    order_by={
        "created_at": lambda it: it.balance.created_at,
        "updated_at": lambda it: it.balance.updated_at,
        "instrument_id": lambda it: it.instrument_id,
    },
    filters={
        "account_id": Filter(lambda it: it.account_id),
        "instrument_id": Filter(lambda it: it.instrument_id, identifier("instrument")),
        "status": Filter(lambda _: STATUS),
    },
)


def account_with_id(accounts: list[Held], account_id: str) -> Held:
    """Return one of a user's accounts.

    Raises:
        MarketError: 404 if none of them has this id.
    """
    for account in accounts:
        if account.account_id == account_id:
            return account
    raise not_found("account")
