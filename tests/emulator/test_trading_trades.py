from decimal import Decimal

import pytest

pytestmark = pytest.mark.plain_words

INSTRUMENT = "instrument-00000000-0000-4000-8000-000000000001"
MARKET = "market-00000000-0000-4000-8000-000000000001"
OTHER_MARKET = "market-00000000-0000-4000-8000-000000000002"


def test_a_trade_is_seen_by_each_side_as_its_own(trader_of):
    seller, buyer = trader_of(units={"text-standard": 5}), trader_of()
    offer = seller.order(side="sell", quantity=3, price="0.3970")
    bid = buyer.order(quantity=2, price="0.3970")
    (sold,) = seller.read("/trades")
    (bought,) = buyer.read("/trades")
    common = {
        "market_id": MARKET,
        "market_name": "TEXT-STANDARD/USD",
        "instrument_id": INSTRUMENT,
        "instrument_name": "Text Standard",
        "instrument_symbol": "text-standard",
        "price": "0.3970",
        "quantity": 2,
        "total_value": "0.7940",
        "status": "executed",
        "trade_id": sold["trade_id"],
    }
    assert sold.items() >= (common | {"side": "sell", "order_id": offer["order_id"]}).items()
    assert bought.items() >= (common | {"side": "buy", "order_id": bid["order_id"]}).items()
    assert Decimal(bought["fee"]) == Decimal(sold["fee"]) == 0
    assert bought["id"] not in {bought["trade_id"], ""}
    assert bought["trading_account_id"] != sold["trading_account_id"]
    assert bought["execution_timestamp"] == bought["settlement_timestamp"]
    assert buyer.read(f"/trades/{bought['trade_id']}") == bought


def test_nobody_sees_the_trades_of_another(trader, trader_of):
    trader.order(type="market", price=...)
    (trade,) = trader.read("/trades")
    stranger = trader_of()
    assert stranger.read("/trades") == []
    assert stranger("GET", f"/trades/{trade['trade_id']}").status_code == 404
    assert trader("GET", "/trades/trade_unknown").status_code == 404


def test_trades_are_narrowed_and_sorted(trader, emulator):
    first = trader.order(type="market", price=..., quantity=3)
    emulator.advance(60)
    second = trader.order(type="market", price=..., market_id=OTHER_MARKET)
    for filters, expected in (
        ({}, [3, 1]),
        ({"market_id": OTHER_MARKET.replace("market-", "")}, [1]),
        ({"order_id": first["order_id"]}, [3]),
        ({"order_id": "order_unknown"}, []),
        ({"start_datetime": second["submitted_at"]}, [1]),
        ({"end_datetime": first["submitted_at"]}, [3]),
        ({"order_direction": "desc"}, [1, 3]),
        ({"order_by": "quantity"}, [1, 3]),
        ({"limit": 1}, [3]),
    ):
        found = [trade["quantity"] for trade in trader.read("/trades", **filters)]
        assert found == expected, filters
    assert trader("GET", "/trades", params={"start_datetime": "soon"}).status_code == 400
    assert trader("GET", "/trades", params={"order_by": "fee"}).status_code == 422


def test_a_position_opens_and_closes(trader, emulator):
    trader.order(type="market", price=..., quantity=2)
    (position,) = trader.read("/positions")
    opened_at = position["opened_at"]
    price = trader.read("/trades")[0]["price"]
    assert (
        position.items()
        >= {
            "instrument_id": INSTRUMENT,
            "instrument_name": "Text Standard",
            "status": "open",
            "quantity": 2,
            "last_trade_price": price,
            "closed_at": None,
        }.items()
    )
    assert Decimal(position["average_cost"]) == Decimal(price)
    assert Decimal(position["total_cost"]) == Decimal(position["current_market_value"])
    assert Decimal(position["total_cost"]) == 2 * Decimal(price)
    emulator.advance(60)
    trader.order(side="sell", type="market", price=..., quantity=2)
    (position,) = trader.read("/positions")
    assert (position["status"], position["quantity"]) == ("closed", 0)
    assert opened_at == position["opened_at"] < position["closed_at"]


def test_positions_are_filtered_in_either_style(trader, emulator):
    trader.order(type="market", price=..., quantity=2)
    emulator.advance(60)
    trader.order(type="market", price=..., market_id=OTHER_MARKET)
    trader.order(side="sell", type="market", price=..., market_id=OTHER_MARKET)
    opened_at = trader.read("/positions")[1]["opened_at"]

    def flop(field, operator, value):
        parts = {"field": field, "op": operator, "value": value}
        return {f"filters[0][{name}]": text for name, text in parts.items()}

    for filters, expected in (
        ({}, [2, 0]),
        ({"status": "open"}, [2]),
        ({"instrument_id": INSTRUMENT}, [2]),
        (flop("status", "==", "closed"), [0]),
        (flop("instrument_id", "!=", INSTRUMENT), [0]),
        (flop("opened_at", "<", opened_at), [2]),
        (flop("closed_at", "!=", opened_at), [2, 0]),
        ({"order_by[]": "opened_at", "order_directions[]": "desc"}, [0, 2]),
        ({"flop[filters][0][field]": "status", "flop[filters][0][value]": "open"}, [2, 0]),
    ):
        found = [position["quantity"] for position in trader.read("/positions", **filters)]
        assert found == expected, filters
    for filters, status in (
        ({"status": "ajar"}, 422),
        (flop("status", "=~", "open"), 400),
        (flop("luck", "==", "1"), 422),
        ({"filters[0][value]": "open"}, 400),
        ({"order_by[]": "luck"}, 422),
        ({"page": 1}, 422),
    ):
        assert trader("GET", "/positions", params=filters).status_code == status, filters
