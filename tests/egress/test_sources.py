"""When sources are asked, what their silence means, and what people are told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from thegrid.client import Endpoints, Unreachable
from thegrid.client.first_answer import FirstAnswer
from thegrid.core.egress import Domain, Found
from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.egress.declaration import SUPPLIER_EGRESS, SupplierEgress
from thegrid_operator.kube import CONSUMPTION_KEY, SECRET, KubeRefused
from thegrid_operator.manifests import Holding, companion
from thegrid_operator.market import Sessions
from thegrid_operator.reconcilers.supplier_egress.sources import CONFIG_MAP, Sources
from thegrid_operator.resources import Meta

NAME = Name(SUPPLIER_EGRESS.kind, "team", "suppliers")
ACCOUNT = Name("GridAccount", "team", "account")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOST = "new.example.net"
PROBE = {"consumptionKeyRef": {"name": "app"}, "model": "text-prime", "interval": "1h"}
FEED = {"configMapRef": {"name": "hosts"}}


@dataclass
class Market:
    """A session whose answers a test sets."""

    answer: object = field(
        default_factory=lambda: FirstAnswer(307, Secret(f"https://{HOST}/v1?token=hidden"))
    )
    units: Decimal = Decimal(1)
    asked: list = field(default_factory=list)
    allowed_namespaces: frozenset = frozenset({"team"})
    endpoints: Endpoints = field(default_factory=Endpoints)

    @property
    def client(self):
        rows = (SimpleNamespace(uncommitted=self.units),)
        listing = SimpleNamespace(complete=lambda: rows)
        return SimpleNamespace(
            instrument_by_symbol=lambda _symbol: SimpleNamespace(id="instrument-1"),
            consumption_balances=lambda **_: listing,
        )

    def first_answer(self, key, model):
        self.asked.append((key.reveal(), model))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Api:
    """The objects that there are; `refused` is what may not be read."""

    objects: dict = field(default_factory=dict)
    refused: set = field(default_factory=set)

    def get(self, kind, namespace, name):
        if kind in self.refused:
            raise KubeRefused(f"GET {kind.plural}", 403, "Forbidden", "")
        return self.objects.get((kind, namespace, name))


class World:
    """A namespace with an account, a key and a resource that discovers."""

    def __init__(self, *, opened=True):
        self.now, self.term, self.generation = NOW, 1, 1
        self.market, self.api = Market(), Api()
        self.sessions = Sessions(rejected=lambda _: None)
        if opened:
            self.sessions.open(ACCOUNT, self.market)
        self.status = {}
        self.discovery = {"redirectProbe": PROBE}
        self.put_key()
        self.sources = Sources(
            kube=self.api,
            effects=Effects(lambda: None, None),
            outside=SimpleNamespace(clock=lambda: SimpleNamespace(now=lambda: self.now)),
            sessions=self.sessions,
            term=lambda: self.term,
        )

    def put_key(self):
        meta = {"name": "app", "namespace": "team", "uid": "uid-key"}
        spec = {
            "accountRef": {"name": "account"},
            "target": {"name": "app-grid"},
            "rotateAfter": "14d",
            "overlap": "2d",
        }
        item = {"metadata": meta, "spec": spec}
        held = HeldKey("id-1", 1, since=NOW, expires_at=None)
        holding = Holding(Record(current=held), {"id-1": Secret("planted-key")})
        owner = Meta.of(item)
        stored = companion(owner, holding)
        self.api.objects[CONSUMPTION_KEY, "team", "app"] = item
        self.api.objects[SECRET, "team", stored["metadata"]["name"]] = stored

    def put_feed(self, text):
        self.api.objects[CONFIG_MAP, "team", "hosts"] = {"data": {"domains": text}}

    def ask(self):
        spec = {
            "podSelector": {},
            "ports": [{"port": 443, "protocol": "TCP"}],
            "grace": "1h",
            "shortestTtl": "30s",
            "longestTtl": "1h",
            "lookEvery": "5m",
            "backend": "Core",
            "mode": "Enforce",
            "dns": {"access": "Elsewhere"},
            "discovery": self.discovery,
        }
        meta = {
            "name": "suppliers",
            "namespace": "team",
            "uid": "uid-1",
            "generation": self.generation,
        }
        item = {"metadata": meta, "spec": spec, "status": self.status}
        sourced = self.sources.ask(NAME, item, SupplierEgress.of(item))
        for kind, told in sourced.conditions.items():
            others = [it for it in self.status.get("conditions", ()) if it["type"] != kind]
            if told:
                status, reason, message = told
                others.append(
                    {
                        "type": kind,
                        "status": status,
                        "reason": reason,
                        "message": message,
                        "observedGeneration": self.generation,
                    }
                )
            self.status = {"conditions": others}
        return sourced.found

    def told(self, kind):
        found = [it for it in self.status.get("conditions", ()) if it["type"] == kind]
        return found[0] if found else {}


@pytest.fixture
def world():
    return World()


def test_the_market_is_asked_with_the_key_of_the_named_resource(world):
    assert world.ask() == Found((), (HOST,))
    assert world.market.asked == [("planted-key", "text-prime")]
    assert world.told("Probed")["status"] == "True"
    assert "planted" not in str(world.status)
    assert "hidden" not in str(world.status)


def test_between_two_probes_the_source_is_silent_and_its_condition_stays(world):
    world.ask()
    world.now += timedelta(minutes=59)
    assert world.ask().probed is None
    assert world.told("Probed")["status"] == "True"
    world.now += timedelta(minutes=1)
    assert world.ask().probed == (HOST,)
    assert len(world.market.asked) == 2


def test_a_condition_that_was_not_written_down_is_told_again(world):
    world.ask()
    world.status = {}
    world.ask()
    assert world.told("Probed")["reason"] == "Probed"
    assert len(world.market.asked) == 1


def test_a_failed_probe_takes_nothing_away_and_is_tried_again_after_the_floor(world):
    world.market.answer = Unreachable("POST /chat/completions: no answer")
    assert world.ask().probed is None
    assert world.told("Probed")["reason"] == "ProbeFailed"
    world.now += timedelta(minutes=9)
    world.ask()
    assert len(world.market.asked) == 1
    world.now += timedelta(minutes=1)
    world.ask()
    assert len(world.market.asked) == 2


def test_a_new_spec_asks_at_once(world):
    world.ask()
    world.generation = 2
    assert world.ask().probed == (HOST,)


@pytest.mark.parametrize("answer", [None, Unreachable("no answer")])
def test_a_new_leader_asks_when_the_floor_has_passed(world, answer):
    world.market.answer = answer or world.market.answer
    world.ask()
    world.term = 2
    assert world.ask().probed is None
    assert len(world.market.asked) == 1
    world.now += timedelta(minutes=10)
    world.ask()
    assert len(world.market.asked) == 2


def test_a_market_that_serves_the_call_itself_is_never_asked_again_under_the_same_spec(world):
    world.market.answer = FirstAnswer(200)
    world.ask()
    assert world.told("Probed")["reason"] == "ServedDirectly"
    world.now += timedelta(days=30)
    world.term = 2
    world.ask()
    assert len(world.market.asked) == 1
    world.generation = 2
    world.ask()
    assert len(world.market.asked) == 2


def test_an_empty_balance_is_told_and_nothing_is_asked(world):
    world.market.units = Decimal(0)
    assert world.ask().probed is None
    assert world.market.asked == []
    assert "a purchase could begin" in world.told("Probed")["message"]


def test_a_port_that_the_pods_may_not_reach_is_told(world):
    world.market.answer = FirstAnswer(307, Secret(f"https://{HOST}:8443/"))
    assert world.ask().probed == (HOST,)
    assert world.told("Probed")["message"] == (
        f"{HOST} is reached on port 8443: add it to spec.ports"
    )


NOT_READY = {
    "no such key": ("KeyNotReady", "ConsumptionKey app does not exist"),
    "a key without a Secret of ours": ("KeyNotReady", "ConsumptionKey app has no key yet"),
    "an account that is closed": ("AccountNotReady", "GridAccount team/account is not ready: why"),
    "an account of other namespaces": ("NamespaceNotAllowed", "does not list namespace team"),
}


@pytest.mark.parametrize("sentence", NOT_READY)
def test_it_waits_for(world, sentence):
    if sentence == "no such key":
        del world.api.objects[CONSUMPTION_KEY, "team", "app"]
    elif sentence == "a key without a Secret of ours":
        world.api.objects[SECRET, "team", "app-thegrid-rotation"]["metadata"]["annotations"] = {}
    elif sentence == "an account that is closed":
        world.sessions.close(ACCOUNT, "why")
    else:
        world.market.allowed_namespaces = frozenset({"other"})
    assert world.ask().probed is None
    assert world.market.asked == []
    reason, message = NOT_READY[sentence]
    assert world.told("Probed")["reason"] == reason
    assert message in world.told("Probed")["message"]


def test_an_account_that_was_not_looked_at_yet_changes_no_condition(world):
    world.ask()
    restarted = World(opened=False)
    restarted.status = world.status
    assert restarted.ask().probed is None
    assert restarted.status == world.status


def test_a_feed_is_read_at_every_look(world):
    world.discovery = FEED
    world.put_feed("a.example.com")
    assert world.ask() == Found((Domain("a.example.com"),), ())
    world.put_feed("b.example.com\nwrong")
    assert world.ask().feed == (Domain("b.example.com"),)
    assert world.told("FeedRead")["reason"] == "LinesLeftOut"
    assert "data.domains, line 2: 'wrong'" in world.told("FeedRead")["message"]


def test_a_feed_that_is_gone_is_silent_and_so_takes_nothing_away(world):
    world.discovery = FEED
    assert world.ask().feed is None
    assert world.told("FeedRead")["reason"] == "NotFound"


def test_a_feed_of_too_many_domains_is_not_taken_in_part(world):
    world.discovery = FEED
    world.put_feed("\n".join(f"a{number}.example.com" for number in range(501)))
    assert world.ask().feed is None
    assert world.told("FeedRead")["message"] == (
        "ConfigMap hosts names 501 domains, and 500 are allowed: nothing of it is taken"
    )


def test_a_feed_that_may_not_be_read_says_what_to_allow(world):
    world.discovery = FEED
    world.api.refused.add(CONFIG_MAP)
    assert world.ask().feed is None
    assert "egress.configMaps" in world.told("FeedRead")["message"]


def test_what_is_not_declared_any_more_names_nothing_and_has_no_condition(world):
    world.discovery = {"redirectProbe": PROBE, **FEED}
    world.put_feed("a.example.com")
    world.ask()
    world.discovery = {}
    assert world.ask() == Found((), ())
    assert world.status["conditions"] == []
