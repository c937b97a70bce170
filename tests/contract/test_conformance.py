"""The market answers as its documentation says.

`THEGRID_TEST_EMULATOR` chooses a variant of the emulator. `THEGRID_CONTRACT_PROFILE` leads to a
real account instead, of which nothing but the cases marked `read_only` is asked; see `account.py`.
"""

import pytest
from tests.contract.account import chosen_account
from tests.contract.conversation import Conversation
from tests.contract.derived import all_cases

CASES = {case.label: case for case in all_cases()}
REAL = chosen_account() is not None


def labels(*, limited):
    return [
        label
        for label, case in CASES.items()
        if case.limited is limited and (case.read_only or not REAL)
    ]


def hold(venue, case):
    problem = Conversation(venue, case).hold()
    if problem is not None:
        pytest.fail(problem, pytrace=False)


@pytest.mark.parametrize("label", labels(limited=False))
def test_case(venue, label):
    hold(venue, CASES[label])


@pytest.mark.parametrize("label", labels(limited=True))
def test_limit(limited_venue, label):
    hold(limited_venue, CASES[label])
