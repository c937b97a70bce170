"""Receipts of calls: one, many, and added up."""

from datetime import timedelta
from decimal import Decimal

import pytest

from thegrid_emulator import Clock
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.catalogue import find_instrument
from thegrid_emulator.state.metering import Caller, Need
from thegrid_emulator.state.receipts import Cost
from thegrid_emulator.state.usage import added_up
from thegrid_emulator.state.venue import NewAccount, Venue


@pytest.fixture
def account(emulator):
    units = {"text-prime": 2, "text-max": 2}
    return emulator.create_account(consumption_units=units, access_token_seconds=10_000_000)


@pytest.fixture
def key(platform_of, account):
    return platform_of(account.access_token).create_key()


@pytest.fixture
def usage(http, emulator, account):
    def usage(path="", token=account.access_token, **parameters):
        headers = {"authorization": f"Bearer {token}"}
        return http.get(f"{emulator.consumption}/usage{path}", params=parameters, headers=headers)

    return usage


@pytest.fixture
def call(chat, key):
    """Makes a call with the API key; returns its request id."""

    def call(text="hi", secret=key["key"], **members):
        turns = [{"role": "user", "content": text}]
        return chat.answer(secret, messages=turns, **members).headers["x-grid-request-id"]

    return call


def test_a_receipt_is_pending_until_its_cost_has_settled(usage, call, emulator, key):
    request_id = call("one two")
    receipt = usage(f"/{request_id}").json()
    assert receipt["request_id"] == request_id
    assert (receipt["status"], receipt["cost"]["status"]) == ("pending", "pending")
    assert receipt["usage"] == {"input_tokens": 2, "output_tokens": 4, "total_tokens": 6}
    assert receipt["cost"]["amount"] is receipt["cost"]["reconciled_at"] is None
    assert receipt["cost"]["breakdown"] == []
    assert receipt["requested_model"] == "text-prime"
    assert receipt["serving_model"] == "emulated-text-prime"
    assert receipt["endpoint"] == "/v1/chat/completions"
    assert receipt["api_key_id"] == key["id"]
    assert receipt["timing"]["duration_ms"] >= receipt["timing"]["ttft_ms"] >= 0

    emulator.advance(10)
    receipt = usage(f"/{request_id}").json()
    assert (receipt["status"], receipt["cost"]["status"]) == ("reconciled", "reconciled")
    assert receipt["cost"]["amount"] == "0.000006"
    assert receipt["cost"]["effective_price_per_token"] == "0.000001"
    assert receipt["cost"]["breakdown"] == [
        {"acquisition_price_per_token": "0.000001", "tokens": 6, "subtotal": "0.000006"}
    ]
    assert receipt["cost"]["reconciled_at"] > receipt["created_at"]


def test_a_call_under_way_is_pending_and_one_that_nobody_made_is_cancelled(usage, chat, emulator):
    asked = chat.ask(emulator.account.access_token)
    path = f"/{asked.headers['x-grid-request-id']}"
    mine = {"token": emulator.account.access_token}
    receipt = usage(path, **mine).json()
    assert (receipt["status"], receipt["usage"]["total_tokens"]) == ("pending", None)
    assert (receipt["serving_model"], receipt["api_key_id"]) == (None, None)
    emulator.advance(61)
    receipt = usage(path, **mine).json()
    assert (receipt["status"], receipt["cost"]["status"]) == ("error", "cancelled")
    assert receipt["timing"] == {"ttft_ms": None, "tokens_per_second": None, "duration_ms": None}


def test_nobody_sees_the_receipts_of_others(usage, call, emulator):
    path = f"/{call()}"
    assert usage(path).status_code == 200
    assert usage(path, token=emulator.account.access_token).status_code == 404
    assert usage("/unknown").status_code == 404
    assert usage(token=emulator.account.access_token).json()["data"] == []
    for each in ("", "/summary", path):
        assert usage(each, token="wrong").status_code == 401


def ids(answer):
    return [receipt["request_id"] for receipt in answer.json()["data"]]


def test_receipts_are_listed_newest_first_without_their_breakdown(usage, call):
    calls = [call(), call(), call()]
    listed = usage()
    assert ids(listed) == calls[::-1]
    assert "breakdown" not in listed.json()["data"][0]["cost"]
    first = usage(limit=2).json()
    assert first["paging"]["has_more"]
    assert ids(usage(limit=2, next=first["paging"]["next_cursor"])) == calls[:1]


