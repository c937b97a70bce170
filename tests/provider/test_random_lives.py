"""Stacks that are changed, struck by faults and meddled with at random come to rest as declared.

Whatever happened, once the faults have stopped, two `up` end in what is declared (after a refresh,
if somebody has meddled), and no live key is left that no resource holds. A resource whose first
creation failed stays declared until it is made: it has no state, so that nobody else knows the name
under which the market may have a key of it.
"""

import contextlib
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.emulation import settle

from pulumi_thegrid import AccountSettings, ConsumptionKey, TradingKey
from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret

DAY = 86400
TWO_YEARS = 730 * DAY
KINDS = {"first": ConsumptionKey, "second": ConsumptionKey, "desk": TradingKey}
EFFECTS = {
    "POST": ("/api-keys", "/signing-keys"),
    "DELETE": ("/api-keys/{id}", "/signing-keys/{id}"),
}
FAULTS = ({"drop": "before"}, {"drop": "after"}, {"status": 500}, {"spoil": "malformed"})


@dataclass(frozen=True)
class Desired:
    """What a program declares: keys with their interval and trigger, and the account's mode."""

    keys: dict[str, tuple[str, int]]
    mode: Literal["easy", "advanced"] | None

    def program(self):
        for name, (rotate_after, trigger) in self.keys.items():
            KINDS[name](name, rotate_after=rotate_after, triggers=[trigger])
        if self.mode:
            AccountSettings("account", mode=self.mode)


keys = st.dictionaries(
    st.sampled_from(sorted(KINDS)),
    st.tuples(st.sampled_from(["7d", "14d", "30d"]), st.integers(0, 2)),
)
desired = st.builds(Desired, keys, st.sampled_from([None, "easy", "advanced"]))
faults = st.tuples(
    st.sampled_from(sorted(EFFECTS)), st.sampled_from(FAULTS), st.sampled_from([1, 2, 9])
)
steps = st.one_of(
    st.tuples(st.just("up"), desired),
    st.tuples(st.just("up struck by a fault"), st.tuples(desired, faults)),
    st.tuples(st.just("up again, struck by a fault"), faults),
    st.tuples(st.just("refresh"), st.none()),
    st.tuples(st.just("days pass"), st.sampled_from([1, 3, 8, 15, 31])),
    st.tuples(st.just("somebody revokes"), st.integers(0, 9)),
    st.tuples(st.just("somebody changes the mode"), st.sampled_from(["easy", "advanced"])),
)
lives = st.tuples(st.lists(steps, min_size=3, max_size=8), desired)


class Life:
    """One stack with an account of its own, and what is declared in it at present."""

    def __init__(self, market, engine, client):
        self.market, self.engine, self.client = market, engine, client
        self.desired, self.missing = Desired({}, None), {}
        self.is_meddled_with = False

    def live(self):
        settle(self.market)
        listed = {
            ConsumptionKey: self.client.list_consumption_keys().keys,
            TradingKey: self.client.list_trading_keys(),
        }
        now = self.market.now()
        return {key.id: kind for kind, all_ in listed.items() for key in all_ if key.is_live(now)}

    def recorded(self):
        return {name for name in KINDS if any(it.endswith(f"::{name}") for it in self.engine.state)}

    def up(self, wanted):
        """Run `up`; what is missing is declared until it is there."""
        self.desired = Desired(self.missing | wanted.keys, wanted.mode)
        try:
            return self.engine.up(self.desired.program).steps
        finally:
            self.remember_what_is_missing()

    def remember_what_is_missing(self):
        missing = self.desired.keys.keys() - self.recorded()
        self.missing = {name: self.desired.keys[name] for name in missing}

    def take(self, step, with_what):
        """Let one thing happen. A command may fail, since faults may strike it."""
        with contextlib.suppress(RuntimeError):
            self._take(step, with_what)

    def _take(self, step, with_what):
        match step:
            case "up":
                self.up(with_what)
            case "up struck by a fault":
                self.up_struck(*with_what)
            case "up again, struck by a fault":
                self.up_struck(self.desired, with_what)
            case "refresh":
                self.engine.refresh()
            case "days pass":
                self.market.advance(with_what * DAY)
            case "somebody revokes" if live := sorted(self.live().items()):
                self.revoke_by_hand(*live[with_what % len(live)])
            case "somebody changes the mode":
                self.client.set_account_mode(with_what)
                self.is_meddled_with = True

    def up_struck(self, wanted, fault):
        method, harm, times = fault
        for path in EFFECTS[method]:
            self.market.order_fault(method, path, times=times, **harm)
        try:
            self.up(wanted)
        finally:
            self.market.clear_faults()

    def revoke_by_hand(self, key_id, kind):
        is_for_trading = kind is TradingKey
        client = self.client
        (client.revoke_trading_key if is_for_trading else client.revoke_consumption_key)(key_id)
        self.is_meddled_with = True

    def come_to_rest(self, wanted):
        """Run two `up`, and a refresh before them if somebody has meddled."""
        if self.is_meddled_with:
            self.engine.refresh()
        self.up(wanted)
        self.up(wanted)

    def is_as_declared(self):
        live, held = self.live().keys(), set()
        for name, (rotate_after, trigger) in self.desired.keys.items():
            outputs = self.engine.outputs(name)
            assert (outputs["rotate_after"], outputs["triggers"]) == (rotate_after, [trigger])
            assert outputs["strays"] == []
            assert outputs["key_id"] in live
            held |= {outputs["key_id"], outputs.get("previous_key_id")}
        assert live <= held
        assert self.recorded() == self.desired.keys.keys()
        if self.desired.mode:
            assert self.client.settings().mode == self.desired.mode
        assert set(self.up(self.desired).values()) <= {"same"}


@pytest.fixture
def live_through(market, addresses, new_engine):
    """Live one life in an account of its own."""
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)

    def live_through(happenings, last):
        market.clear_faults()
        token = market.create_account(access_token_seconds=TWO_YEARS).access_token
        engine = new_engine({**addresses, "thegrid:accessToken": token})
        with Client(endpoints, Secret(token)) as client:
            life = Life(market, engine, client)
            for happening in happenings:
                life.take(*happening)
            life.come_to_rest(last)
            life.is_as_declared()
        engine.end_servers()

    return live_through


at_random = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


both = Desired({"first": ("7d", 0), "desk": ("14d", 0)}, "advanced")
creations_are_lost = ("up struck by a fault", (both, ("POST", {"drop": "after"}, 9)))


@settings(at_random, max_examples=6, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(life=lives)
@example(life=([creations_are_lost], both))
def test_a_few_lives_come_to_rest_as_declared(live_through, life):
    live_through(*life)


@pytest.mark.slow
@settings(at_random, max_examples=100)
@given(life=lives)
def test_many_lives_come_to_rest_as_declared(live_through, life):
    live_through(*life)
