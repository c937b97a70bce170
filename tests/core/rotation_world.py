"""A market and a store that crash, lose answers, lag and forget, and who rotates a key in them.

A small world stands in for both: `Market` is what The Grid knows, `Store` what a front door wrote
down. `Operator` gathers, asks `plan_rotation` and performs its plan action by action, each of which
a fault may strike.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tests.core.faults import Crashed, Failed, struck

from thegrid.core.identity import stack_owner
from thegrid.core.model import ConsumptionKey
from thegrid.core.rotation import (
    LISTING_GRACE,
    Forget,
    HeldKey,
    Mint,
    Record,
    RestoreTarget,
    Revoke,
    RotationPolicy,
    Situation,
    SwapPending,
    TestPending,
    Verdict,
    plan_rotation,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAY = timedelta(days=1)
OWNER = stack_owner("nonce", "web")

POLICIES = {
    "default": RotationPolicy(14 * DAY, 2 * DAY),
    "short": RotationPolicy(6 * HOUR, HOUR),
    "no overlap": RotationPolicy(DAY, timedelta(0)),
    "impatient": RotationPolicy(2 * DAY, DAY, cut_overlap_short=True),
}


@dataclass
class MarketKey:
    key: ConsumptionKey
    shown_from: datetime
    revocation_shown_from: datetime | None = None


@dataclass
class Market:
    """Keys, and a listing that lags behind them.

    Attributes:
        lag: How long after a write the listing still shows the old state; below the grace.
    """

    lag: timedelta
    entries: dict[str, MarketKey] = field(default_factory=dict)

    def mint(self, name, expires_at, now):
        key = ConsumptionKey(f"key-{len(self.entries)}", name, True, expires_at, now)  # noqa: FBT003
        self.entries[key.id] = MarketKey(key, now + self.lag)
        return key

    def revoke(self, key_id, now):
        entry = self.entries.get(key_id)
        if entry and entry.key.is_active:
            entry.key = replace(entry.key, is_active=False)
            entry.revocation_shown_from = now + self.lag

    def accepts(self, key_id, now):
        return key_id in self.entries and self.entries[key_id].key.is_live(now)

    def listing(self, now):
        shown = [entry for entry in self.entries.values() if now >= entry.shown_from]
        return tuple(
            replace(entry.key, is_active=True)
            if entry.revocation_shown_from and now < entry.revocation_shown_from
            else entry.key
            for entry in shown
        )

    def live(self, now):
        return {
            i for i, e in self.entries.items() if f"<{OWNER}#" in e.key.name and e.key.is_live(now)
        }


@dataclass(frozen=True)
class Store:
    """What is written down, and the place that workloads read; each change is one write."""

    record: Record = field(default_factory=Record)
    pending_trigger: str = ""
    pending_emergency: str = ""
    target: str | None = None

    def with_pending(self, key, trigger, emergency):
        record = replace(self.record, pending=key)
        requests = {"pending_trigger": trigger, "pending_emergency": emergency}
        return replace(self, record=record, **requests)

    def swapped(self, now):
        old = self.record
        new = Record(
            current=replace(old.pending, since=now),
            previous=old.current,
            anchor=old.anchor or now,
            trigger=self.pending_trigger,
            emergency=self.pending_emergency or old.emergency,
            urgent=bool(self.pending_emergency and old.current),
        )
        return Store(new, target=new.current.id)

    def without(self, key_id):
        places = ("pending", "current", "previous")
        held = {place: getattr(self.record, place) for place in places}
        kept = {place: key for place, key in held.items() if key and key.id != key_id}
        return replace(self, record=replace(self.record, **(dict.fromkeys(places) | kept)))


@dataclass
class Memory:
    """What a process knows until it dies."""

    missing_since: dict = field(default_factory=dict)
    in_doubt_since: datetime | None = None
    rejected: str | None = None


class Operator:
    """Gathers, decides and acts, one plan at a time.

    Args:
        market: The market.
        policy: How to rotate.
    """

    def __init__(self, market, policy):
        self.market, self.policy = market, policy
        self.now, self.trigger, self.emergency = START, "", ""
        self.store, self.memory = Store(), Memory()
        self.backups = [self.store]
        self.crashed = False
        self.faults = []
        self.served_until = {}  # when the target last held a key
        self.revoked_in_use = []
        self.revoked_too_soon = []
        self.mints = []
        self.unused = []  # births of keys since the last swap

    def plan(self):
        return plan_rotation(self.situation())

    def situation(self):
        keys = self.market.listing(self.now)
        record, memory = self.store.record, self.memory
        unlisted = {key.id for key in record.held()} - {key.id for key in keys}
        memory.missing_since = {i: memory.missing_since.get(i, self.now) for i in unlisted}
        rejected = record.pending is not None and record.pending.id == memory.rejected
        return Situation(
            policy=self.policy,
            owner=OWNER,
            label="web",
            now=self.now,
            keys=keys,
            record=record,
            trigger=self.trigger,
            emergency=self.emergency,
            verdict=Verdict.REJECTED if rejected else Verdict.UNTESTED,
            target_is_right=self.store.target == (record.current and record.current.id),
            missing_since=memory.missing_since,
            in_doubt_since=memory.in_doubt_since,
        )

    def reconcile(self, faults=()):
        """Carry out one plan; an error drops its rest. Returns the plan."""
        self.faults = list(faults)
        plan = self.plan()
        try:
            for action in plan.actions:
                self.perform(action)
                self.now += SECOND
        except Failed:
            pass
        except Crashed:
            self.crashed, self.memory = True, Memory()
        return plan

    def effect(self, happen):
        return struck(self.faults, happen)

    def perform(self, action):
        match action:
            case Mint():
                self.mint(action)
            case TestPending():
                self.test()
            case SwapPending():
                self.effect(lambda: self.write(self.store.swapped(self.now)))
                self.unused.clear()
            case RestoreTarget():
                current = self.store.record.current.id
                self.effect(lambda: self.write(replace(self.store, target=current)))
            case Revoke(key_id):
                self.effect(lambda: self.revoke(key_id))
            case Forget(key_id):
                self.effect(lambda: self.write(self.store.without(key_id)))

    def mint(self, action):
        def happen():
            key = self.market.mint(action.name, action.expires_at, self.now)
            self.mints.append(self.now)
            self.unused.append(self.now)
            return key

        try:
            key = self.effect(happen)
        except Failed:
            self.memory.in_doubt_since = self.now
            raise
        held = HeldKey(key.id, action.number, self.now, key.expires_at)
        try:
            self.effect(
                lambda: self.write(self.store.with_pending(held, action.trigger, action.emergency))
            )
        except Failed:  # as thegrid.client.perform.mint does
            self.revoke(key.id)
            self.unused.pop()
            raise

    def test(self):
        pending = self.store.record.pending.id
        if not self.effect(lambda: self.market.accepts(pending, self.now)):
            self.memory.rejected = pending
            raise Failed

    def revoke(self, key_id):
        """Revoke, and note whether a workload could still have been using the key."""
        if self.market.accepts(key_id, self.now):
            if key_id == self.store.target:
                self.revoked_in_use.append(key_id)
            left = self.served_until.get(key_id)
            in_overlap = left and self.now < left + self.policy.overlap
            if in_overlap and not self.store.record.urgent:
                self.revoked_too_soon.append(key_id)
        self.market.revoke(key_id, self.now)

    def write(self, store):
        if self.store.target != store.target and self.store.target:
            self.served_until[self.store.target] = self.now
        self.store = store
        self.backups.append(store)


def settle(operator):
    """Run without faults until nothing is left to do; time moves as plans say."""
    operator.now += LISTING_GRACE  # what happened last is listed by now
    for _ in range(2000):
        plan = operator.reconcile()
        if plan.actions:
            continue
        record = operator.store.record
        at_rest = record.held() == (record.current,) and not operator.memory.missing_since
        strays = operator.market.live(operator.now) - {key.id for key in record.held()}
        if plan.reason == "UpToDate" and at_rest and not strays:
            return
        assert plan.look_again_at > operator.now
        operator.now = plan.look_again_at
    raise AssertionError(f"never at rest: {plan}")
