"""Whose a recorded transfer is: known to a process as soon as it has seen the record."""

from itertools import count

import pytest

from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.transfer import TransferLifecycle
from pulumi_thegrid._lifecycles.transfer_memory import MEMORY
from pulumi_thegrid._login import Login
from thegrid.client import Endpoints
from thegrid.core.secret import Secret

NUMBERS = count()
SEEN = {
    "a preview": lambda it, connection, old: it.diff(connection, old, old),
    "a refresh": lambda it, connection, old: it.read(connection, old),
    "an update": lambda it, connection, old: it.update(connection, old, old),
    "a deletion": lambda it, connection, old: it.delete(connection, old),
}


@pytest.fixture
def connection(market, account):
    addresses = (market.platform, market.trading, market.consumption, market.messages)
    made = Connection(Login(Endpoints(*addresses), Secret(account.access_token)))
    yield made
    made.close()


@pytest.fixture
def recorded(account, hand):
    """What a state holds of a transfer that another process made."""
    number = next(NUMBERS)
    return {
        "name": "units",
        "instrument": "text-prime",
        "instrument_id": hand.instrument_by_symbol("text-prime").id,
        "quantity": "1",
        "on_ambiguous": "fail",
        "triggers": [],
        "transfer_id": f"transfer_{number}",
        "intent": f"{number:032x}",
        "created_at": "2026-01-05T12:00:00+00:00",
        "expires_at": "2026-01-05T16:00:00+00:00",
        "account_id": account.user_id,
    }


@pytest.mark.parametrize("adopted", [False, True])
@pytest.mark.parametrize("sight", SEEN)
def test_it_is_remembered_after(sight, connection, recorded, adopted):
    SEEN[sight](TransferLifecycle(), connection, recorded | {"adopted": adopted})
    known, other = MEMORY.returned(), MEMORY.adopted()
    if adopted:
        known, other = other, known
    assert known[recorded["transfer_id"]] == recorded["intent"]
    assert recorded["transfer_id"] not in other
