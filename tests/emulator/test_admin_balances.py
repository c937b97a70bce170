from decimal import Decimal

import pytest

INSTRUMENT = "instrument-00000000-0000-4000-8000-000000000001"
PRIME = "instrument-00000000-0000-4000-8000-000000000002"


@pytest.mark.plain_words
def test_money_is_paid_in(admin, trader):
    for usd in ("10.50", 5):
        body = {"user_id": trader.user_id, "usd": usd}
        assert admin("POST", "/deposits", json=body).status_code == 204
    assert trader.usd["total"] == Decimal("40.50")


@pytest.mark.plain_words
def test_units_are_given_to_sell_and_to_consume(admin, trader):
    body = {
        "user_id": trader.user_id,
        "units": {"text-standard": 3},
        "consumption_units": {"text-prime": 2},
    }
    assert admin("POST", "/units", json=body).status_code == 204
    (units,) = trader.read("/trading-accounts", instrument_id=INSTRUMENT)
    assert units["total_balance"] == "3"
    (consumption,) = trader.read("/consumption-accounts")
    assert (consumption["instrument_id"], consumption["uncommitted_balance"]) == (PRIME, 2)


def test_a_gift_that_cannot_be_is_named_and_nothing_is_given(admin, trader, emulator):
    user_id = trader.user_id
    before = emulator.totals()
    for path, body, status, named in (
        ("/deposits", {"usd": "1"}, 422, "user_id"),
        ("/deposits", {"user_id": user_id}, 422, "usd"),
        ("/deposits", {"user_id": user_id, "usd": "-1"}, 422, "usd"),
        ("/deposits", {"user_id": user_id, "usd": "0.000000001"}, 422, "usd"),
        ("/deposits", {"user_id": user_id, "usd": "NaN"}, 422, "usd"),
        ("/deposits", {"user_id": user_id, "usd": True}, 400, "usd"),
        ("/deposits", {"user_id": user_id, "eur": "1"}, 422, "eur"),
        ("/deposits", {"user_id": "nobody", "usd": "1"}, 404, "account"),
        ("/units", {"user_id": "nobody", "units": {"text-max": 1}}, 404, "account"),
        ("/units", {"user_id": user_id, "units": {"text-max": 1, "usd": 1}}, 422, "units"),
        ("/units", {"user_id": user_id, "units": {"text-max": 1.5}}, 422, "units"),
        ("/units", {"user_id": user_id, "consumption_units": {"text-max": 0}}, 422, "units"),
        ("/units", {"user_id": user_id, "units": ["text-max"]}, 422, "units"),
    ):
        answer = admin("POST", path, json=body)
        assert answer.status_code == status, body
        assert named in answer.text
    assert emulator.totals() == before


@pytest.mark.plain_words
def test_lots_are_shown_as_they_come_and_expire(admin, trader, emulator):
    trader.order(type="market", price=..., quantity=2, auto_transfer=True)
    bought_at = trader.read("/trades")[0]["execution_timestamp"]
    emulator.advance(3600)
    emulator.give_units(trader.user_id, "text-standard", 1, into_consumption=True)
    first, second = admin("GET", "/lots", params={"user_id": trader.user_id}).json()["data"]
    assert first["lot_id"] != second["lot_id"]
    assert (first["instrument_id"], first["entered_at"]) == (INSTRUMENT, bought_at)
    assert (first["tokens"], first["free_tokens"], first["reserved_tokens"]) == (
        2_000_000,
        2_000_000,
        0,
    )
    assert Decimal(first["price"]) == Decimal(trader.read("/trades")[0]["price"])
    assert emulator.lots(trader.user_id) == [first, second]
    emulator.advance(3 * 3600)
    assert emulator.lots(trader.user_id) == [second]
    emulator.advance(3600)
    assert emulator.lots(trader.user_id) == []
    assert admin("GET", "/lots", params={"user_id": "nobody"}).status_code == 404


def test_whatever_happens_everything_is_accounted_for(admin, emulator, trader):
    before = emulator.totals()
    emulator.deposit(trader.user_id, Decimal(7))
    emulator.give_units(trader.user_id, "text-standard", 4)
    trader.order(type="market", price=..., quantity=3, auto_transfer=True)
    trader.order(side="sell", type="market", price=..., quantity=1)
    trader.order(price="0.05")
    emulator.advance(5 * 3600)
    after = admin("GET", "/totals").json()["data"]
    assert after == emulator.totals()
    assert after["balanced"]
    assert Decimal(after["usd"]["deposited"]) == Decimal(before["usd"]["deposited"]) + 7
    assert Decimal(after["usd"]["held"]) == Decimal(after["usd"]["deposited"])
    tokens, earlier = after["tokens"][INSTRUMENT], before["tokens"][INSTRUMENT]
    assert tokens["issued"] == earlier["issued"] + 4_000_000
    lost = earlier["uncommitted"] + 3_000_000
    assert (tokens["expired"], tokens["uncommitted"]) == (lost, 0)
