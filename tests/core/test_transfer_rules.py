"""What is done next about a transfer, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from thegrid.core.model import Transfer
from thegrid.core.transfer import (
    HISTORY_GRACE,
    LOOK_INTERVAL,
    Adopt,
    AskPerson,
    History,
    Look,
    Send,
    Situation,
    plan_transfer,
)
from thegrid.core.watermark import Watermark

START = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BEFORE = Transfer("before", "consumption_account_1", None, "instrument-1", Decimal(2), START)
OURS = replace(BEFORE, id="ours", transferred_at=START + SECOND)
THEIRS = replace(OURS, id="theirs", transferred_at=START + 2 * SECOND)
FRESH = Situation("intent", Watermark.of([BEFORE]), "instrument-1", 2)
UNSURE = replace(FRESH, unsure_since=START)
SEND = Send("instrument-1", 2)
LATE = START + HISTORY_GRACE


def history(*rows, reaches_back=True, read_at=LATE):
    return History((BEFORE, *rows), reaches_back, read_at)


def seeing(*rows, **fields):
    return replace(UNSURE, history=history(*rows), **fields)


def adopting(*rows, **fields):
    return seeing(*rows, on_ambiguous="adopt", **fields)


PLANS = {
    "what was never sent is sent": (FRESH, "NeverSent", SEND),
    "what was never sent is sent whatever the history shows": (
        replace(FRESH, history=history(OURS)),
        "NeverSent",
        SEND,
    ),
    "what may have been sent is looked for first": (UNSURE, "MayBeSent", Look()),
    "a transfer that was returned to this intent is this one": (
        replace(UNSURE, returned={"theirs": "other", "ours": "intent"}),
        "AlreadyMoved",
        Adopt("ours"),
    ),
    "what does not show after the grace was not sent": (seeing(), "NothingMoved", SEND),
    "what does not show may be late": (
        replace(UNSURE, history=history(read_at=LATE - SECOND / 1000)),
        "HistoryMayBeLate",
        Look(),
    ),
    "a transfer like it may be it": (seeing(OURS), "InDoubt", AskPerson((OURS,))),
    "a transfer like it may be it, however early": (
        replace(UNSURE, history=history(OURS, read_at=START)),
        "InDoubt",
        AskPerson((OURS,)),
    ),
    "several like it are told in the order of their times": (
        seeing(THEIRS, OURS),
        "InDoubt",
        AskPerson((OURS, THEIRS)),
    ),
    "a transfer like it is taken if that is asked": (adopting(OURS), "Adopted", Adopt("ours")),
    "the earliest of several is taken if that is asked": (
        adopting(THEIRS, OURS),
        "Adopted",
        Adopt("ours"),
    ),
    "with nothing to take, what was asked is sent": (adopting(), "NothingMoved", SEND),
    "another's transfer is not it": (
        seeing(THEIRS, returned={"theirs": "other"}),
        "NothingMoved",
        SEND,
    ),
    "another's transfer is not taken": (
        adopting(OURS, THEIRS, returned={"ours": "other"}),
        "Adopted",
        Adopt("theirs"),
    ),
    "what another adopted may be it, and is left to a person": (
        adopting(THEIRS, adopted={"theirs": "other"}),
        "InDoubt",
        AskPerson((THEIRS,)),
    ),
    "what another adopted is not taken": (
        adopting(OURS, THEIRS, adopted={"ours": "other"}),
        "Adopted",
        Adopt("theirs"),
    ),
    "what this intent adopted is this one": (
        replace(UNSURE, adopted={"ours": "intent"}),
        "AlreadyMoved",
        Adopt("ours"),
    ),
    "another instrument's transfer is not it": (
        seeing(replace(OURS, instrument_id="instrument-2")),
        "NothingMoved",
        SEND,
    ),
    "a transfer of more units is not it": (
        seeing(replace(OURS, quantity=Decimal(3))),
        "NothingMoved",
        SEND,
    ),
    "a transfer of as many units in other digits may be it": (
        adopting(replace(OURS, quantity=Decimal("2.000"))),
        "Adopted",
        Adopt("ours"),
    ),
    "a transfer back to trading is not it": (
        seeing(replace(OURS, account_id="trading_account_1")),
        "NothingMoved",
        SEND,
    ),
    "a transfer to an account of an unknown kind may be it": (
        adopting(replace(OURS, account_id="account_1")),
        "Adopted",
        Adopt("ours"),
    ),
    "a transfer without a time may be it": (
        adopting(replace(OURS, transferred_at=None)),
        "Adopted",
        Adopt("ours"),
    ),
    "a history that broke off does not tell that nothing moved": (
        replace(UNSURE, history=history(reaches_back=False)),
        "HistoryBrokeOff",
        AskPerson(()),
    ),
    "a history that broke off shows what may be it": (
        replace(UNSURE, history=history(OURS, reaches_back=False)),
        "InDoubt",
        AskPerson((OURS,)),
    ),
}


@pytest.mark.parametrize("sentence", PLANS)
def test_plans(sentence):
    situation, reason, action = PLANS[sentence]
    plan = plan_transfer(situation)
    assert (plan.reason, plan.actions) == (reason, (action,))
    assert "\n" not in plan.message
    assert plan.message


@pytest.mark.parametrize("passed", [timedelta(0), LOOK_INTERVAL, HISTORY_GRACE - SECOND])
def test_a_late_history_is_read_again_soon_and_at_last_when_the_grace_ends(passed):
    read_at = START + passed
    plan = plan_transfer(replace(UNSURE, history=history(read_at=read_at)))
    assert plan.look_again_at == min(read_at + LOOK_INTERVAL, START + HISTORY_GRACE)


def test_a_doubt_names_the_candidates_and_both_ways_on():
    message = plan_transfer(seeing(THEIRS, OURS)).message
    assert "ours (2 units at 2026-03-01T00:00:01Z), theirs (2 units at" in message
    assert "set on_ambiguous to adopt" in message
    assert "change triggers" in message


def test_where_another_adopted_all_candidates_adopting_is_not_proposed():
    message = plan_transfer(adopting(THEIRS, adopted={"theirs": "other"})).message
    assert "another declaration adopted them" in message
    assert "on_ambiguous" not in message
    assert "change triggers" in message
