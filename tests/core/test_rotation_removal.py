"""Which keys are revoked when a declaration ends."""

from dataclasses import replace

import pytest
from tests.core.rotation_situations import (
    CURRENT,
    NOW,
    OWNER,
    listed,
)

from thegrid.core.identity import Owner
from thegrid.core.rotation import plan_removal

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
