"""Accounts with money and units, what they hold at the market, and what a state says of it."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from tests.emulation import settle
from tests.provider.whole_accounts.programs import PROGRAM

from thegrid.client import Client, Endpoints
from thegrid.core.model import AccountSettings
from thegrid.core.secret import Secret

QUARTER = 90 * 86400


@dataclass(frozen=True)
class World:
    """What one account holds: live keys and orders, and all transfers, by their ids."""

    keys: frozenset[str]
    trading_keys: frozenset[str]
    orders: frozenset[str]
    transfers: tuple[str, ...]
    settings: AccountSettings

    def counts(self):
        """How many live keys, live trading keys and open orders there are, and transfers ever."""
        return (len(self.keys), len(self.trading_keys), len(self.orders), len(self.transfers))


class Hand:
    """An owner who acts without the stack."""

    def __init__(self, client, market):
        self.client, self._market = client, market

    def world(self):
        settle(self._market)
        now = self._market.now()
        return World(
            frozenset(
                it.id
                for it in self.client.list_consumption_keys().keys
                if it.is_active and (it.expires_at is None or it.expires_at > now)
            ),
            frozenset(it.id for it in self.client.list_trading_keys() if it.is_active),
            frozenset(it.id for it in self.client.orders().complete() if not it.is_terminal),
            tuple(it.id for it in self.client.transfers().complete() if it.sender_account_id),
            self.client.settings(),
        )


@pytest.fixture
def new_account(market):
    """Open an account in mode easy, with money, units to move, and a login for a quarter."""
    return lambda **changed: market.create_account(
        **{
            "access_token_seconds": QUARTER,
            "usd": Decimal(1000),
            "units": {"text-prime": 20},
            **changed,
        }
    )


@pytest.fixture
def account(new_account):
    return new_account()


@pytest.fixture
def hand_of(market):
    """Hands of accounts, which leave no order behind in the shared market."""
    made = []

    def make(account):
        addresses = (market.platform, market.trading, market.consumption, market.messages)
        made.append(Client(Endpoints(*addresses), Secret(account.access_token)))
        return Hand(made[-1], market)

    yield make
    for client in made:
        client.set_account_mode("advanced")
        client.cancel_orders()
        client.close()


@pytest.fixture
def hand(hand_of, account):
    return hand_of(account)


@pytest.fixture
def world(hand):
    """Look at the account."""
    return hand.world


@pytest.fixture
def stack(stack_of):
    """A stack with every resource."""
    return stack_of(PROGRAM)


def resources_of(stack):
    """The resources of a stack as its state has them."""
    return stack.export()["deployment"].get("resources", [])


def kept(stack, parent=""):
    """The outputs of a stack's resources by their names, or of those below a type of parent."""
    return {
        it["urn"].rpartition("::")[2]: it.get("outputs", {})
        for it in resources_of(stack)
        if f"{parent}$" in it["urn"] or not parent
    }


def agree(states, seen):
    """Assert that an account holds what states say together, and nothing else that lives."""

    def held(name, *fields):
        return {state[name].get(field) for state in states for field in fields} - {None}

    assert seen.keys == held("ci", "key_id", "previous_key_id")
    assert seen.trading_keys == held("desk", "key_id", "previous_key_id")
    assert not any(state[name]["strays"] for state in states for name in ("ci", "desk"))
    assert seen.orders == held("bid", "order_id")
    assert held("units", "transfer_id") <= {*seen.transfers}
    assert held("account", "mode") == {seen.settings.mode}
    (limit,) = held("account", "auto_reload_monthly_limit_usd")
    assert seen.settings.auto_reload_monthly_limit_usd == Decimal(limit)


@pytest.fixture
def in_accord(world):
    """Assert that the account is as the state of a stack says, and return the state's outputs."""

    def in_accord(stack):
        state = kept(stack)
        agree([state], world())
        return state

    return in_accord
