"""A previous key is revoked only when nobody holds or uses it, or when the deadline says so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.rotation_situations import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OVERLAPPED,
    OVERLAPPING,
    POLICY,
    held,
    listed,
    mint,
    situation,
)

from thegrid.core.rotation import (
    LATEST_LOOK,
    LONGEST_QUIET,
    Adoption,
    AtDeadline,
    Forget,
    Record,
    Revoke,
    RotationPolicy,
    SwapPending,
    TestPending,
    next_rotation_at,
    plan_rotation,
)

SECOND = timedelta(seconds=1)
HELD, FREE = Adoption("pod web-1 (env)"), Adoption()
HOLD = replace(POLICY, deadline=3 * DAY)
GIVE_UP = replace(HOLD, at_deadline=AtDeadline.REVOKE)
REVOKED = (Revoke("key-6"),)
GONE = (Revoke("key-6"), Forget("key-6"))
MINTED = (mint(8), TestPending(), SwapPending())
LATE = Record(current=held(7, age=3 * DAY), previous=held(6))
DUE = Record(current=held(7, age=14 * DAY), previous=held(6))
DYING = Record(current=held(7, age=3 * DAY), previous=held(6, age=30 * DAY, expires_at=NOW))

ENDING_SOON = Record(
    current=held(7, age=20 * DAY, expires_at=NOW + POLICY.overlap), previous=held(6)
)


def used(ago):
    return Adoption(last_used_at=NOW - ago)


def overlapped(adoption, record=OVERLAPPED, *keys, **facts):
    return situation(record, listed(7), listed(6), *keys, adoption=adoption, **facts)


DECISIONS = {
    "while a pod may hold the previous key it lives": (
        overlapped(HELD),
        ("WaitingForPods", ()),
    ),
    "when no pod holds it any more it is revoked": (
        overlapped(FREE),
        ("OverlapEnded", GONE),
    ),
    "where nobody is asked, time alone decides": (
        overlapped(None),
        ("OverlapEnded", GONE),
    ),
    "before the overlap has ended nobody needs to be asked": (
        overlapped(FREE, OVERLAPPING),
        ("UpToDate", ()),
    ),
    "strays stay with it": (
        overlapped(HELD, OVERLAPPED, listed(5)),
        ("WaitingForPods", ()),
    ),
    "a key that was used a moment ago is not revoked, though no pod is seen to hold it": (
        overlapped(used(SECOND)),
        ("StillUsed", ()),
    ),
    "a key that has been quiet for long enough is": (
        overlapped(used(LONGEST_QUIET)),
        ("OverlapEnded", GONE),
    ),
    "after a short overlap a short silence is enough": (
        overlapped(
            used(MINUTE),
            Record(current=held(7, age=2 * MINUTE), previous=held(6)),
            policy=replace(POLICY, overlap=MINUTE),
        ),
        ("OverlapEnded", GONE),
    ),
    "pods come before the last use": (
        overlapped(replace(HELD, last_used_at=NOW)),
        ("WaitingForPods", ()),
    ),
    "at the deadline the key is kept, with a word": (
        overlapped(HELD, LATE, policy=HOLD),
        ("DeadlinePassed", ()),
    ),
    "a moment before it nothing is said": (
        overlapped(HELD, LATE, policy=HOLD, now=NOW - SECOND),
        ("WaitingForPods", ()),
    ),
    "where the policy says so it is revoked at the deadline, and kept in mind for who holds it": (
        overlapped(HELD, LATE, policy=GIVE_UP),
        ("RevokedAtDeadline", REVOKED),
    ),
    "but not a moment sooner": (
        overlapped(HELD, LATE, policy=GIVE_UP, now=NOW - SECOND),
        ("WaitingForPods", ()),
    ),
    "a key that is still used is subject to the deadline too": (
        overlapped(used(SECOND), LATE, policy=GIVE_UP),
        ("RevokedAtDeadline", GONE),
    ),
    "after the deadline a key that nobody holds just goes": (
        overlapped(FREE, LATE, policy=HOLD),
        ("OverlapEnded", GONE),
    ),
    "a rotation that is due does not begin while a pod holds the previous key": (
        overlapped(HELD, DUE),
        ("WaitingForPods", ()),
    ),
    "nor does one that is asked for": (
        overlapped(HELD, trigger="now"),
        ("WaitingForPods", ()),
    ),
    "before the current key expires it is replaced, whoever holds the previous one": (
        overlapped(HELD, ENDING_SOON),
        ("KeyEnding", MINTED),
    ),
    "a moment sooner it is not": (
        overlapped(HELD, ENDING_SOON, now=NOW - SECOND),
        ("WaitingForPods", ()),
    ),
    "where nobody holds the previous key, that goes first": (
        overlapped(FREE, ENDING_SOON),
        ("OverlapEnded", GONE),
    ),
    "a dead current key is replaced all the same": (
        situation(LATE, listed(7, dead=True), listed(6), adoption=HELD),
        ("KeyDied", MINTED),
    ),
    "a previous key that died of age is forgotten, whoever holds it": (
        situation(DYING, listed(7), listed(6, expires_at=NOW), adoption=HELD),
        ("PreviousKeyDied", (Forget("key-6"),)),
    ),
    "while workloads are restarted a dead previous key stays in the record": (
        situation(LATE, listed(7), listed(6, dead=True), previous_stays=True),
        ("UpToDate", ()),
    ),
    "so it does when it goes at the end of its overlap": (
        situation(LATE, listed(7), listed(6), previous_stays=True),
        ("OverlapEnded", REVOKED),
    ),
    "it does not hold up a rotation": (
        situation(DUE, listed(7), listed(6, dead=True), previous_stays=True),
        ("RotationDue", MINTED),
    ),
}


@pytest.mark.parametrize("sentence", DECISIONS)
def test_decision(sentence):
    facts, (reason, actions) = DECISIONS[sentence]
    plan = plan_rotation(facts)
    assert (plan.reason, plan.actions) == (reason, actions)
    assert plan.actions or plan.look_again_at > facts.now


SAYS = {
    "who is waited for": (overlapped(HELD), "waiting for pod web-1 (env)"),
    "that a due rotation waits too": (overlapped(HELD, DUE), "the next rotation waits"),
    "that an asked one waits too": (overlapped(HELD, trigger="now"), "the next rotation waits"),
    "who did not make it to the deadline": (overlapped(HELD, LATE, policy=HOLD), "pod web-1"),
    "whom a revocation may hurt": (overlapped(HELD, LATE, policy=GIVE_UP), "pod web-1"),
}


@pytest.mark.parametrize("sentence", SAYS)
def test_the_message_says(sentence):
    facts, words = SAYS[sentence]
    assert words in plan_rotation(facts).message


def after_the_overlap(waited, adoption=HELD, **facts):
    return overlapped(adoption, now=NOW + waited, **facts)


LOOKS = {
    "at once after the overlap, in a second": (after_the_overlap(0 * SECOND), SECOND),
    "after ten seconds, in ten": (after_the_overlap(10 * SECOND), 10 * SECOND),
    "after days, in a minute": (after_the_overlap(3 * DAY), LATEST_LOOK),
    "when a volume will have been updated": (
        after_the_overlap(HOUR, replace(HELD, changes_at=NOW + HOUR + 7 * SECOND)),
        7 * SECOND,
    ),
    "no sooner for a time that has passed": (
        after_the_overlap(HOUR, replace(HELD, changes_at=NOW)),
        LATEST_LOOK,
    ),
    "when a used key may have been quiet for long enough": (
        after_the_overlap(HOUR, Adoption(last_used_at=NOW + HOUR - LONGEST_QUIET + 9 * SECOND)),
        9 * SECOND,
    ),
    "at the deadline": (after_the_overlap(DAY - 20 * SECOND, policy=HOLD), 20 * SECOND),
    "when the current key must be replaced": (
        overlapped(HELD, ENDING_SOON, now=NOW - 8 * SECOND),
        8 * SECOND,
    ),
    "after the deadline, in a minute": (after_the_overlap(2 * DAY, policy=HOLD), LATEST_LOOK),
}


@pytest.mark.parametrize("sentence", LOOKS)
def test_who_waits_for_pods_looks_again(sentence):
    facts, wait = LOOKS[sentence]
    assert plan_rotation(facts).look_again_at == facts.now + wait


ENDING = Record(current=held(7, age=0 * DAY, expires_at=NOW + 100 * DAY))

AHEAD = {
    "one overlap before the end": (RotationPolicy(None, DAY), 99 * DAY),
    "one deadline sooner": (RotationPolicy(None, DAY, deadline=9 * DAY), 90 * DAY),
    "one margin sooner": (RotationPolicy(None, DAY, margin=HOUR), 99 * DAY - HOUR),
    "but not in the first half of its life": (
        RotationPolicy(None, DAY, deadline=80 * DAY),
        50 * DAY,
    ),
    "unless the overlap is as long": (RotationPolicy(None, 70 * DAY), 30 * DAY),
}


@pytest.mark.parametrize("sentence", AHEAD)
def test_a_key_with_an_end_is_replaced(sentence):
    policy, after = AHEAD[sentence]
    assert next_rotation_at(policy, ENDING) == NOW + after


hours = st.integers(1, 10**5).map(lambda count: timedelta(hours=count))


@given(rotate_after=hours, overlap=st.floats(0, 0.99), late=hours, margin=st.floats(0, 0.5))
def test_a_key_made_under_a_deadline_outlives_it(rotate_after, overlap, late, margin):
    """So whatever the deadline, a rotation is due by the interval and never by the end."""
    overlap *= rotate_after
    policy = RotationPolicy(
        rotate_after, overlap, deadline=overlap + late, margin=margin * rotate_after
    )
    record = Record(current=held(7, age=0 * DAY, expires_at=NOW + policy.lifetime))
    due = next_rotation_at(policy, record)
    assert due == NOW + rotate_after
    assert due + policy.deadline <= record.current.expires_at


@pytest.mark.parametrize("deadline", [2 * DAY, DAY])
def test_a_deadline_that_is_not_longer_than_the_overlap_is_refused(deadline):
    with pytest.raises(ValueError, match=r"^deadline must be longer than overlap"):
        replace(POLICY, deadline=deadline)
