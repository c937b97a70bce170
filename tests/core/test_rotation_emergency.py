"""In an emergency nothing is waited for; a key that somebody revoked may be left that way."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.faults import FAULTS
from tests.core.rotation_situations import (
    CURRENT,
    DAY,
    DUE,
    FAILED,
    MINUTE,
    NOW,
    OVERLAPPING,
    PENDING,
    POLICY,
    held,
    listed,
    mint,
    situation,
)
from tests.core.rotation_world import POLICIES, Market, Operator, settle

from thegrid.core.rotation import (
    Adoption,
    Forget,
    OnRevoked,
    Record,
    Revoke,
    SwapPending,
    TestPending,
    plan_rotation,
)

TEST, SWAP = TestPending(), SwapPending()
HANDLED = replace(CURRENT, emergency="leak")
URGENT = replace(OVERLAPPING, emergency="leak", urgent=True)
HOLD = replace(POLICY, on_revoked=OnRevoked.HOLD)
KILLED = listed(7, dead=True)

DECISIONS = {
    "in an emergency the key is replaced and revoked right after the swap": (
        situation(CURRENT, listed(7), emergency="leak"),
        ("Emergency", (mint(8, emergency="leak"), TEST, SWAP, Revoke("key-7"))),
    ),
    "what came before goes with it, overlap or not": (
        situation(OVERLAPPING, listed(7), listed(6), listed(3), emergency="leak"),
        (
            "Emergency",
            (
                mint(8, emergency="leak"),
                TEST,
                SWAP,
                Revoke("key-3"),
                Revoke("key-6"),
                Revoke("key-7"),
            ),
        ),
    ),
    "an emergency handles an ordinary request too": (
        situation(CURRENT, listed(7), emergency="leak", trigger="now"),
        ("Emergency", (mint(8, "now", "leak"), TEST, SWAP, Revoke("key-7"))),
    ),
    "an emergency does not heed the clock's hold": (
        situation(CURRENT, listed(7), emergency="leak", hold=True),
        ("Emergency", (mint(8, emergency="leak"), TEST, SWAP, Revoke("key-7"))),
    ),
    "an emergency that was handled asks for nothing": (
        situation(HANDLED, listed(7), emergency="leak"),
        ("UpToDate", ()),
    ),
    "nor does one that is taken back": (
        situation(HANDLED, listed(7)),
        ("UpToDate", ()),
    ),
    "another one does": (
        situation(HANDLED, listed(7), emergency="leak of June"),
        ("Emergency", (mint(8, emergency="leak of June"), TEST, SWAP, Revoke("key-7"))),
    ),
    "a key that is stored already is used first, so that no more than three live": (
        situation(PENDING, listed(7), listed(8), emergency="leak"),
        ("Rotating", (TEST, SWAP)),
    ),
    "the first key handles what was asked before it": (
        situation(emergency="leak"),
        ("FirstKey", (mint(1, emergency="leak"), TEST, SWAP)),
    ),
    "after a crash what came before an emergency goes at once": (
        situation(URGENT, listed(7), listed(6), emergency="leak"),
        ("Emergency", (Revoke("key-6"),)),
    ),
    "and so do strays": (
        situation(URGENT, listed(7), listed(3), listed(6), emergency="leak"),
        ("Emergency", (Revoke("key-3"), Revoke("key-6"))),
    ),
    "pods are not waited for": (
        situation(URGENT, listed(7), listed(6), emergency="leak", adoption=Adoption("pod a")),
        ("Emergency", (Revoke("key-6"),)),
    ),
    "what is dead then is forgotten": (
        situation(URGENT, listed(7), listed(6, dead=True), emergency="leak"),
        ("PreviousKeyDied", (Forget("key-6"),)),
    ),
    "the rotation after an emergency has an overlap again": (
        situation(replace(URGENT, urgent=False), listed(7), listed(6), emergency="leak"),
        ("UpToDate", ()),
    ),
    "even an emergency makes no fourth key in vain": (
        situation(Record(current=held(6)), listed(6), *FAILED, emergency="leak"),
        ("TooManyMints", ()),
    ),
    "a key that somebody revoked is replaced": (
        situation(CURRENT, KILLED),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "on hold it is left that way": (
        situation(CURRENT, KILLED, policy=HOLD),
        ("KeyRevoked", ()),
    ),
    "on hold not even the clock replaces it": (
        situation(DUE, KILLED, policy=HOLD),
        ("KeyRevoked", ()),
    ),
    "on hold a newer stray tells that it was not the last key": (
        situation(CURRENT, KILLED, listed(8), policy=HOLD),
        ("NewerKeyFound", (mint(9), TEST, SWAP)),
    ),
    "on hold what came before still goes after its overlap": (
        situation(replace(DUE, previous=held(6)), KILLED, listed(6), policy=HOLD),
        ("OverlapEnded", (Revoke("key-6"), Forget("key-6"))),
    ),
    "on hold a request replaces it": (
        situation(CURRENT, KILLED, policy=HOLD, trigger="now"),
        ("KeyDied", (mint(8, "now"), TEST, SWAP)),
    ),
    "on hold an emergency replaces it": (
        situation(CURRENT, KILLED, policy=HOLD, emergency="leak"),
        ("Emergency", (mint(8, emergency="leak"), TEST, SWAP, Revoke("key-7"))),
    ),
    "on hold a key that died by itself is replaced": (
        situation(CURRENT, listed(7, expires_at=NOW), policy=HOLD),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "on hold a key that the market forgot is replaced": (
        situation(CURRENT, policy=HOLD, missing_since={"key-7": NOW - DAY}),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "on hold a key that works is rotated as ever": (
        situation(DUE, listed(7), policy=HOLD),
        ("RotationDue", (mint(8), TEST, SWAP)),
    ),
}


@pytest.mark.parametrize("sentence", DECISIONS)
def test_it_is_decided_that(sentence):
    facts, (reason, actions) = DECISIONS[sentence]

    plan = plan_rotation(facts)

    assert (plan.reason, plan.actions) == (reason, actions)


def test_a_held_key_is_looked_at_again_when_what_came_before_may_go():
    record = replace(CURRENT, current=held(7, age=2 * DAY - MINUTE), previous=held(6))
    plan = plan_rotation(situation(record, KILLED, listed(6), policy=HOLD))

    assert (plan.reason, plan.look_again_at) == ("KeyRevoked", NOW + MINUTE)


@pytest.mark.parametrize("fault", [None, *FAULTS])
@pytest.mark.parametrize("at", range(8))
def test_within_minutes_of_an_emergency_nothing_that_was_there_before_lives(fault, at):
    """Whatever happens to one of its steps; two minutes let a lost answer show in the listing."""
    operator = Operator(Market(timedelta(0)), POLICIES["default"])
    settle(operator)
    operator.trigger = "now"
    operator.reconcile()
    before = operator.market.live(operator.now)
    assert len(before) == 2, "in the middle of an overlap"
    began = operator.now

    operator.emergency = "leak"
    operator.reconcile(["none"] * at + [fault])
    while operator.now < began + 2 * MINUTE:
        operator.reconcile()
        operator.now += timedelta(seconds=10)

    assert not before & operator.market.live(operator.now)
    assert operator.market.accepts(operator.store.target, operator.now)
    assert not operator.revoked_in_use
