import json
from decimal import Decimal

import pytest

pytestmark = pytest.mark.plain_words

UUID = "00000000-0000-4000-8000-000000000001"
MARKET = f"market-{UUID}"
OTHER_MARKET = "market-00000000-0000-4000-8000-000000000002"
UNKNOWN_MARKET = "market-00000000-0000-4000-8000-000000000099"


def detail(answer):
    return answer.json()["errors"]["detail"]


def test_an_order_that_finds_nobody_waits_and_holds_its_money(trader):
    answer = trader.place(quantity="3", price="0.10", client_order_id="mine é", time_in_force="gtc")
    assert answer.status_code == 201
    order = answer.json()["data"]
    assert order["order_id"].startswith("order")
    assert order.pop("order_id") == order.pop("id")
    assert order.pop("submitted_at") == order.pop("updated_at") == order.pop("created_at")
    assert order == {
        "client_order_id": "mine é",
        "market_id": MARKET,
        "market_name": "TEXT-STANDARD/USD",
        "instrument_id": f"instrument-{UUID}",
        "instrument_symbol": "text-standard",
        "instrument_name": "Text Standard",
        "trader_id": trader.user_id,
        "side": "buy",
        "type": "limit",
        "status": "active",
        "quantity": 3,
        "filled_quantity": 0,
        "price": "0.10",
        "average_price": None,
        "stop_price": None,
        "fee": "0",
        "time_in_force": "gtc",
        "closure_reason": None,
        "closed_at": None,
    }
    assert trader.usd == {"total": 25, "available": Decimal("24.70"), "locked": Decimal("0.30")}


def test_a_newcomer_buys_and_sells_at_once(trader):
    bought = trader.order(type="market", quantity=2, price=...)
    assert (bought["status"], bought["filled_quantity"], bought["price"]) == ("filled", 2, None)
    assert bought["closure_reason"] == "filled"
    assert bought["closed_at"]
    assert trader.usd["total"] == 25 - 2 * Decimal(bought["average_price"])
    sold = trader.order(side="sell", type="market", quantity=2, price=...)
    assert (sold["status"], sold["filled_quantity"]) == ("filled", 2)
    assert Decimal(sold["average_price"]) < Decimal(bought["average_price"])


def test_a_market_is_known_by_each_form_of_its_id(trader):
    for form in (MARKET, f"market_{UUID}", UUID, UUID.upper()):
        assert trader.order(market_id=form)["market_id"] == MARKET


def test_quantity_and_price_may_be_strings_or_numbers(trader):
    for quantity, price in (("2", "0.0100"), (2, "0.01"), ("2", 0.01), ("2.0", "0.01")):
        order = trader.order(quantity=quantity, price=price)
        assert (order["quantity"], Decimal(order["price"])) == (2, Decimal("0.01"))


WRONG_TYPES = [
    ("market_id", 1),
    ("side", ["buy"]),
    ("type", {}),
    ("quantity", True),
    ("quantity", [1]),
    ("price", {"usd": 1}),
    ("price", False),
    ("client_order_id", 7),
    ("time_in_force", 0),
    ("post_only", "yes"),
    ("reduce_only", 1),
    ("auto_transfer", "true"),
    ("stop_price", []),
]


def test_a_member_of_the_wrong_type_is_named(trader):
    for member, value in WRONG_TYPES:
        answer = trader.place(**{member: value})
        assert answer.status_code == 400, (member, value)
        assert answer.json()["errors"]["message"].startswith(f"{member}: must be ")
    assert trader.read("/orders") == []


IMPOSSIBLE = [
    *(
        ({member: value}, member)
        for member in ("market_id", "side", "type", "quantity")
        for value in (..., None)
    ),
    ({"side": "hold"}, "side"),
    ({"side": ""}, "side"),
    ({"type": "swap"}, "type"),
    ({"type": "stop", "stop_price": "1"}, "type"),
    ({"type": "stop_limit", "stop_price": "1"}, "type"),
    ({"stop_price": "1"}, "stop_price"),
    *(
        ({"quantity": value}, "quantity")
        for value in ("0", "-1", "1.5", "10001", "", "NaN", "1e2", "٣", " 1", "0x1", "9" * 400)
    ),
    *(({"quantity": value}, "quantity") for value in (0, -1, 1.5, 10**30, 10**400)),
    *(
        ({"price": value}, "price")
        for value in ("0", "-1", "NaN", "Infinity", "1e-5", "0.00001", "1000001", "one", "")
    ),
    *(({"price": value}, "price") for value in (0, -0.5, 0.00001, 1e300, 1e-300, None, ...)),
    ({"type": "market"}, "price"),
    ({"time_in_force": "day"}, "time_in_force"),
    ({"time_in_force": ""}, "time_in_force"),
    ({"reduce_only": True}, "reduce_only"),
    ({"post_only": True, "time_in_force": "ioc"}, "post_only"),
    ({"auto_transfer": True, "side": "sell"}, "auto_transfer"),
    ({"client_order_id": ""}, "client_order_id"),
    ({"client_order_id": "x" * 129}, "client_order_id"),
    ({"client_order_id": "a\x00b"}, "client_order_id"),
]


