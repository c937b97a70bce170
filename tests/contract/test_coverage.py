"""Nothing of the market is without a case, and no case is about something else."""

import pytest
from tests.contract import shapes
from tests.contract.book import ROUTES, read
from tests.contract.derived import all_cases

CASES = all_cases()


def statuses(route):
    """Statuses that some case of a route insists on, or counts among those of success."""
    found = set()
    for case in CASES:
        if (case.ask.surface, case.ask.route) == (route.surface, route.route):
            found |= set(case.expect.status)
    return found


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_route_and_every_refusal_of_it_has_a_case(route):
    found = statuses(route)
    assert route.refusals - found == set()
    assert not route.ok or found & set(route.ok)


def test_no_case_is_about_an_unknown_route():
    known = {(route.surface, route.route) for route in ROUTES}
    steps = [step for case in CASES for step in (case.ask, *case.given) if step.route]
    assert {(it.surface, it.route) for it in steps} - known == set()


def test_every_case_has_a_name_of_its_own():
    labels = [case.label for case in CASES]
    assert sorted(set(labels)) == sorted(labels)


def test_every_case_names_a_shape_and_callers_that_exist():
    assert {case.expect.shape for case in CASES} <= shapes.NAMES
    callers = {"nobody", "stranger", *read("callers.json")["callers"]}
    asking = {step.asks for case in CASES for step in (case.ask, *case.given)}
    assert {it for it in asking if not it.startswith("without ")} <= callers


def test_a_case_for_a_real_account_reads_and_nothing_else():
    for case in CASES:
        if case.read_only:
            steps = (case.ask, *case.given)
            assert [step for step in steps if step.do or step.method != "GET"] == [], case.label
            assert not case.limited