def test_receipts_are_narrowed_and_sorted(usage, call, emulator, account, key):
    old = call("a long question indeed")
    emulator.advance(3600)
    between = emulator.now().isoformat()
    large = call(model="text-max")
    foreign = call(secret=account.access_token)
    assert ids(usage(to=between)) == [old]
    assert ids(usage(**{"from": between})) == [foreign, large]
    assert ids(usage(model="Text-Max")) == [large]
    assert ids(usage(api_key_id=key["id"])) == [large, old]
    assert ids(usage(status="reconciled")) == [old]
    assert ids(usage(cost_status="pending")) == [foreign, large]
    assert ids(usage(order_by="total_tokens")) == [old, foreign, large]
    assert ids(usage(order_direction="asc")) == [old, large, foreign]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"status": "done"}, 422),
        ({"cost_status": "free"}, 422),
        ({"order_by": "amount"}, 422),
        ({"from": "yesterday"}, 400),
        ({"limit": "many"}, 400),
        ({"next": "x"}, 400),
    ],
    ids=str,
)
def test_a_listing_refuses(parameters, status, usage):
    assert usage(**parameters).status_code == status


def test_a_summary_adds_up(usage, call, emulator):
    call("one two")
    call("three", model="text-max")
    emulator.advance(10)
    call("four")
    totals = usage("/summary").json()["totals"]
    assert totals == {
        "request_count": 3,
        "input_tokens": 4,
        "output_tokens": 10,
        "total_tokens": 14,
        "cost": {
            "reconciled_amount": "0.000024",
            "currency": "USD",
            "reconciled_requests": 2,
            "pending_requests": 1,
            "unpriced_requests": 0,
            "cancelled_requests": 0,
            "unpriced_tokens": 0,
        },
    }
    assert "buckets" not in usage("/summary").json()


def test_a_summary_has_groups(usage, call, emulator, account, key):
    day = emulator.now().date()
    call()
    call(model="text-max")
    emulator.advance(86_400)

    def buckets(grouping, **parameters):
        summary = usage("/summary", group_by=grouping, **parameters).json()
        assert summary["group_by"] == grouping
        return [(it["key"], it["request_count"]) for it in summary["buckets"]]

    assert buckets("day") == [(day.isoformat(), 2)]
    assert buckets("model") == [("text-max", 1), ("text-prime", 1)]
    assert buckets("api_key") == [(key["id"], 2)]
    assert buckets("api_key", api_key_id="another") == []


def test_a_summary_covers_the_last_thirty_days_unless_told_otherwise(usage, call, emulator):
    call()
    emulator.advance(30 * 86_400 + 60)
    end = emulator.now()
    begin = end - timedelta(days=31)
    assert usage("/summary").json()["totals"]["request_count"] == 0
    longer = usage("/summary", **{"from": begin.isoformat()}, to=end.isoformat())
    assert longer.json()["totals"]["request_count"] == 1


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:01Z"},
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"to": "0001-01-01T00:00:00Z"},
        {"group_by": "week"},
    ],
    ids=str,
)
def test_a_summary_refuses(parameters, usage):
    assert usage("/summary", **parameters).status_code == 422


@pytest.mark.plain_words
def test_exactly_thirty_one_days_can_be_added_up(usage):
    span = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    summary = usage("/summary", **span).json()
    assert (summary["from"], summary["to"]) == (
        "2026-01-01T00:00:00.000000Z",
        "2026-02-01T00:00:00.000000Z",
    )
    assert summary["totals"]["cost"]["reconciled_amount"] is None


def test_a_call_over_two_lots_costs_what_each_of_them_cost():
    venue = Venue(Clock(), Rules())
    prime, now = find_instrument("text-prime"), venue.clock.now()
    account, _ = venue.open_account(NewAccount())
    for quantity, price in ((1, Decimal("0.3333")), (1, Decimal(2)), (1, None)):
        venue.ledger.issue(account.user_id, prime.instrument_id, quantity, price, now)
        venue.ledger.transfer(account.user_id, prime.instrument_id, 1, now)
    caller = Caller(account.user_id, None)

    def spend(tokens):
        receipt = venue.metering.open(caller, prime, "/v1/x", Need(tokens, 1, 1), now)
        venue.metering.settle(
            receipt, input_tokens=tokens, output_tokens=0, first_token_at=None, now=now
        )
        return receipt

    later = now + timedelta(seconds=10)
    both = spend(1_500_000)
    assert both.spent.costs == (
        Cost(Decimal("3.333E-7"), 1_000_000),
        Cost(Decimal("0.000002"), 500_000),
    )
    assert both.spent.amount == Decimal("1.3333")
    assert both.cost_status(later) == "reconciled"

    unpriced = spend(600_000)
    assert [cost.subtotal for cost in unpriced.spent.costs] == [1, None]
    assert unpriced.cost_status(later) == "unpriced"
    assert unpriced.spent.amount is unpriced.spent.effective_price_per_token is None
    totals = added_up([both, unpriced], later)
    assert (totals.unpriced_requests, totals.unpriced_tokens) == (1, 600_000)
    assert (totals.reconciled_requests, totals.reconciled_amount) == (1, Decimal("1.3333"))
    assert venue.ledger.totals().balanced
