"""Keys that end before the overlap of the last rotation does.

So it is where the market makes lives shorter than they were asked for, and where a person makes the
overlap longer than the rest of a key's life. What came before then lives on, and yet the current
key must be replaced before it ends: else whoever reads the target finds a dead one.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.rotation_situations import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    POLICY,
    held,
    listed,
    mint,
    situation,
)
from tests.core.rotation_world import Market, Operator

from thegrid.core.rotation import (
    Record,
    RotationPolicy,
    as_listed,
    next_rotation_at,
    plan_rotation,
)


class BriefMarket(Market):
    """A market that lets no key live longer than it likes."""

    longest = 10 * DAY

    def mint(self, name, expires_at, now):
        end = now + self.longest
        return super().mint(name, min(expires_at, end) if expires_at else end, now)


def living(operator, until):
    """Let an operator run, and tell at each moment at which it looks what the target holds."""
    while operator.now < until:
        plan = operator.reconcile()
        if not plan.actions:
            operator.now = plan.look_again_at
        yield operator.store.target, len(operator.market.live(operator.now))


@given(life=st.integers(2, 12), rotate_after=st.integers(2, 48), share=st.floats(0, 0.99))
def test_however_short_the_market_makes_lives_the_target_holds_a_key_that_lives(
    life, rotate_after, share
):
    life, rotate_after = life * HOUR, rotate_after * HOUR
    market = BriefMarket(timedelta(0))
    market.longest = life
    operator = Operator(market, RotationPolicy(rotate_after, rotate_after * share, margin=MINUTE))
    operator.reconcile()
    for target, live in living(operator, operator.now + 4 * life):
        assert market.accepts(target, operator.now)
        assert live <= 3


def test_an_overlap_that_was_made_longer_than_a_life_outlasts_no_current_key():
    operator = Operator(Market(timedelta(0)), RotationPolicy(DAY, HOUR))
    operator.reconcile()
    operator.trigger = "once more"
    operator.reconcile()
    operator.policy = RotationPolicy(20 * DAY, 9 * DAY)
    for target, _ in living(operator, operator.now + 10 * DAY):
        assert operator.market.accepts(target, operator.now)
    assert len(operator.mints) == 3


def young(age, life, *, previous=True):
    """A current key of some age and life, and one before it that lives longer."""
    current = held(7, age=age, expires_at=NOW - age + life)
    record = Record(current=current, previous=held(6) if previous else None)
    keys = [listed(7, expires_at=current.expires_at), *([listed(6)] if previous else [])]
    return situation(record, *keys)


DECISIONS = {
    "with half of its life behind it": (young(12 * HOUR, DAY), "KeyEnding"),
    "not sooner": (young(12 * HOUR - MINUTE, DAY), "UpToDate"),
    "nor where it is due, but may wait": (young(30 * HOUR, 3 * DAY), "WaitingForOverlap"),
    "nor at its birth, where nothing came before": (
        young(0 * HOUR, DAY, previous=False),
        "UpToDate",
    ),
    "but a swap that lies far ahead tells of a clock that was wrong": (
        young(-15 * DAY, 30 * DAY),
        "RotationDue",
    ),
    "not one that is less than an interval away": (young(-13 * DAY, 30 * DAY), "UpToDate"),
    "nor where it outlives the overlap by far": (young(DAY, 20 * DAY), "UpToDate"),
}


@pytest.mark.parametrize("sentence", DECISIONS)
def test_a_key_that_ends_before_the_overlap_does_is_replaced(sentence):
    before, reason = DECISIONS[sentence]
    plan = plan_rotation(before)
    assert plan.reason == reason
    if reason in ("KeyEnding", "RotationDue"):
        assert plan.actions[0] == replace(mint(8), expires_at=plan.actions[0].expires_at)
    else:
        assert plan.look_again_at <= before.now + 12 * HOUR


def test_a_key_ends_when_the_market_says_where_that_is_sooner():
    record = Record(*(held(number, expires_at=NOW + 20 * DAY) for number in (8, 7, 6)))
    forever = Record(current=held(7, expires_at=None))
    keys = (
        listed(8, expires_at=NOW + 30 * DAY),
        listed(7, expires_at=NOW + DAY),
        listed(5, expires_at=NOW + HOUR),
    )

    ends = [key.expires_at for key in as_listed(record, keys).held()]

    assert ends == [NOW + 20 * DAY, NOW + DAY, NOW + 20 * DAY]
    assert as_listed(forever, keys).current.expires_at == NOW + DAY
    assert as_listed(record, ()) == record


def test_it_is_due_with_half_of_its_life_behind_it():
    record = Record(current=held(7, age=0 * DAY, expires_at=NOW + DAY))
    assert next_rotation_at(POLICY, record) == NOW + DAY / 2
