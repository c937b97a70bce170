"""Which keys of a declaration are left, and which are revoked when it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.rotation_situations import (
    CURRENT,
    NOW,
    OWNER,
    held,
    listed,
)

from thegrid.core.identity import Owner
from thegrid.core.rotation import LISTING_GRACE, keys_left, plan_removal

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
