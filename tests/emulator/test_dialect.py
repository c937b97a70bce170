import json

import httpx
import pytest
from tests.emulation import generous
from tests.emulator.conftest import Signer

from thegrid_emulator import Clock, serve
from thegrid_emulator.answers import EMPTY, Answer
from thegrid_emulator.dialect import RULES, applied
from thegrid_emulator.dialect.changes import with_underscore, without_fraction

UUID = "00000000-0000-4000-8000-000000000001"
INSTRUMENT, MARKET = f"instrument-{UUID}", f"market-{UUID}"
SETTINGS = "/self/system-settings"
BUY = {"market_id": MARKET, "side": "buy", "type": "limit", "quantity": 2, "price": "0.10"}


class Conversation:
    """Asks an emulator one thing after another, and keeps every answer."""

    def __init__(self, emulator, http):
        account = emulator.create_account(mode="advanced", units={"text-standard": 9})
        self.bases = {
            "platform": f"{emulator.platform}/v1",
            "trading": emulator.trading,
            "consumption": emulator.consumption,
        }
        self.http = http
        self.bearer = {"authorization": f"Bearer {account.access_token}"}
        self.answers = []

    def ask(self, surface, method, path, *, headers=None, **options):
        answer = self.http.request(
            method, self.bases[surface] + path, headers=headers or self.bearer, **options
        )
        self.answers.append((surface, answer_of(method, path, answer)))
        return answer

    def hold(self):
        """Ask about everything whose answer has more than one wording."""
        self.ask("platform", "GET", "/oauth/scopes?client_id=grid-cli-public")
        login = {"client_id": "grid-cli-public", "scope": "keys:manage"}
        self.ask("platform", "POST", "/oauth/device/code", json=login)
        self.ask("platform", "GET", "/api-keys", headers={"authorization": "Bearer bad"})
        self.ask("platform", "POST", "/api-keys", json={"api_key": {"name": "one"}})
        self.ask("platform", "GET", "/api-keys")
        signer = Signer.generate()
        body = {"signing_key": {"label": "one", "public_key": signer.public_key_text}}
        made = self.ask("platform", "POST", "/signing-keys", json=body).json()["data"]
        self.ask("platform", "GET", "/signing-keys")
        self.ask("platform", "DELETE", f"/signing-keys/{made.get('id', made.get('key_id'))}")
        self.ask("platform", "GET", SETTINGS)
        self.ask("trading", "GET", "/me")
        for kind in ("ticker", "orderbook", "trades"):
            self.ask("trading", "GET", f"/markets/{MARKET}/{kind}")
        self.ask("trading", "GET", f"/markets/{MARKET}")
        made = self.ask("trading", "POST", "/orders", json=BUY).json()["data"]
        order = f"/orders/{made['order_id']}"
        self.ask("trading", "POST", "/orders", json=BUY | {"quantity": 10_000, "price": "100"})
        self.ask("trading", "POST", "/orders", json=BUY | {"type": "market", "price": None})
        sale = {"market_id": MARKET, "side": "sell", "type": "market", "quantity": 1}
        self.ask("trading", "POST", "/orders", json=sale)
        self.ask("trading", "GET", f"/markets/{MARKET}/trades")
        self.ask("trading", "GET", order)
        self.ask("trading", "PUT", order, json={"price": "0.11"})
        self.ask("trading", "DELETE", order)
        self.ask("trading", "DELETE", order)
        units = {"instrument_id": INSTRUMENT, "quantity": 1}
        self.ask("trading", "POST", "/transfers/trading-to-consumption", json=units)
        for path in ("/orders", "/trading-accounts", "/consumption-accounts"):
            self.ask("trading", "GET", path)
        self.ask("trading", "GET", "/transfer-histories")
        self.ask("consumption", "GET", "/models", headers={"x-none": ""})
        self.ask("consumption", "GET", "/models", headers={"authorization": "Bearer bad"})
        return self

    def said(self, method, path, *, ok=True):
        """The last answer of a route."""
        found = [it for _, it in self.answers if (it.method, it.path) == (method, path)]
        return [it for it in found if it.succeeded == ok][-1].body


def answer_of(method, path, answer):
    body = answer.json() if answer.content else EMPTY
    return Answer(method, path.partition("?")[0], answer.status_code, body)


@pytest.fixture(scope="module")
def spoken():
    """The same conversation in both dialects."""
    with httpx.Client(verify=False, trust_env=False) as http:  # noqa: S501 -- loopback only
        held = {}
        for dialect in ("plain", "alternate"):
            with serve(clock=Clock(), rules=generous(), dialect=dialect) as emulator:
                held[dialect] = Conversation(emulator, http).hold()
    return held


