"""An account in mode advanced, its owner's hand, and somebody who sells."""

from decimal import Decimal

import pytest
from tests.emulation import settle

from thegrid.client import Client, Endpoints
from thegrid.core.model import NewOrder
from thegrid.core.secret import Secret

TICK = Decimal("0.0001")


@pytest.fixture
def account(market):
    """An account in mode advanced, with money."""
    return market.create_account(
        mode="advanced", access_token_seconds=90 * 86400, usd=Decimal(1000)
    )


@pytest.fixture
def client_of(market):
    made = []

    def make(access):
        addresses = (market.platform, market.trading, market.consumption, market.messages)
        made.append(Client(Endpoints(*addresses), Secret(access.access_token)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def hand(client_of, account):
    """The owner, who acts without the stack, and leaves no order behind in the shared market."""
    client = client_of(account)
    yield client
    client.set_account_mode("advanced")
    client.cancel_orders()


@pytest.fixture
def orders(market, hand):
    """All orders of the account as they are, oldest first."""

    def all_orders():
        settle(market)
        return [hand.order(it.id) for it in hand.orders().complete()]

    return all_orders


@pytest.fixture
def live(orders):
    return lambda: [it for it in orders() if not it.is_terminal]


@pytest.fixture
def best(hand):
    """The price at which a bid comes before all others without trading."""
    return str(hand.order_book(hand.market_of("text-prime").id).asks[0].price - TICK)


@pytest.fixture
def sell(market, client_of, best):
    """Let somebody sell to the best bid."""
    seller = client_of(market.create_account(mode="advanced", units={"text-prime": 100}))

    def sell(quantity, price=best):
        new = NewOrder(
            seller.market_of("text-prime").id, "sell", quantity, Decimal(price), time_in_force="ioc"
        )
        seller.place_order(new)
        settle(market)

    return sell


@pytest.fixture
def place(hand):
    """Let the owner place an order by hand, and return its id."""

    def place(price="0.01", quantity=3, name="my bid", **others):
        new = NewOrder(
            hand.market_of("text-prime").id,
            "buy",
            quantity,
            Decimal(price),
            client_order_id=name,
            **others,
        )
        return hand.place_order(new).id

    return place


@pytest.fixture
def writes(market, account):
    """Return the account's requests that were no reads."""

    def writes():
        mine = [it for it in market.journal() if it["user_id"] == account.user_id]
        return [it for it in mine if it["method"] != "GET"]

    return writes
