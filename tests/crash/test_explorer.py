"""A quick look at what `make crash` does at length: single faults, and that they are noticed."""

from __future__ import annotations

import pytest
from tests.crash.explorer import Explorer, played
from tests.crash.faults import CRASH, Fault
from tests.crash.kinds import KINDS
from tests.crash.scenarios import SCENARIOS

FIRST_MINT = SCENARIOS[0]


def test_one_crash_at_each_moment_of_a_first_mint_loses_nothing():
    tally = Explorer(FIRST_MINT, kinds=(CRASH,), paired=()).explore()

    assert [(found.faults, found.what) for found in tally.found] == []
    assert tally.crashed >= {"key.mint", "key.companion", "key.target", "account.tokens"}


@pytest.mark.parametrize("kind", ["companion-edited", "target-edited"])
def test_what_people_put_into_a_secret_is_put_right_and_reaches_no_workload(kind):
    tally = Explorer(FIRST_MINT, kinds=(KINDS[kind],), paired=()).explore()

    assert tally.singles
    assert [(found.faults, found.what) for found in tally.found] == []


def test_a_run_is_the_same_when_it_is_played_again():
    once, again = (played(FIRST_MINT, (Fault(19, "crash"),)) for _ in range(2))

    assert once[0].trace == again[0].trace


def test_a_fault_is_read_as_it_is_written():
    assert Fault.parse(str(Fault(7, "lost"))) == Fault(7, "lost")
