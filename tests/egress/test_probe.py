"""One inference call whose redirect is read and never followed, against a market over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from tests.emulation import emulated

from thegrid.client import Client, Endpoints
from thegrid.client.first_answer import FirstAnswer, first_answer
from thegrid.core.secret import Secret
from thegrid_emulator import Clock as MarketClock
from thegrid_operator.egress.probe import SHORTEST_INTERVAL, is_due, judge, probe

TICKET = "planted-ticket-77b1"
MODEL = "text-prime"


@dataclass
class Session:
    """What the operator keeps open for an account."""

    client: Client
    endpoints: Endpoints

    def first_answer(self, key, model):
        return first_answer(self.endpoints, key, model)


@pytest.fixture
def market():
    with emulated(clock=MarketClock()) as running:
        yield running


@pytest.fixture
def ask(market):
    """Makes an account that may consume, and returns how to probe with its key."""
    clients = []

    def make(units=1, **account):
        opened = market.create_account(consumption_units={MODEL: units} if units else {}, **account)
        parts = ("platform", "trading", "consumption", "messages")
        endpoints = Endpoints(**{part: getattr(market, part) for part in parts})
        client = Client(endpoints, Secret(opened.access_token))
        clients.append(client)
        key = client.create_consumption_key("probe").secret
        return opened, lambda model=MODEL: probe(Session(client, endpoints), key, model)

    yield make
    for client in clients:
        client.close()


def calls_to(market, surface):
    return [it for it in market.journal() if it["surface"] == surface]


def test_it_names_the_host_that_a_redirect_leads_to(market, ask):
    market.use_suppliers("new.example.net")
    _, asked = ask()
    probed = asked()
    assert (probed.hosts, probed.port, probed.problem) == (("new.example.net",), 443, "")


def test_nothing_is_spent_and_no_supplier_is_ever_asked(market, ask):
    account, asked = ask()
    before = market.lots(account.user_id), market.totals()
    market.use_suppliers("127.0.0.2")
    for _ in range(3):
        assert asked().problem == ""
    assert len(market.redirects()) == 3
    assert calls_to(market, "gateway") == []
    market.advance(3600)  # what a call has reserved is free again when its redirect has died
    assert (market.lots(account.user_id), market.totals()) == before


def test_a_market_on_this_machine_that_stays_there_names_no_host(market, ask):
    _, asked = ask()
    assert asked().hosts == ()


def test_without_a_balance_nothing_is_asked_and_no_purchase_begins(market, ask):
    account, asked = ask(units=0)
    market.give_units(market.account.user_id, MODEL, 5)  # there is somebody who could sell
    before = market.totals()
    probed = asked()
    assert probed.hosts is None
    assert "a purchase could begin" in probed.problem
    assert calls_to(market, "consumption") == []
    assert market.totals() == before
    assert market.lots(account.user_id) == []


def test_a_market_that_serves_the_call_itself_is_told_so(market, ask):
    market.use_suppliers(direct=True)
    _, asked = ask()
    probed = asked()
    assert probed.served
    assert probed.hosts is None
    assert probed.problem.startswith("the market served the call itself (200, no redirect)")


def test_a_login_that_may_not_see_the_balance_asks_nothing(market, ask):
    _, asked = ask(scopes=("keys:manage",))
    assert asked().hosts is None
    assert calls_to(market, "consumption") == []


def test_an_instrument_that_does_not_exist_is_told(market, ask):
    _, asked = ask()
    assert "404" in asked("text-nope").problem
    assert calls_to(market, "consumption") == []


def test_a_dead_key_is_told_without_its_bytes(market):
    opened = market.create_account(consumption_units={MODEL: 1})
    parts = ("platform", "trading", "consumption", "messages")
    endpoints = Endpoints(**{part: getattr(market, part) for part in parts})
    with Client(endpoints, Secret(opened.access_token)) as client:
        probed = probe(Session(client, endpoints), Secret("planted-dead-key"), MODEL)
    assert "401" in probed.problem
    assert "planted" not in probed.problem


@pytest.mark.parametrize("status", [402, 429, 500, 503])
def test_a_refusal_is_told_and_learns_nothing(market, ask, status):
    market.order_fault("POST", "/chat/completions", status=status)
    _, asked = ask()
    probed = asked()
    assert (probed.hosts, probed.served) == (None, False)
    assert str(status) in probed.problem
    assert len(calls_to(market, "consumption")) == 1


PRODUCTION = Endpoints()
HERE = Endpoints("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1", "http://[::1]:1")
GOOD = f"https://Supplier.Example.net/v1?token={TICKET}"
JUDGED = {
    "a supplier": (PRODUCTION, 307, GOOD, ("supplier.example.net",)),
    "a supplier elsewhere than usual": (
        PRODUCTION,
        307,
        f"https://a.example.net:8443/{TICKET}",
        ("a.example.net",),
    ),
    "another redirect": (PRODUCTION, 302, GOOD, None),
    "a redirect for good": (PRODUCTION, 308, GOOD, None),
    "no target": (PRODUCTION, 307, None, None),
    "a relative target": (PRODUCTION, 307, f"/v1?token={TICKET}", None),
    "plain http": (PRODUCTION, 307, f"http://a.example.net/{TICKET}", None),
    "plain http of this machine": (PRODUCTION, 307, f"http://127.0.0.1/{TICKET}", None),
    "https of this machine": (PRODUCTION, 307, f"https://localhost/{TICKET}", None),
    "an address": (PRODUCTION, 307, f"https://169.254.169.254/{TICKET}", None),
    "one label": (PRODUCTION, 307, f"https://intranet/{TICKET}", None),
    "a user before the host": (
        PRODUCTION,
        307,
        f"https://api.thegrid.ai:{TICKET}@evil.example.net/",
        None,
    ),
    "no address at all": (PRODUCTION, 307, f"https://[{TICKET}", None),
    "this machine, from this machine": (HERE, 307, f"http://127.0.0.2:9/{TICKET}", ()),
    "this machine by TLS, from this machine": (HERE, 307, f"https://localhost:9/{TICKET}", ()),
    "plain http elsewhere, from this machine": (HERE, 307, f"http://a.example.net/{TICKET}", None),
    "another scheme, from this machine": (HERE, 307, f"ftp://127.0.0.1/{TICKET}", None),
    "a supplier, from this machine": (HERE, 307, GOOD, ("supplier.example.net",)),
}


@pytest.mark.parametrize("sentence", JUDGED)
def test_a_redirect_to(sentence):
    market, status, location, hosts = JUDGED[sentence]
    probed = judge(FirstAnswer(status, location and Secret(location)), market)
    assert probed.hosts == hosts
    assert bool(probed.problem) is (hosts is None)
    assert TICKET not in repr(probed)
    assert not probed.served


def test_the_port_is_told():
    probed = judge(FirstAnswer(307, Secret("https://a.example.net:8443/")), PRODUCTION)
    assert probed.port == 8443


NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = {
    "never asked before": (None, DAY, True),
    "asked longer ago": (NOW - DAY, DAY, True),
    "asked just now": (NOW - DAY + timedelta(seconds=1), DAY, False),
    "a floor under a short interval": (NOW - timedelta(minutes=1), timedelta(seconds=1), False),
    "the floor itself": (NOW - SHORTEST_INTERVAL, timedelta(seconds=1), True),
}


@pytest.mark.parametrize("sentence", DUE)
def test_it_is_due_by(sentence):
    last, interval, due = DUE[sentence]
    assert is_due(last, interval, NOW) is due
