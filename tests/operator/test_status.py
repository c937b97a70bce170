"""What a status says: conditions with honest times, and facts that come and go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.client import InDoubt, Refused, Unreachable
from thegrid_operator.status import Report, Stalled, State, report_of, status_for

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
READY = Report(State.SETTLED, "UpToDate", "all is well", ready=True, facts={"keyId": "key-1"})


def condition(status, kind):
    return next(each for each in status["conditions"] if each["type"] == kind)


def words(status):
    return {each["type"]: each["status"] for each in status["conditions"]}


reports = st.builds(
    Report,
    st.sampled_from(State),
    st.sampled_from(["UpToDate", "Rotating", "LoginLost"]),
    st.text(max_size=20),
    ready=st.none() | st.booleans(),
    facts=st.dictionaries(
        st.sampled_from(["keyId", "rotation", "expiresAt"]), st.none() | st.integers()
    ),
    tested=st.none() | st.just(("True", "Accepted", "the market accepted it")),
)


@given(st.lists(reports, min_size=1, max_size=5), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_the_same_outcome_again_changes_nothing_whenever_it_comes(history, later):
    status = {}
    for report in history:
        status = status_for(report, status, 3, NOW)

    again = status_for(history[-1], status, 3, NOW + later)

    assert again == status


@given(st.lists(reports, min_size=2, max_size=6))
def test_a_condition_carries_the_time_of_its_last_change_of_status(history):
    status = {}
    changed_at = {}
    for step, report in enumerate(history):
        time = NOW + timedelta(minutes=step)
        before = words(status) if status else {}
        status = status_for(report, status, 1, time)
        for kind, word in words(status).items():
            if before.get(kind) != word:
                changed_at[kind] = time.strftime("%Y-%m-%dT%H:%M:%SZ")

    assert {c["type"]: c["lastTransitionTime"] for c in status["conditions"]} == changed_at


@given(st.lists(reports, min_size=1, max_size=5))
def test_a_resource_never_reconciles_and_stalls_at_once(history):
    status = {}
    for report in history:
        status = status_for(report, status, 1, NOW)

    assert not words(status)["Reconciling"] == words(status)["Stalled"] == "True"


def test_every_condition_names_the_declaration_that_was_looked_at():
    status = status_for(READY, status_for(READY, {}, 1, NOW), 2, NOW)

    assert status["observedGeneration"] == 2
    assert {each["observedGeneration"] for each in status["conditions"]} == {2}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.SETTLED, {"Reconciling": "False", "Stalled": "False"}),
        (State.PROGRESSING, {"Reconciling": "True", "Stalled": "False"}),
        (State.STALLED, {"Reconciling": "False", "Stalled": "True"}),
    ],
)
def test_who_must_act_next_is_told_by_two_conditions(state, expected):
    status = status_for(Report(state, "Some", "thing", ready=True), {}, 1, NOW)

    assert words(status) == {"Ready": "True", **expected}


def test_what_was_ready_stays_ready_while_the_market_is_away():
    before = status_for(READY, {}, 1, NOW)

    status = status_for(report_of(Unreachable("GET /x: no answer")), before, 1, NOW)

    assert words(status)["Ready"] == "True"
    assert condition(status, "Ready")["reason"] == "MarketUnreachable"


def test_what_was_never_ready_does_not_become_ready_by_silence():
    status = status_for(report_of(Unreachable("GET /x: no answer")), {}, 1, NOW)

    assert words(status)["Ready"] == "False"


def test_a_fact_is_kept_until_it_is_removed_by_none():
    first = status_for(READY, {}, 1, NOW)
    kept = status_for(Report(State.PROGRESSING, "Rotating", "…"), first, 1, NOW)
    removed = status_for(
        Report(State.PROGRESSING, "Rotating", "…", facts={"keyId": None}), kept, 1, NOW
    )

    assert kept["keyId"] == "key-1"
    assert "keyId" not in removed


def test_the_verdict_of_the_test_is_kept_until_there_is_another():
    tested = Report(State.SETTLED, "UpToDate", "", ready=True, tested=("True", "Accepted", "yes"))
    first = status_for(tested, {}, 1, NOW)

    later = status_for(READY, first, 1, NOW + timedelta(hours=1))

    assert condition(later, "Tested") == condition(first, "Tested")


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (Refused("GET /x", 503), "MarketRefused"),
        (Unreachable("GET /x: no answer"), "MarketUnreachable"),
        (InDoubt("POST /x", "no answer", "a key"), "MarketInDoubt"),
    ],
)
def test_trouble_with_the_market_goes_on_by_itself(problem, reason):
    report = report_of(problem)

    assert (report.state, report.reason, report.ready) == (State.PROGRESSING, reason, None)


def test_what_a_person_must_do_stalls():
    report = Stalled("LoginLost", "log in again").report()

    assert (report.state, report.message, report.ready) == (State.STALLED, "log in again", False)
