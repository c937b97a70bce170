"""An account with units to move, its owner's hand, and time that flies."""

import threading

import pytest
from tests.emulation import settle

from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret
from thegrid.core.transfer import HISTORY_GRACE

POST = "/transfers/trading-to-consumption"
UNITS = 20


@pytest.fixture
def account(market):
    return market.create_account(
        mode="advanced", access_token_seconds=90 * 86400, units={"text-prime": UNITS}
    )


@pytest.fixture
def hand(market, account):
    """The owner, who acts without the stack."""
    addresses = (market.platform, market.trading, market.consumption, market.messages)
    with Client(Endpoints(*addresses), Secret(account.access_token)) as client:
        yield client


@pytest.fixture
def move(hand, market):
    """Let the owner move units by hand."""
    instrument_id = hand.instrument_by_symbol("text-prime").id
    return lambda quantity: hand.transfer_to_consumption(instrument_id, quantity).id


@pytest.fixture
def moved(market, hand):
    """Return the ids of all transfers from trading, oldest first."""

    def moved():
        settle(market)
        return [it.id for it in hand.transfers().complete() if it.sender_account_id]

    return moved


@pytest.fixture
def loses(market):
    """Let the answers to the next transfers be lost, before or after their effect."""
    return lambda moment, times=1: market.order_fault("POST", POST, drop=moment, times=times)


@pytest.fixture
def hasten(market):
    """Do something while time flies: the grace passes whenever the history was looked at."""

    def looks():
        return sum(it["path"].endswith("/transfer-histories") for it in market.journal())

    def hasten(act):
        result = {}

        def run():
            try:
                result["value"] = act()
            except RuntimeError as error:
                result["error"] = error

        thread = threading.Thread(target=run)
        seen = looks()
        thread.start()
        while thread.is_alive():
            thread.join(0.02)
            if looks() > seen:
                seen = looks()
                market.advance(HISTORY_GRACE.total_seconds())
        if "error" in result:
            raise result["error"]
        return result["value"]

    return hasten
