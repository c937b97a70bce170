"""Transfers against a market that loses answers, is late, and has other customers' hands in it.

`Market` is what The Grid knows, `Stack` what Pulumi wrote down, `Process` what lives until it dies.
Each transfer at the market remembers for which intent it was sent; no decision sees that.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from thegrid.core.model import Transfer
from thegrid.core.transfer import (
    HISTORY_GRACE,
    Adopt,
    AskPerson,
    History,
    Look,
    Send,
    Situation,
    plan_transfer,
)
from thegrid.core.watermark import Watermark

START = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NAMES = ("first", "second", "third")
FAULTS = (
    "refused",
    "lost before",
    "lost after",
    "killed before",
    "killed after",
    "killed in flight",
)
QUANTITY = 2


class Killed(BaseException):
    """The process died, and its memory with it."""


class Lost(Exception):
    """No answer came."""


class Refused(Exception):
    """The market said no; nothing moved."""


class Doubt(Exception):
    """A person has to decide."""


@dataclass
class Market:
    """Transfers, and a history that lags behind them and may break off.

    Attributes:
        lag: How late the history shows a transfer.
        flight: How long after its sender died a request may still take effect. Both together are
            shorter than the grace.
        sent: Every transfer, with the intent that it was sent for, or None for somebody else's.
        broken: Whether the history breaks off after its oldest rows.
    """

    lag: timedelta
    flight: timedelta
    sent: list[tuple[Transfer, str | None]] = field(default_factory=list)
    broken: bool = False

    def move(self, quantity, intent, now):
        row = Transfer(
            f"t{len(self.sent)}", "consumption_account", None, "i", Decimal(quantity), now
        )
        self.sent.append((row, intent))
        return row.id

    def history(self, now):
        rows = [row for row, _ in self.sent if row.transferred_at + self.lag <= now]
        return tuple(rows[:1] if self.broken else rows)


@dataclass(frozen=True)
class Intent:
    nonce: str
    watermark: Watermark


@dataclass
class Process:
    """A provider process: which intents it drew, and which ids are theirs."""

    drawn: set[str] = field(default_factory=set)
    returned: dict[str, str] = field(default_factory=dict)
    adopted: dict[str, str] = field(default_factory=dict)


class World:
    """A stack with three transfers of one instrument and quantity, run again and again."""

    def __init__(self, lag, flight):
        self.market = Market(lag, flight)
        self.now = START
        self.nonces = count()
        self.intents, self.recorded, self.adopted = {}, {}, set()
        self.on_ambiguous = "fail"

    def up(self, faults=()):
        """Run the program in a new process until it is done, fails or is killed."""
        process, faults = Process(), list(faults)
        for name, transfer_id in self.recorded.items():
            ids = process.adopted if transfer_id in self.adopted else process.returned
            ids[transfer_id] = self.intents[name].nonce
        doubts = []
        try:
            for name in NAMES:
                self.declare(process, name)
            for name in NAMES:
                if name not in self.recorded:
                    try:
                        self.recorded[name] = self.create(process, self.intents[name], faults)
                    except Doubt:
                        doubts.append(name)
        except (Killed, Lost, Refused):
            pass
        return doubts

    def declare(self, process, name):
        if name not in self.intents:
            nonce = f"n{next(self.nonces)}"
            self.intents[name] = Intent(nonce, Watermark.of(self.market.history(self.now)))
            process.drawn.add(nonce)
            self.now += SECOND

    def create(self, process, intent, faults):
        unsure = None if intent.nonce in process.drawn else self.now
        history, sends = None, 0
        while True:
            plan = plan_transfer(
                Situation(
                    intent.nonce,
                    intent.watermark,
                    "i",
                    QUANTITY,
                    self.on_ambiguous,
                    unsure,
                    history,
                    process.returned,
                    process.adopted,
                )
            )
            self.now = max(self.now, plan.look_again_at or self.now)
            match plan.actions:
                case (Look(),):
                    rows = self.market.history(self.now)
                    history = History(rows, not self.market.broken, self.now)
                case (Adopt(transfer_id),):
                    process.adopted[transfer_id] = intent.nonce
                    self.adopted.add(transfer_id)
                    return transfer_id
                case (AskPerson(candidates),):
                    assert candidates or self.market.broken
                    raise Doubt
                case (Send(_, quantity),):
                    sends += 1
                    try:
                        made = self.send(quantity, intent, faults)
                    except Lost:
                        if sends > 1:
                            raise
                        unsure, history = self.now, None
                        continue
                    process.returned[made] = intent.nonce
                    return made

    def send(self, quantity, intent, faults):
        self.now += SECOND
        fault = faults.pop(0) if faults else "none"
        if fault == "refused":
            raise Refused
        if fault in ("killed before", "lost before"):
            raise Killed if fault.startswith("killed") else Lost
        late = self.market.flight if fault == "killed in flight" else timedelta(0)
        made = self.market.move(quantity, intent.nonce, self.now + late)
        if fault.startswith("killed"):
            raise Killed
        if fault == "lost after":
            raise Lost
        return made

    def moved(self, nonce):
        return [row.id for row, intent in self.market.sent if intent == nonce]


class Transfers(RuleBasedStateMachine):
    """What may happen around transfers, in any order."""

    @initialize(lag=st.sampled_from([0, 1, 30, 58]), flight=st.sampled_from([0, 1]))
    def begin(self, lag, flight):
        self.world = World(lag * SECOND, flight * SECOND)
        self.is_confused = False

    @rule(faults=st.lists(st.sampled_from(("none", *FAULTS)), max_size=4))
    def run(self, faults):
        self.world.up(faults)

    @rule(wait=st.sampled_from([1, 20, 59, 61, 600, 3600]))
    def time_passes(self, wait):
        self.world.now += wait * SECOND

    @rule(quantity=st.sampled_from([QUANTITY, QUANTITY + 1]))
    def somebody_else_moves_units(self, quantity):
        self.world.market.move(quantity, None, self.world.now)
        self.is_confused |= quantity == QUANTITY

    @rule(name=st.sampled_from(NAMES))
    def the_program_asks_for_another_transfer(self, name):
        """A changed trigger: the intent is replaced, and what it moved is nobody's any more."""
        self.world.intents.pop(name, None)
        self.world.recorded.pop(name, None)
        self.is_confused = True

    @rule(name=st.sampled_from(NAMES))
    def the_record_of_a_transfer_is_lost(self, name):
        """As when an older state is restored: the intent is there, and what came of it is not."""
        self.world.recorded.pop(name, None)

    @rule(wish=st.sampled_from(["fail", "adopt"]))
    def the_program_says_what_to_do_in_doubt(self, wish):
        self.world.on_ambiguous = wish

    @rule(broken=st.booleans())
    def the_history_breaks_off_or_is_whole_again(self, broken):
        self.world.market.broken = broken

    @invariant()
    def one_intent_moves_units_once_at_most(self):
        for nonce in {intent for _, intent in self.world.market.sent if intent}:
            assert len(self.world.moved(nonce)) == 1

    @invariant()
    def no_transfer_stands_for_two_intents(self):
        recorded = list(self.world.recorded.values())
        assert len(set(recorded)) == len(recorded)

    def teardown(self):
        """Faults stop: every transfer is done, or stands behind one that may be it."""
        if not hasattr(self, "world"):
            return
        world = self.world
        world.market.broken, world.on_ambiguous = False, "adopt"
        world.now += HISTORY_GRACE
        doubts = world.up()
        assert set(world.recorded) == set(NAMES) - set(doubts)
        if not self.is_confused:
            ours = {row.id for row, intent in world.market.sent if intent}
            assert set(world.recorded.values()) == ours
        self.one_intent_moves_units_once_at_most()
        self.no_transfer_stands_for_two_intents()


def test_without_faults_and_doubts_every_transfer_is_sent_once_and_at_once():
    world = World(30 * SECOND, timedelta(0))
    world.market.move(QUANTITY, None, START)
    assert world.up() == []
    assert world.now <= START + 6 * SECOND
    assert all(world.moved(world.intents[name].nonce) == [world.recorded[name]] for name in NAMES)


def test_after_a_refusal_the_next_run_looks_and_then_sends():
    world = World(30 * SECOND, timedelta(0))
    world.up(["refused"])
    assert world.recorded == {}
    assert world.up() == []
    assert all(world.moved(world.intents[name].nonce) == [world.recorded[name]] for name in NAMES)


def test_what_another_intent_adopted_is_not_sent_again():
    """The first two are in doubt about one transfer, the second adopts what was the third's."""
    world = World(timedelta(0), timedelta(0))
    world.up(["refused"])
    world.up(["lost after"])
    del world.intents["third"]
    world.up(["lost after"])
    world.on_ambiguous = "adopt"
    assert world.up() == ["third"]
    assert len(world.market.sent) == 2


TestTransfers = Transfers.TestCase
TestTransfers.settings = settings(
    max_examples=150, stateful_step_count=20, deadline=None, print_blob=True
)
