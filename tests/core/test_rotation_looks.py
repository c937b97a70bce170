"""When a rotation that has nothing to do looks again."""

import pytest
from tests.core.rotation_situations import (
    CURRENT,
    DAY,
    DUE,
    FAILED,
    MINUTE,
    NOW,
    OVERLAPPING,
    WHEN_ASKED,
    held,
    listed,
    registered,
    situation,
)

from thegrid.core.rotation import LISTING_GRACE, LOOK_AT_LEAST_EVERY, Record, plan_rotation

LOOKS = {
    "at rest, within ten minutes": (situation(CURRENT, listed(7)), LOOK_AT_LEAST_EVERY),
    "with a key that neither expires nor rotates by the clock, within ten minutes too": (
        situation(Record(current=held(7, expires_at=None)), registered(7), policy=WHEN_ASKED),
        LOOK_AT_LEAST_EVERY,
    ),
    "at rest with a rotation ahead, at its time": (
        situation(DUE, listed(7), now=NOW - 3 * MINUTE),
        3 * MINUTE,
    ),
    "on hold, not at a rotation's time": (
        situation(DUE, listed(7), now=NOW - 3 * MINUTE, hold=True),
        LOOK_AT_LEAST_EVERY,
    ),
    "on hold, when the key dies": (
        situation(
            Record(current=held(7, expires_at=NOW + 3 * MINUTE)),
            listed(7, expires_at=NOW + 3 * MINUTE),
            hold=True,
        ),
        3 * MINUTE,
    ),
    "in an overlap, at its end": (
        situation(OVERLAPPING, listed(7), listed(6), now=NOW + DAY - 4 * MINUTE),
        4 * MINUTE,
    ),
    "with a key missing from the listing, one grace later": (situation(CURRENT), LISTING_GRACE),
    "waiting for a long overlap, at the target meanwhile": (
        situation(OVERLAPPING, listed(7), listed(6), trigger="now"),
        LOOK_AT_LEAST_EVERY,
    ),
    "after too many mints, when the window passes": (
        situation(None, *FAILED, now=NOW + 25 * MINUTE),
        5 * MINUTE,
    ),
    "after too many mints, at the target meanwhile": (
        situation(None, *FAILED),
        LOOK_AT_LEAST_EVERY,
    ),
    "after a mint in doubt, one grace after it": (
        situation(CURRENT, listed(7), in_doubt_since=NOW - LISTING_GRACE / 2),
        LISTING_GRACE / 2,
    ),
}


@pytest.mark.parametrize("sentence", LOOKS)
def test_looks_again(sentence):
    facts, wait = LOOKS[sentence]
    assert plan_rotation(facts).look_again_at == facts.now + wait
