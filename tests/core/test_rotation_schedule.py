"""When a key is due, and which policies are accepted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.core.rotation import HeldKey, Record, RotationPolicy, next_rotation_at

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = RotationPolicy(14 * DAY, 2 * DAY)
NEVER = RotationPolicy(None, 2 * DAY)


def record(swapped, *, expires_in=None, anchor=ANCHOR):
    expires_at = None if expires_in is None else ANCHOR + expires_in
    return Record(current=HeldKey("key-1", 1, ANCHOR + swapped, expires_at), anchor=anchor)


DUE = {
    "the first rotation is one interval after the anchor": (POLICY, record(0 * DAY), 14 * DAY),
    "a late swap does not shift the grid": (POLICY, record(17 * DAY), 28 * DAY),
    "half an interval before a slot that slot still counts": (POLICY, record(21 * DAY), 28 * DAY),
    "less than half an interval before a slot it is skipped": (
        POLICY,
        record(21 * DAY + HOUR),
        42 * DAY,
    ),
    "a swap on a slot is followed by the next slot": (POLICY, record(14 * DAY), 28 * DAY),
    "after a long absence the grid goes on where it would be": (
        POLICY,
        record(100 * DAY),
        112 * DAY,
    ),
    "without an anchor the interval counts from the swap": (
        POLICY,
        record(3 * DAY, anchor=None),
        17 * DAY,
    ),
    "a swap before the anchor waits for the first slot": (POLICY, record(-DAY), 14 * DAY),
    "a longer interval takes effect at once": (
        RotationPolicy(60 * DAY, 2 * DAY),
        record(17 * DAY),
        60 * DAY,
    ),
    "a shorter interval takes effect at once": (
        RotationPolicy(DAY, HOUR),
        record(17 * DAY),
        18 * DAY,
    ),
    "a key that dies before its slot is replaced one overlap sooner": (
        POLICY,
        record(0 * DAY, expires_in=10 * DAY),
        8 * DAY,
    ),
    "a lengthened interval does not outlive the key": (
        RotationPolicy(60 * DAY, 2 * DAY),
        record(0 * DAY, expires_in=30 * DAY),
        28 * DAY,
    ),
    "a key that is replaced only when asked is never due": (NEVER, record(0 * DAY), None),
    "but it is replaced before it dies": (NEVER, record(0 * DAY, expires_in=10 * DAY), 8 * DAY),
    "a key that outlives its slot is replaced at the slot": (
        POLICY,
        record(0 * DAY, expires_in=30 * DAY),
        14 * DAY,
    ),
}


@pytest.mark.parametrize("sentence", DUE)
def test_next_rotation(sentence):
    policy, written, expected = DUE[sentence]
    due = next_rotation_at(policy, written)
    assert due == (None if expected is None else ANCHOR + expected)


def test_without_a_current_key_no_rotation_is_due():
    assert next_rotation_at(POLICY, Record(anchor=ANCHOR)) is None


seconds = st.integers(1, 10**8).map(lambda count: timedelta(seconds=count))


@given(rotate_after=seconds, share=st.floats(0, 0.99), swapped=seconds)
def test_a_slot_lies_on_the_grid_between_half_and_one_and_a_half_intervals_ahead(
    rotate_after, share, swapped
):
    policy = RotationPolicy(rotate_after, rotate_after * share)
    due = next_rotation_at(policy, record(swapped))
    assert (due - ANCHOR) % rotate_after == timedelta(0)
    ahead = due - (ANCHOR + swapped)
    assert rotate_after / 2 - timedelta(microseconds=1) <= ahead < 1.5 * rotate_after


@given(rotate_after=seconds, share=st.floats(0, 0.99), swapped=seconds)
def test_a_key_swapped_in_at_birth_is_due_while_it_has_an_overlap_to_live(
    rotate_after, share, swapped
):
    """So a running operator never meets a current key that expired by itself."""
    policy = RotationPolicy(rotate_after, rotate_after * share)
    written = record(swapped)
    born = replace(written.current, expires_at=written.current.since + policy.lifetime)
    due = next_rotation_at(policy, replace(written, current=born))
    assert due == next_rotation_at(policy, written)
    assert due + policy.overlap <= born.expires_at


@given(rotate_after=seconds, share=st.floats(0, 0.49), swapped=seconds)
def test_a_spread_brings_a_rotation_forward_and_shifts_no_slot(rotate_after, share, swapped):
    plain = RotationPolicy(rotate_after, timedelta(0))
    policy = replace(plain, spread=rotate_after * share)
    written = record(swapped)
    spread = replace(written, current=replace(written.current, spread=True))

    assert next_rotation_at(policy, spread) == next_rotation_at(plain, written) - policy.spread
    rotated_early = replace(spread.current, since=next_rotation_at(policy, spread))
    following = next_rotation_at(policy, replace(spread, current=rotated_early))
    assert following == next_rotation_at(policy, spread) + rotate_after


def test_what_was_swapped_in_before_there_was_a_spread_keeps_its_time():
    policy = replace(POLICY, spread=DAY)
    assert next_rotation_at(policy, record(0 * DAY)) == ANCHOR + 14 * DAY


def test_a_spread_of_half_an_interval_is_refused():
    with pytest.raises(ValueError, match="spread must be shorter than half of rotate_after"):
        RotationPolicy(2 * DAY, DAY, spread=DAY)


LIFETIMES = {
    "14 days with 2 days of overlap: 30 days": (POLICY, 30 * DAY),
    "a short interval: a week all the same": (RotationPolicy(HOUR, HOUR / 2), 7 * DAY),
    "3 days with 1 day of overlap: exactly a week": (RotationPolicy(3 * DAY, DAY), 7 * DAY),
    "replaced only when asked: no end": (NEVER, None),
    "no overlap: two intervals": (RotationPolicy(14 * DAY, 0 * DAY), 28 * DAY),
}


@pytest.mark.parametrize("sentence", LIFETIMES)
def test_lifetime(sentence):
    policy, lifetime = LIFETIMES[sentence]
    assert policy.lifetime == lifetime


REFUSED = {
    "no interval": (0 * DAY, 0 * DAY, "rotate_after"),
    "a negative interval": (-DAY, 0 * DAY, "rotate_after"),
    "an overlap as long as the interval": (DAY, DAY, "overlap"),
    "an overlap longer than the interval": (DAY, 2 * DAY, "overlap"),
    "a negative overlap": (DAY, -HOUR, "overlap"),
    "a negative overlap without an interval": (None, -HOUR, "overlap"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_policy_is_refused_with(sentence):
    rotate_after, overlap, field = REFUSED[sentence]
    with pytest.raises(ValueError, match=f"^{field} must be"):
        RotationPolicy(rotate_after, overlap)
