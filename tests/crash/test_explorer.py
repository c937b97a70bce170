"""A quick look at what `make crash` does at length: single faults, and that they are noticed."""

from __future__ import annotations

import pickle

import pytest
from tests.crash.explorer import Explorer, played
from tests.crash.faults import CRASH, Fault
from tests.crash.kinds import KINDS
from tests.crash.scenarios import SCENARIOS

FIRST_MINT = SCENARIOS[0]
SITES = ("account.refresh", "key.companion")


def test_one_crash_at_each_moment_of_a_first_mint_loses_nothing():
    tally = Explorer(FIRST_MINT, kinds=(CRASH,), paired=()).explore()

    assert [(found.faults, found.what) for found in tally.found] == []
    assert tally.crashed >= {"key.mint", "key.companion", "key.target", "account.tokens"}


@pytest.mark.parametrize("kind", ["companion-edited", "target-edited"])
def test_what_people_put_into_a_secret_is_put_right_and_reaches_no_workload(kind):
    tally = Explorer(FIRST_MINT, kinds=(KINDS[kind],), paired=()).explore()

    assert tally.singles
    assert [(found.faults, found.what) for found in tally.found] == []


def test_an_api_server_that_refuses_writes_for_a_while_costs_no_second_key():
    tally = Explorer(FIRST_MINT, kinds=(KINDS["writes-fail"],), paired=()).explore()

    assert [(found.faults, found.what) for found in tally.found] == []


def moments_with(*faults):
    """Return the moments of a run; events are named by the time, and so never alike."""
    world, _ = played(FIRST_MINT, faults, records_from=0)
    return [it for it in world.moments if it.site != "event"]


def first_at(site, moments):
    return next(it for it in moments if it.site == site)


def test_worlds_that_went_alike_are_told_alike():
    once, again = moments_with(), moments_with()

    assert [(it.state, it.whole) for it in once] == [(it.state, it.whole) for it in again]


def test_a_failure_makes_a_difference_as_long_as_the_process_remembers_it():
    calm, tried_twice = moments_with(), moments_with(Fault(0, "lost"))
    soon, later = ([first_at(site, it) for it in (calm, tried_twice)] for site in SITES)

    assert soon[0].state == soon[1].state
    assert soon[0].whole != soon[1].whole
    assert (later[0].state, later[0].whole) == (later[1].state, later[1].whole)


def test_a_run_is_the_same_when_it_is_played_again():
    once, again = (played(FIRST_MINT, (Fault(19, "crash"),)) for _ in range(2))

    assert once[0].trace == again[0].trace


def test_a_fault_is_read_as_it_is_written():
    assert Fault.parse(str(Fault(7, "lost"))) == Fault(7, "lost")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda it: it.name)
def test_it_can_be_sent_to_another_process(scenario):
    assert pickle.dumps(Explorer(scenario, scenario.kinds, scenario.paired))
