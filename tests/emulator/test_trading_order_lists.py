from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from tests.emulation import emulated, generous

from thegrid_emulator import Rules
from thegrid_emulator.paging import read_page
from thegrid_emulator.trading.orders import LISTING

MARKET = "market-00000000-0000-4000-8000-000000000001"
OTHER_MARKET = "market-00000000-0000-4000-8000-000000000002"


def names(orders):
    return [order["client_order_id"] for order in orders]


def test_orders_come_oldest_first_in_pages(trader):
    for number in range(5):
        trader.order(client_order_id=f"{number}")
    seen, cursor = [], {}
    for _ in range(3):
        answer = trader("GET", "/orders", params={"limit": 2} | cursor).json()
        seen += names(answer["data"])
        cursor = {"next": answer["paging"]["next_cursor"]}
    assert not answer["paging"]["has_more"]
    assert seen == ["0", "1", "2", "3", "4"]
    assert answer["paging"]["next_cursor"] is None
    back = {"limit": 9, "prev": answer["paging"]["prev_cursor"]}
    assert names(trader.read("/orders", **back)) == ["0", "1", "2", "3"]


def test_a_page_of_orders_may_be_longer_than_others(trader):
    for _ in range(101):
        trader.order()
    assert len(trader.read("/orders")) == 50
    assert len(trader.read("/orders", limit=101)) == 101
    assert len(trader.read("/trading-accounts", limit=101)) == 1


def test_a_page_of_orders_has_at_most_five_hundred():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [SimpleNamespace(order_id=f"{number}", submitted_at=now) for number in range(501)]
    assert len(read_page(LISTING, rows, {"limit": "501"}, now=now, rules=Rules()).rows) == 500


@pytest.mark.plain_words
def test_orders_are_narrowed_by_each_documented_filter(trader, emulator):
    trader.order(client_order_id="bid", price="0.02")
    emulator.advance(60)
    trader.order(client_order_id="taker", type="market", price=..., market_id=OTHER_MARKET)
    emulator.advance(60)
    trader.order(client_order_id="offer", side="sell", market_id=OTHER_MARKET, price="50")
    second = trader.read("/orders")[1]
    nested = {"flop[filters][0][field]": "side", "flop[filters][0][value]": "sell"}
    for filters, expected in (
        ({}, ["bid", "taker", "offer"]),
        ({"market_id": MARKET}, ["bid"]),
        ({"market_id": MARKET.replace("market-", "market_")}, ["bid"]),
        ({"market_id": "nowhere"}, []),
        ({"instrument_id": OTHER_MARKET.replace("market-", "")}, ["taker", "offer"]),
        ({"trader_id": trader.user_id}, ["bid", "taker", "offer"]),
        ({"trader_id": "user_other"}, []),
        ({"side": "sell"}, ["offer"]),
        ({"type": "market"}, ["taker"]),
        ({"status": "active"}, ["bid", "offer"]),
        ({"status": "filled"}, ["taker"]),
        ({"status": "pending"}, []),
        ({"status": "active", "side": "buy"}, ["bid"]),
        ({"start_datetime": second["submitted_at"]}, ["taker", "offer"]),
        ({"end_datetime": second["submitted_at"]}, ["bid", "taker"]),
        ({"start_datetime": int(emulator.now().timestamp()) - 30}, ["offer"]),
        ({"order_by": "price", "order_direction": "desc"}, ["offer", "bid", "taker"]),
        ({"order_by": "quantity", "order_direction": "asc"}, ["bid", "taker", "offer"]),
        ({"order_direction": "desc"}, ["offer", "taker", "bid"]),
        (nested, ["bid", "taker", "offer"]),
        ({"filters[0][field]": "side", "filters[0][value]": "sell"}, ["bid", "taker", "offer"]),
        ({"surprise": "1"}, ["bid", "taker", "offer"]),
    ):
        assert names(trader.read("/orders", **filters)) == expected, filters


def test_a_query_that_cannot_be_is_refused(trader):
    for query, status in (
        ({"limit": "ten"}, 400),
        ({"limit": "0"}, 422),
        ({"page": "2"}, 422),
        ({"next": "nowhere"}, 400),
        ({"prev": "nowhere"}, 400),
        ({"start_datetime": "yesterday"}, 400),
        ({"end_datetime": "NaN"}, 400),
        ({"status": "open"}, 422),
        ({"side": "hold"}, 422),
        ({"type": "swap"}, 422),
        ({"order_by": "luck"}, 422),
        ({"order_direction": "up"}, 422),
    ):
        answer = trader("GET", "/orders", params=query)
        assert answer.status_code == status, query
        assert next(iter(query)) in answer.text


def test_a_cursor_outlives_neither_its_filters_nor_its_time(trader, trader_of, emulator):
    for _ in range(3):
        trader.order()
    first = trader("GET", "/orders", params={"limit": 1, "side": "buy"}).json()
    cursor = first["paging"]["next_cursor"]
    follow = {"limit": 1, "side": "buy", "next": cursor}
    assert trader("GET", "/orders", params=follow).status_code == 200
    assert trader("GET", "/orders", params={"next": cursor}).status_code == 400
    assert trader("GET", "/trades", params={"side": "buy", "next": cursor}).status_code == 400
    assert trader_of()("GET", "/orders", params=follow).status_code == 400
    emulator.advance(timedelta(minutes=16).total_seconds())
    assert trader("GET", "/orders", params=follow).json()["errors"]["detail"] == "expired_cursor"


def test_a_list_may_say_that_there_is_more_and_not_where(http):
    with emulated(rules=generous(listings_lose_their_cursor=True)) as emulator:
        headers = {"authorization": f"Bearer {emulator.account.access_token}"}
        answer = http.get(f"{emulator.trading}/markets", headers=headers, params={"limit": 5})
    assert answer.json()["paging"] == {"next_cursor": None, "prev_cursor": None, "has_more": True}


@pytest.mark.plain_words
def test_filled_and_waiting_orders_are_counted_apart(trader):
    trader.order()
    trader.order(type="market", price=...)
    assert trader.read("/orders/count") == {
        "count": 1,
        "by_market": [{"market_id": MARKET, "count": 1}],
    }