def test_a_value_that_cannot_be_is_named(trader):
    for members, field in IMPOSSIBLE:
        answer = trader.place(**members)
        assert answer.status_code == 422, members
        assert field in str(answer.json()["errors"]), members
    assert trader.read("/orders") == []
    assert trader.usd["locked"] == 0


def test_a_number_with_an_absurd_exponent_is_refused_at_once(trader):
    for member in ("price", "quantity", "stop_price"):
        for number in ("1e-999999999", "1e999999999", "-1e-400", "0e999999999"):
            order = {"market_id": MARKET, "side": "buy", "type": "limit", "quantity": 1, "price": 1}
            body = json.dumps(order | {member: 0}).replace(
                f'"{member}": 0', f'"{member}": {number}'
            )
            answer = trader("POST", "/orders", content=body)
            assert answer.status_code == 422, body
            assert answer.json()["errors"]["message"].startswith(f"{member}: must be "), body
    assert trader.read("/orders") == []


BROKEN = [b"", b"[]", b"{", b'{"price": NaN}', b'{"price": 1e9999999999999999999}', b"\xff"]
HALF_A_SURROGATE_PAIR = b'{"client_order_id": "\\ud800"}'


def test_a_body_must_be_a_json_object_of_whole_characters(trader):
    order = trader.order()
    for body in (*BROKEN, HALF_A_SURROGATE_PAIR):
        assert trader("POST", "/orders", content=body).status_code == 400, body
        path = f"/orders/{order['order_id']}"
        assert trader("PUT", path, content=body).status_code == 400, body


def test_an_unknown_market_is_not_found(trader):
    assert trader.place(market_id=UNKNOWN_MARKET).status_code == 404
    assert trader.place(market_id="nowhere").status_code == 404


def test_what_is_not_there_cannot_be_locked(trader):
    answer = trader.place(quantity="10000", price="0.1")
    assert (answer.status_code, detail(answer)) == (422, "insufficient_balance")
    answer = trader.place(side="sell", price="90")
    assert (answer.status_code, detail(answer)) == (422, "insufficient_balance")
    assert trader.read("/orders") == []
    assert trader.usd == {"total": 25, "available": 25, "locked": 0}


def test_a_client_order_id_is_used_once_per_account(trader, trader_of):
    trader.order(client_order_id="x" * 128)
    answer = trader.place(client_order_id="x" * 128)
    assert (answer.status_code, detail(answer)) == (409, "duplicate_client_order_id")
    assert len(trader.read("/orders")) == 1
    assert trader_of().place(client_order_id="x" * 128).status_code == 201


def test_a_buy_may_ask_for_its_units_to_go_into_consumption(trader):
    trader.order(type="market", price=..., quantity=2, auto_transfer=True)
    trader.order(type="market", price=..., quantity=3)
    (account,) = trader.read("/consumption-accounts")
    assert account["uncommitted_balance"] == 2
    units = [it for it in trader.read("/trading-accounts") if it["instrument_id"][-1] == "1"]
    assert [it["total_balance"] for it in units] == ["3"]


def test_an_order_that_may_not_rest_ends_with_its_reason(trader):
    for terms, reason in (
        ({"time_in_force": "ioc"}, "ioc_remainder"),
        ({"time_in_force": "fok"}, "fok_unfilled"),
    ):
        order = trader.order(**terms)
        assert (order["status"], order["closure_reason"]) == ("cancelled", reason)
    assert trader.usd["locked"] == 0


def test_an_order_is_changed_in_part(trader):
    order = trader.order(quantity="5", price="0.10")
    path = f"/orders/{order['order_id']}"
    for change, expected in (
        ({"price": "0.2"}, (5, "0.2")),
        ({"quantity": 3}, (3, "0.2")),
        ({"quantity": "4", "price": None, "time_in_force": "gtc"}, (4, "0.2")),
    ):
        answer = trader("PUT", path, json=change)
        assert answer.status_code == 200, answer.text
        changed = answer.json()["data"]
        assert (changed["quantity"], changed["price"]) == expected
        assert changed == trader.read(path)
    assert trader.usd["locked"] == Decimal("0.8")


