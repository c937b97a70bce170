from decimal import Decimal

import pytest

pytestmark = pytest.mark.plain_words

UUID = "00000000-0000-4000-8000-000000000001"
MARKET = f"market-{UUID}"
UNKNOWN = "market-00000000-0000-4000-8000-000000000099"
VIEWS = ("", "/ticker", "/orderbook", "/trades", "/stats")


def test_each_instrument_has_its_market(trader):
    markets = trader.read("/markets")
    assert len(markets) == 17
    (first, *_) = markets
    assert first == trader.read(f"/markets/{MARKET}")
    assert first.pop("description")
    assert first.pop("created_at") == first.pop("updated_at")
    assert first == {
        "market_id": MARKET,
        "id": MARKET,
        "name": "TEXT-STANDARD/USD",
        "market_type": "spot",
        "status": "active",
        "associated_instruments": [
            f"instrument-{UUID}",
            "instrument-00000000-0000-4000-8000-999999999999",
        ],
        "instruments": [
            {
                "instrument_id": f"instrument-{UUID}",
                "instrument_type": "ai_commodity",
                "symbol": "text-standard",
            }
        ],
        "order_controls": {
            "tick_size": "0.0001",
            "lot_size": "1",
            "min_order_size": "1",
            "max_order_size": "10000",
        },
    }


def test_markets_are_narrowed_and_paged(trader):
    first, second = trader.read("/markets", limit=2)
    assert trader.read("/markets", market_id=UUID) == [first]
    assert trader.read("/markets", instrument_id=second["associated_instruments"][0]) == [second]
    answer = trader("GET", "/markets", params={"limit": 1}).json()
    following = {"limit": 1, "next": answer["paging"]["next_cursor"]}
    assert trader.read("/markets", **following) == [second]


def test_a_market_is_found_by_each_form_of_its_id_in_every_view(trader):
    for view in VIEWS:
        answers = [
            trader("GET", f"/markets/{form}{view}") for form in (MARKET, f"market_{UUID}", UUID)
        ]
        assert [answer.status_code for answer in answers] == [200] * 3
        for unknown in (UNKNOWN, "text-prime", f"instrument-{UUID}", "%00"):
            assert trader("GET", f"/markets/{unknown}{view}").status_code == 404


def test_the_order_book_adds_up_its_levels(trader):
    for quantity, price in ((2, "0.1"), (3, "0.1"), (1, "0.2")):
        trader.order(quantity=quantity, price=price)
    book = trader.read(f"/markets/{MARKET}/orderbook", depth=100)
    assert book["buy"][-2:] == [
        {"price": "0.2", "quantity": 1, "total": 2501, "order_count": 1},
        {"price": "0.1", "quantity": 5, "total": 2506, "order_count": 2},
    ]
    prices = [Decimal(level["price"]) for level in book["sell"]]
    assert prices == sorted(prices)
    assert len(trader.read(f"/markets/{MARKET}/orderbook", depth=1)["sell"]) == 1
    assert trader.read(f"/markets/{MARKET}/orderbook")["buy"] == book["buy"]


def test_a_depth_is_from_one_to_a_hundred(trader):
    for depth, status in (("0", 422), ("101", 422), ("-1", 422), ("deep", 400), ("1.5", 400)):
        answer = trader("GET", f"/markets/{MARKET}/orderbook", params={"depth": depth})
        assert answer.status_code == status
        assert answer.json()["errors"]["message"].startswith("depth: must be ")
    for depth in ("9" * 400, "٣"):
        path = f"/markets/{MARKET}/orderbook"
        assert trader("GET", path, params={"depth": depth}).status_code in {400, 422}


def test_a_quiet_market_has_offers_and_no_last_price(trader):
    ticker = trader.read(f"/markets/{MARKET}/ticker")
    assert Decimal(ticker["highest_bid"]) < Decimal(ticker["lowest_ask"])
    assert ticker["last_price"] is ticker["last_trade_quantity"] is None
    assert ticker["last_trade_timestamp"] is ticker["price_change_24h"] is None
    assert (ticker["volume_24h"], ticker["symbol"]) == (0, "text-standard")
    stats = trader.read(f"/markets/{MARKET}/stats")
    assert (stats["volume_24h"], stats["volume_24h_tokens"]) == (0, "0")
    assert stats["current_price"] is None
    assert trader.read(f"/markets/{MARKET}/trades") == []


def test_trades_move_the_ticker_and_the_statistics_for_a_day(trader, emulator):
    bought = trader.order(type="market", price=..., quantity=3)
    emulator.advance(60)
    sold = trader.order(side="sell", type="market", price=..., quantity=1)
    high, low = (order["average_price"] for order in (bought, sold))
    ticker = trader.read(f"/markets/{MARKET}/ticker")
    assert ticker["last_trade_timestamp"] == sold["closed_at"]
    assert (ticker["last_trade_quantity"], ticker["volume_24h"]) == (1, 4)
    value = 3 * Decimal(high) + Decimal(low)
    for name, expected in (
        ("last_price", low),
        ("high_24h", high),
        ("low_24h", low),
        ("quote_volume_24h", value),
        ("price_change_24h", Decimal(low) - Decimal(high)),
        ("price_change_percent_24h", -1),
    ):
        assert Decimal(ticker[name]) == Decimal(expected), name
    stats = trader.read(f"/markets/{MARKET}/stats")
    assert stats["volume_24h_tokens"] == "4000000"
    assert Decimal(stats["volume_24h_value"]) == value
    emulator.advance(24 * 3600)
    later = trader.read(f"/markets/{MARKET}/ticker")
    assert (later["volume_24h"], later["high_24h"]) == (0, None)
    assert later["last_price"] == ticker["last_price"]


def test_prints_are_public_newest_first_and_without_names(trader, trader_of):
    for quantity in (1, 2, 3):
        trader.order(type="market", price=..., quantity=quantity)
    prints = trader_of().read(f"/markets/{MARKET}/trades")
    assert [it["quantity"] for it in prints] == [3, 2, 1]
    assert prints[0].keys() == {
        "trade_id",
        "market_id",
        "price",
        "quantity",
        "side",
        "execution_timestamp",
    }
    assert {it["side"] for it in prints} == {"buy"}
    path = f"/markets/{MARKET}/trades"
    assert [it["quantity"] for it in trader.read(path, limit=2)] == [3, 2]
    for limit, status in (("0", 422), ("few", 400), ("1000", 200)):
        assert trader("GET", path, params={"limit": limit}).status_code == status
