import pytest
from tests.emulation import generous

from thegrid_emulator import Clock, serve

UUID = "00000000-0000-4000-8000-000000000001"
INSTRUMENT, MARKET = f"instrument-{UUID}", f"market-{UUID}"
LAG = 300.0
"""Seconds, so many that nothing shows by itself while a busy machine runs a test."""


@pytest.fixture
def emulator():
    """In place of the plain one: what changes shows after `LAG` seconds."""
    with serve(clock=Clock(), rules=generous(), lag_seconds=LAG) as running:
        yield running


@pytest.fixture
def owner(trader_of):
    return trader_of(units={"text-standard": 5})


def held(owner):
    (row,) = owner.read("/trading-accounts", instrument_id=INSTRUMENT)
    return row["total_balance"]


def test_a_new_key_works_at_once_and_is_listed_later(emulator, platform, chat):
    key = platform.create_key("late")
    assert chat.answer(key["key"]).status_code == 200
    assert platform("GET", f"/api-keys/{key['id']}").status_code == 200
    assert platform("GET", "/api-keys").json()["data"] == []
    emulator.advance(LAG)
    assert [it["name"] for it in platform("GET", "/api-keys").json()["data"]] == ["late"]


def test_a_new_signing_key_signs_at_once_and_is_listed_later(emulator, platform, signer, http):
    headers = signer.headers(int(emulator.now().timestamp()), "GET", "/v1/orders")
    assert http.get(f"{emulator.trading}/orders", headers=headers).status_code == 200
    assert platform("GET", "/signing-keys").json()["data"] == []
    emulator.advance(LAG)
    assert len(platform("GET", "/signing-keys").json()["data"]) == 1


def test_changes_appear_one_after_another_as_they_were_made(emulator, platform):
    for name in ("one", "two", "three"):
        platform.create_key(name)
        emulator.advance(LAG / 2)
    seen = []
    for _ in range(3):
        seen.append(len(platform("GET", "/api-keys").json()["data"]))
        emulator.advance(LAG / 2)
    assert seen == [2, 3, 3]


def test_a_transfer_is_made_at_once_and_shows_later(emulator, owner):
    body = {"instrument_id": INSTRUMENT, "quantity": 4}
    move = "/transfers/trading-to-consumption"
    assert owner("POST", move, json=body).status_code == 202
    assert held(owner) == "5"
    assert owner.read("/transfer-histories") == owner.read("/consumption-accounts") == []
    assert owner("POST", move, json=body).status_code == 422
    emulator.advance(LAG)
    assert held(owner) == "1"
    assert len(owner.read("/transfer-histories")) == 1
    assert owner.read("/consumption-accounts")[0]["uncommitted_balance"] == 4


def test_an_order_can_be_read_at_once_and_is_listed_and_counted_later(emulator, owner):
    order = owner.order(quantity=2)
    path = f"/orders/{order['order_id']}"
    assert owner.read(path)["status"] == "active"
    assert owner.read("/orders") == []
    assert owner.read("/orders/count")["count"] == 0
    emulator.advance(LAG)
    assert owner.read("/orders")[0]["order_id"] == order["order_id"]
    assert owner.read("/orders/count")["count"] == 1


def test_a_cancel_is_pending_for_a_while(emulator, owner):
    order = owner.order(quantity=2)
    emulator.advance(LAG)
    path = f"/orders/{order['order_id']}"
    assert owner("DELETE", path).status_code == 204
    pending = owner.read(path)
    assert (pending["status"], pending["closed_at"]) == ("cancellation_pending", None)
    assert owner.read("/orders")[0]["status"] == "active"
    assert owner("DELETE", path).status_code == 500
    emulator.advance(LAG)
    cancelled = owner.read(path)
    assert (cancelled["status"], cancelled["closure_reason"]) == ("cancelled", "user_cancelled")
    assert owner.read("/orders")[0]["status"] == "cancelled"


def test_the_book_shows_an_order_later(emulator, owner):
    def best_bid():
        return owner.read(f"/markets/{MARKET}/orderbook")["buy"][0]["price"]

    before = best_bid()
    price = f"{float(before) + 0.0001:.4f}"
    owner.order(quantity=1, price=price)
    assert best_bid() == before
    emulator.advance(LAG)
    assert best_bid() == price


def test_an_account_that_is_opened_shows_itself_and_all_before_it(emulator, trader_of, platform):
    platform.create_key("before")
    assert held(trader_of(units={"text-standard": 3})) == "3"
    assert len(platform("GET", "/api-keys").json()["data"]) == 1


def test_settings_and_profiles_are_never_late(platform):
    assert platform("POST", "/self/system-settings/account-mode", json={"mode": "advanced"})
    settings = platform("GET", "/self/system-settings").json()["data"]
    assert settings["account_mode"] == "advanced"


def test_what_is_shown_late_cannot_be_changed_by_looking(emulator, owner):
    owner.order(side="sell", quantity=5, price="9")
    for _ in range(3):
        assert held(owner) == "5"
    emulator.advance(5 * 3600)
    assert held(owner) == "5"
