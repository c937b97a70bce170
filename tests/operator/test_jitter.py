"""What was made together does not come due together, and a uid's share never changes."""

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from thegrid_operator.jitter import LOOK_EVERY, look_every, rotation_spread, share

UIDS = [f"6f0c8a3e-5b8e-4f43-9d5a-{number:012x}" for number in range(1000)]
DAY = timedelta(days=1)

durations = st.integers(1, 10**8).map(lambda count: timedelta(seconds=count))


@given(uid=st.uuids().map(str), rotate_after=durations, part=st.floats(0, 0.99))
def test_a_rotation_comes_sooner_by_a_tenth_at_most_and_within_the_overlap(uid, rotate_after, part):
    overlap = rotate_after * part
    spread = rotation_spread(uid, rotate_after, overlap)

    assert timedelta(0) <= spread <= min(rotate_after / 10, overlap)
    assert spread == rotation_spread(uid, rotate_after, overlap)


@given(uid=st.uuids().map(str))
def test_a_look_comes_after_eight_to_ten_minutes(uid):
    assert LOOK_EVERY * 0.8 <= look_every(uid) <= LOOK_EVERY == timedelta(minutes=10)


def test_a_thousand_resources_spread_evenly():
    spreads = sorted(rotation_spread(uid, 14 * DAY, 2 * DAY) for uid in UIDS)
    longest_gap = max(b - a for a, b in itertools.pairwise(spreads))

    assert spreads[500] / (1.4 * DAY) - 0.5 < 0.1
    assert longest_gap < timedelta(minutes=30)


def test_a_resource_is_not_early_in_everything():
    both = [uid for uid in UIDS if share(uid, "rotation") < 0.5 and share(uid, "look") < 0.5]
    assert 200 < len(both) < 300


def test_a_share_is_the_same_in_every_version():
    assert round(share("6f0c8a3e-5b8e-4f43-9d5a-0d6b5a2f6f01", "rotation"), 6) == 0.712524
