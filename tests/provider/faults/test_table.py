"""The table of calls is complete: a life with every kind of resource makes all of it, no other."""

import inspect
import re

import pulumi
import pytest
from tests.provider.faults.calls import BOUGHT_BY_HAND, CALLS
from tests.provider.faults.market_side import DAY, SETTINGS, best_bid, sell_to_best_bid

import pulumi_thegrid as thegrid
from pulumi_thegrid import _providers

ID = re.compile(r"\{\w+\}")


@pytest.fixture
def account(account_of):
    return account_of("easy")


def everything(price, limit, trigger):
    """Declare every kind of resource; the mode comes first, since orders need it."""

    def declare():
        settings = thegrid.AccountSettings(
            "settings",
            mode="advanced",
            auto_buy_enabled=False,
            auto_reload_monthly_limit_usd=limit,
        )
        after = pulumi.ResourceOptions(depends_on=[settings])
        thegrid.ConsumptionKey("ci", triggers=[trigger])
        thegrid.TradingKey("desk", triggers=[trigger])
        thegrid.Transfer("units", instrument="text-prime", quantity=2, opts=after)
        thegrid.StandingOrder(
            "bid",
            instrument="text-prime",
            side="buy",
            price=price,
            quantity=3,
            renew="when_filled",
            daily_cap_usd="900",
            opts=after,
        )

    return declare


def test_every_call_that_changes_something_is_in_the_table(
    engine, market, account, client_of, seller
):
    since = len(market.journal())
    bid = str(best_bid(client_of(account)))
    engine.up(everything("0.01", "100", 1))
    kinds = {urn.rpartition("::")[0].rpartition(":")[2] for urn in engine.state}
    assert kinds == resource_kinds()
    market.order_fault("GET", SETTINGS, status=200, body=BOUGHT_BY_HAND)
    engine.up(everything(bid, "90", 2))
    sell_to_best_bid(seller, bid, 3)
    market.advance(2 * DAY)
    engine.refresh()
    engine.up(everything(bid, "90", 2))
    engine.destroy()

    made = {
        (it["method"], it["path"])
        for it in market.journal()[since:]
        if it["user_id"] == account.user_id and it["method"] != "GET"
    }
    table = {(call.method, call.path) for call in CALLS.values()}
    assert {route for route in made if not rows_of(route, table)} == set()
    assert {row for row in table if not any(row in rows_of(it, table) for it in made)} == set()


def rows_of(route, table):
    """Return the rows that a request belongs to; its path begins with a prefix of the surface."""
    method, path = route
    return [
        row
        for row in table
        if row[0] == method and re.fullmatch(r"(/\w+)*" + ID.sub(r"[^/]*\\d[^/]*", row[1]), path)
    ]


def resource_kinds():
    """Return the kinds that the provider has a class for."""
    return {
        name.removesuffix("Provider")
        for name, it in vars(_providers).items()
        if inspect.isclass(it) and it.__module__ == _providers.__name__ and not name.startswith("_")
    }