def test_a_change_that_cannot_be_leaves_the_order_as_it_is(trader):
    order = trader.order(quantity="5", price="0.10")
    path = f"/orders/{order['order_id']}"
    for change, status in (
        ({}, 422),
        ({"price": None}, 422),
        ({"side": "sell"}, 422),
        ({"quantity": "0"}, 422),
        ({"quantity": []}, 400),
        ({"price": "0"}, 422),
        ({"price": True}, 400),
        ({"stop_price": "1"}, 422),
        ({"time_in_force": "day"}, 422),
        ({"time_in_force": 1}, 400),
        ({"quantity": 10000, "price": "50"}, 422),
    ):
        assert trader("PUT", path, json=change).status_code == status, change
    assert trader.read(path) == order


def test_a_changed_price_that_crosses_trades_at_once(trader):
    order = trader.order(quantity="2", price="0.10")
    answer = trader("PUT", f"/orders/{order['order_id']}", json={"price": "5"})
    assert answer.json()["data"]["status"] == "filled"


def test_an_order_is_cancelled_once(trader):
    order = trader.order(quantity="5", price="0.10")
    path = f"/orders/{order['order_id']}"
    answer = trader("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    seen = trader.read(path)
    assert (seen["status"], seen["closure_reason"]) == ("cancelled", "user_cancelled")
    assert trader.usd == {"total": 25, "available": 25, "locked": 0}
    again = trader("DELETE", path)
    assert again.status_code == 500
    assert again.json() == {"errors": {"detail": "order_already_cancelled"}}


def test_an_order_that_has_ended_is_neither_cancelled_nor_changed(trader):
    path = f"/orders/{trader.order(type='market', price=...)['order_id']}"
    answer = trader("DELETE", path)
    assert (answer.status_code, detail(answer)) == (422, "order_not_cancellable")
    assert trader("PUT", path, json={"quantity": 2}).status_code == 422


def test_an_unknown_order_is_not_found(trader):
    for order_id in ("order-00000000-0000-4000-8000-0000000000aa", "%00", "%ff", "é", "~"):
        for method, options in (("GET", {}), ("PUT", {"json": {"price": "1"}}), ("DELETE", {})):
            assert trader(method, f"/orders/{order_id}", **options).status_code == 404


def test_nobody_reaches_the_orders_of_another(trader, trader_of):
    mine = trader.order()
    stranger = trader_of()
    path = f"/orders/{mine['order_id']}"
    assert stranger("GET", path).status_code == 404
    assert stranger("PUT", path, json={"price": "0.02"}).status_code == 404
    assert stranger("DELETE", path).status_code == 404
    assert stranger("DELETE", "/orders").json() == {"data": {"cancelled": 0}}
    assert stranger.read("/orders", trader_id=trader.user_id) == []
    assert trader.read(path) == mine


def test_all_orders_are_cancelled_in_one_market_or_everywhere(trader):
    for market in (MARKET, MARKET, OTHER_MARKET):
        trader.order(market_id=market)
    assert trader.read("/orders/count") == {
        "count": 3,
        "by_market": [
            {"market_id": MARKET, "count": 2},
            {"market_id": OTHER_MARKET, "count": 1},
        ],
    }
    answer = trader("DELETE", f"/markets/market_{UUID}/orders")
    assert (answer.status_code, answer.json()) == (200, {"data": {"cancelled": 2}})
    assert trader.read("/orders/count")["by_market"] == [{"market_id": OTHER_MARKET, "count": 1}]
    assert trader("DELETE", "/orders").json() == {"data": {"cancelled": 1}}
    assert trader("DELETE", "/orders").json() == {"data": {"cancelled": 0}}
    assert {it["closure_reason"] for it in trader.read("/orders")} == {"bulk_cancelled"}
    assert trader("DELETE", f"/markets/{UNKNOWN_MARKET}/orders").status_code == 404
    assert trader.usd["locked"] == 0


def test_in_easy_mode_every_write_is_refused_and_reads_still_work(trader_of, emulator, platform_of):
    trader = trader_of()
    order = trader.order()
    platform = platform_of(trader.access_token)
    body = {"mode": "easy"}
    assert platform("POST", "/self/system-settings/account-mode", json=body).status_code == 204
    path = f"/orders/{order['order_id']}"
    for method, refused in (
        ("POST", "/orders"),
        ("PUT", path),
        ("DELETE", path),
        ("DELETE", "/orders"),
        ("DELETE", f"/markets/{MARKET}/orders"),
    ):
        answer = trader(method, refused, content=b"not even JSON")
        assert answer.status_code == 403
        errors = answer.json()["errors"]
        assert errors["detail"] == "auto_mode_trading_restricted"
        assert errors["message"]
    assert trader.read(path) == order
    assert trader.read("/orders/count")["count"] == 1