@pytest.fixture
def alternate(spoken):
    return spoken["alternate"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_is_reached_by_some_answer_of_the_market(spoken, rule):
    refused = Answer("GET", "/me", 429, {"errors": {"detail": "rate_limit_exceeded"}})
    given = [*spoken["plain"].answers, ("trading", refused)]
    assert any(rule.is_for(surface, it) and rule.change(it) != it for surface, it in given)


def test_each_rule_says_what_it_does_and_which_page_allows_it():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.page and rule.routes for rule in RULES)


def test_an_order_has_its_older_members(alternate):
    (row, *_) = alternate.said("GET", "/orders")["data"]
    assert {"id", "size", "average_fill_price", "created_at", "introduced_later"} <= row.keys()
    assert not {"order_id", "quantity", "submitted_at", "fee"} & row.keys()
    assert row["market_id"] == f"market_{UUID}"
    assert isinstance(row["size"], str)
    assert "paging" not in alternate.said("GET", "/orders")


def test_a_change_and_a_cancel_are_answered_otherwise(spoken):
    def statuses(dialect):
        return [
            it.status
            for _, it in spoken[dialect].answers
            if it.method in ("PUT", "DELETE") and "/orders/" in it.path
        ]

    assert statuses("plain") == [200, 204, 500]
    assert statuses("alternate") == [202, 200, 500]


def test_balances_are_numbers_and_what_can_be_consumed_is_a_string(alternate):
    for row in alternate.said("GET", "/trading-accounts")["data"]:
        assert isinstance(row["reserved_balance"], int | float)
        assert "locked_balance" not in row
    (row,) = alternate.said("GET", "/consumption-accounts")["data"]
    assert row["available_balance"] == "1"


def test_envelopes_are_others(alternate):
    moved = alternate.said("POST", "/transfers/trading-to-consumption")
    assert moved["data"]["status"] == "success"
    histories = alternate.said("GET", "/transfer-histories")
    assert histories["meta"]["total_count"] == 1
    assert alternate.said("GET", "/me")["data"]["user"]["email"]
    assert {"bids", "asks"} <= alternate.said("GET", f"/markets/{MARKET}/orderbook")["data"].keys()


def test_settings_know_auto_buy_by_its_older_name_alone(alternate):
    settings = alternate.said("GET", SETTINGS)["data"]
    assert settings["auto_top_up_enabled"] is False
    assert not [name for name in settings if name.startswith("auto_buy")]


def test_refusals_are_worded_otherwise(spoken):
    def refusals(dialect):
        return [it.body for _, it in spoken[dialect].answers if not it.succeeded]

    assert {"error": "invalid_token"}.items() <= refusals("alternate")[0].items()
    codes = [json.dumps(body) for body in refusals("alternate")]
    assert any('"INSUFFICIENT_BALANCE"' in code for code in codes)
    assert any('"error": "invalid_api_key"' in code for code in codes)
    assert len(refusals("plain")) == len(refusals("alternate"))


def test_a_page_that_is_not_the_last_keeps_its_cursor():
    paging = {"next_cursor": "x", "prev_cursor": None, "has_more": True}
    answer = Answer("GET", "/orders", 200, {"data": [], "paging": paging})
    assert applied(RULES, "trading", answer).body["paging"] == paging


def test_ids_and_times_are_found_inside_texts_alone():
    assert with_underscore(f"no {MARKET} here") == f"no market_{UUID} here"
    assert with_underscore("market-prime") == "market-prime"
    assert without_fraction("2026-01-01T00:00:00.123456Z") == "2026-01-01T00:00:00Z"
    assert without_fraction("12.5Z") == "12.5Z"


def test_one_request_too_many_is_told_by_one_header_and_the_reset_in_seconds(http):
    rules = generous(trading_requests_per_minute=1)
    with serve(clock=Clock(), rules=rules, dialect="alternate") as emulator:
        answers = [http.get(f"{emulator.trading}/health") for _ in range(2)]
    refused = answers[1]
    assert refused.status_code == 429
    assert refused.json()["error"] == "rate_limit_exceeded"
    assert "retry-after" not in refused.headers
    wait = int(refused.headers["x-ratelimit-retry-after"])
    assert wait == int(refused.headers["x-ratelimit-reset"]) <= 60


def test_the_side_door_redirects_and_streams_speak_plainly(http):
    with serve(clock=Clock(), rules=generous(), dialect="alternate") as emulator:
        clock = http.get(f"{emulator.platform}/_emulator/clock").json()
        assert clock.keys() == {"now", "offset_seconds"}
        turns = [{"role": "user", "content": "hi"}]
        body = {"model": "text-prime", "messages": turns, "stream": True}
        bearer = {"authorization": f"Bearer {emulator.account.access_token}"}
        url = f"{emulator.consumption}/chat/completions"
        redirect = http.post(url, json=body, headers=bearer)
        assert (redirect.status_code, redirect.content) == (307, b"")
        stream = http.post(redirect.headers["location"], content=redirect.request.content)
        assert stream.text.endswith("data: [DONE]\n\n")
