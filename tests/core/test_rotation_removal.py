"""Which keys of a declaration are left, and which are revoked when it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.rotation_situations import (
    CURRENT,
    DUE,
    MINUTE,
    NOW,
    OWNER,
    PENDING,
    POLICY,
    held,
    listed,
    situation,
)

from thegrid.core.identity import Owner
from thegrid.core.rotation import (
    LISTING_GRACE,
    OnRevoked,
    Record,
    keys_left,
    plan_removal,
    unlisted_until,
)

REMOVALS = {
    "every live key of the owner, oldest first": (
        [listed(3), listed(1), listed(2)],
        None,
        ["key-1", "key-2", "key-3"],
    ),
    "no key that is dead already": ([listed(1, dead=True), listed(2, expires_at=NOW)], None, []),
    "no key of another": ([listed(1, owner=Owner("someone:else"))], None, []),
    "a recorded key that the listing does not show yet": ([], CURRENT, ["key-7"]),
    "a recorded key without a tag, which was taken over": (
        [replace(listed(7), name="made by hand")],
        CURRENT,
        ["key-7"],
    ),
    "no recorded key that is dead": ([listed(7, dead=True)], CURRENT, []),
}


@pytest.mark.parametrize("sentence", REMOVALS)
def test_removal_revokes(sentence):
    keys, record, expected = REMOVALS[sentence]
    plan = plan_removal(OWNER, tuple(keys), NOW, record)
    assert [action.key_id for action in plan.actions] == expected


STRANGE = replace(listed(5), name="made by hand")
JUST_MADE = held(7, age=LISTING_GRACE - timedelta(seconds=1))
LEFT = {
    "none, when the last key is dead: the declaration is gone": (
        [listed(7, dead=True)],
        [held(7)],
        [],
        [],
    ),
    "every live key of the owner, recorded or not, oldest first": (
        [listed(8), listed(7), listed(6), listed(5, dead=True)],
        [held(7), held(6)],
        [],
        ["key-6", "key-7", "key-8"],
    ),
    "the key before, whatever became of the current one": (
        [listed(7, dead=True), listed(6)],
        [held(7), held(6)],
        [],
        ["key-6"],
    ),
    "no key of another": ([listed(8, owner=Owner("someone:else"))], [held(7)], [], []),
    "a recorded key without a tag, which was taken over": (
        [STRANGE],
        [held(5)],
        [],
        ["key-5"],
    ),
    "a key that was noted, without a tag too, and last": (
        [STRANGE, listed(7)],
        [held(7)],
        ["key-5", "key-7"],
        ["key-7", "key-5"],
    ),
    "no noted key that is dead or not there": (
        [replace(STRANGE, is_active=False)],
        [],
        ["key-5", "key-4"],
        [],
    ),
    "a recorded key that is too young to be listed": ([], [JUST_MADE], [], ["key-7"]),
    "no recorded key that should be listed by now": ([], [held(7, age=LISTING_GRACE)], [], []),
    "no young key that the listing calls dead": ([listed(7, dead=True)], [JUST_MADE], [], []),
    "no key that has expired": ([listed(7, expires_at=NOW)], [held(7)], [], []),
}


@pytest.mark.parametrize("sentence", LEFT)
def test_of_the_keys_there_are_left(sentence):
    keys, recorded, others, expected = LEFT[sentence]
    assert list(keys_left(OWNER, tuple(keys), NOW, recorded, others)) == expected


SECOND = timedelta(seconds=1)
TOOK_OVER_AT = NOW - 10 * SECOND
JUST_SWAPPED = Record(current=held(7, age=2 * SECOND))
SWAPPED_BEFORE = Record(current=held(7, age=40 * SECOND))
HELD = replace(POLICY, on_revoked=OnRevoked.HOLD)
SOON = TOOK_OVER_AT + LISTING_GRACE
DOUBTS = {
    "never, if the key was in place long before": (CURRENT, [listed(7)], {}, None),
    "until a grace of this lead, if there is no key": (None, [], {}, SOON),
    "until then, if a rotation is due": (DUE, [listed(7)], {}, SOON),
    "until then, if one is due and an older key is listed": (DUE, [listed(6), listed(7)], {}, SOON),
    "until then, if one is asked for": (CURRENT, [listed(7)], {"trigger": "now"}, SOON),
    "until then, in an emergency": (CURRENT, [listed(7)], {"emergency": "leak"}, SOON),
    "until then, if the key is dead": (CURRENT, [listed(7, dead=True)], {}, SOON),
    "until then, if the listing lacks the key": (CURRENT, [], {}, SOON),
    "until then, if a newer key was found": (CURRENT, [listed(7), listed(8)], {}, SOON),
    "until then, if the key has a twin": (CURRENT, [listed(7), listed(7, "twin")], {}, SOON),
    "never, if an older key lives": (CURRENT, [listed(7), listed(6)], {}, None),
    "never, if the key stays revoked": (CURRENT, [listed(7, dead=True)], {"policy": HELD}, None),
    "until then, if the key was made in this lead": (JUST_SWAPPED, [listed(7)], {}, SOON),
    "until then, if the next one was": (
        replace(CURRENT, pending=held(8, age=SECOND)),
        [listed(7), listed(8)],
        {},
        SOON,
    ),
    "until a grace of its making, if that was just before": (
        SWAPPED_BEFORE,
        [listed(7)],
        {},
        NOW + 20 * SECOND,
    ),
    "never, if the next one was stored a minute ago": (PENDING, [listed(7), listed(8)], {}, None),
    "until a grace of a mint without an answer": (
        CURRENT,
        [listed(7)],
        {"in_doubt_since": NOW - SECOND},
        NOW - SECOND + LISTING_GRACE,
    ),
}


@pytest.mark.parametrize("sentence", DOUBTS)
def test_a_key_that_no_listing_shows_may_live(sentence):
    record, keys, facts, expected = DOUBTS[sentence]
    assert unlisted_until(situation(record, *keys, **facts), TOOK_OVER_AT) == expected


@pytest.mark.parametrize("took_over_at", [None, NOW - LISTING_GRACE])
@pytest.mark.parametrize("record", [None, DUE, JUST_SWAPPED])
def test_nobody_else_s_key_may_who_has_not_acted_for_a_minute_or_ever(record, took_over_at):
    assert unlisted_until(situation(record, listed(7)), took_over_at) is None


def test_a_mint_without_an_answer_is_waited_for_whoever_acted_before():
    doubtful = situation(CURRENT, listed(7), in_doubt_since=NOW)
    assert unlisted_until(doubtful, None) == NOW + MINUTE
