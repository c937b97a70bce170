"""What `plan_rotation` decides, one sentence per situation, and which rule wins over which."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.rotation_situations import (
    CURRENT,
    DAY,
    DUE,
    FAILED,
    HOUR,
    IMPATIENT,
    MINUTE,
    NOW,
    OVERLAPPED,
    OVERLAPPING,
    OWNER,
    PENDING,
    POLICY,
    WHEN_ASKED,
    held,
    listed,
    mint,
    registered,
    situation,
)

from thegrid.core.identity import Owner
from thegrid.core.rotation import (
    LISTING_GRACE,
    Forget,
    Mint,
    Record,
    RestoreTarget,
    Revoke,
    RotationPolicy,
    SwapPending,
    TestPending,
    Verdict,
    plan_rotation,
)

TEST, SWAP = TestPending(), SwapPending()

DECISIONS = {
    "with nothing there, make, test and place the first key": (
        situation(),
        ("FirstKey", (mint(1), TEST, SWAP)),
    ),
    "a lost record does not reuse a number that the market has seen": (
        situation(None, listed(4), listed(9, dead=True)),
        ("FirstKey", (mint(10), TEST, SWAP)),
    ),
    "another owner's numbers do not count": (
        situation(None, listed(9, owner=Owner("someone:else"))),
        ("FirstKey", (mint(1), TEST, SWAP)),
    ),
    "without a place to put it no key is made": (
        situation(target_is_refused=True),
        ("TargetRefused", ()),
    ),
    "without a place no rotation begins, asked for or due": (
        situation(DUE, listed(7), target_is_refused=True, trigger="now"),
        ("TargetRefused", ()),
    ),
    "a key for a place that was lost may be in use, and lives for an overlap": (
        situation(PENDING, listed(7), listed(8), target_is_refused=True),
        ("TargetRefused", ()),
    ),
    "then it goes, since its place does not come": (
        situation(Record(pending=held(8, age=2 * DAY)), listed(8), target_is_refused=True),
        ("TargetRefused", (Revoke("key-8"), Forget("key-8"))),
    ),
    "a stored key is tested and swapped in": (
        situation(PENDING, listed(7), listed(8)),
        ("Rotating", (TEST, SWAP)),
    ),
    "a key that passed its test is not tested again": (
        situation(PENDING, listed(7), listed(8), verdict=Verdict.ACCEPTED),
        ("Rotating", (SWAP,)),
    ),
    "a key that failed its test is revoked and forgotten": (
        situation(PENDING, listed(7), listed(8), verdict=Verdict.REJECTED),
        ("TestFailed", (Revoke("key-8"), Forget("key-8"))),
    ),
    "a pending key that somebody revoked is forgotten": (
        situation(PENDING, listed(7), listed(8, dead=True)),
        ("PendingKeyDied", (Forget("key-8"),)),
    ),
    "a stored key that the listing does not show yet goes on": (
        situation(PENDING, listed(7)),
        ("Rotating", (TEST, SWAP)),
    ),
    "a revoked current key is replaced": (
        situation(CURRENT, listed(7, dead=True)),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "an expired current key is replaced, though the market calls it active": (
        situation(CURRENT, listed(7, expires_at=NOW)),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "a key that a listing lacks for the first time is not dead": (
        situation(CURRENT),
        ("UpToDate", ()),
    ),
    "a key that a listing lacked a moment less than a grace ago is not dead": (
        situation(CURRENT, missing_since={"key-7": NOW - LISTING_GRACE + timedelta(seconds=1)}),
        ("UpToDate", ()),
    ),
    "a key that a listing lacked one grace ago as well is dead": (
        situation(CURRENT, missing_since={"key-7": NOW - LISTING_GRACE}),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "a key swapped in within the grace is not dead, whenever it was first missed": (
        situation(
            Record(current=held(7, age=MINUTE / 2)), missing_since={"key-7": NOW - 2 * MINUTE}
        ),
        ("UpToDate", ()),
    ),
    "a key past its own expiry is dead even where the listing lacks it": (
        situation(Record(current=held(7, expires_at=NOW))),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "a changed target gets the current key again": (
        situation(CURRENT, listed(7), target_is_right=False),
        ("TargetChanged", (RestoreTarget(),)),
    ),
    "a target that somebody changes each time is put right after a pause": (
        situation(
            CURRENT,
            listed(7),
            target_is_right=False,
            target_waits_until=NOW + MINUTE,
            trigger="now",
        ),
        ("TargetContested", ()),
    ),
    "a pause that is over holds up nothing": (
        situation(CURRENT, listed(7), target_is_right=False, target_waits_until=NOW),
        ("TargetChanged", (RestoreTarget(),)),
    ),
    "an emergency waits for no pause": (
        situation(
            CURRENT,
            listed(7),
            target_is_right=False,
            target_waits_until=NOW + MINUTE,
            emergency="leak",
        ),
        ("TargetChanged", (RestoreTarget(),)),
    ),
    "a live key newer than the record makes a rotation": (
        situation(CURRENT, listed(7), listed(8)),
        ("NewerKeyFound", (mint(9), TEST, SWAP)),
    ),
    "a twin of the current key, which a restored record may have served, does too": (
        situation(CURRENT, listed(7), listed(7, "twin")),
        ("NewerKeyFound", (mint(8), TEST, SWAP)),
    ),
    "an older stray does not": (
        situation(CURRENT, listed(7), listed(6)),
        ("OverlapEnded", (Revoke("key-6"),)),
    ),
    "a dead key newer than the record changes nothing": (
        situation(CURRENT, listed(7), listed(8, dead=True)),
        ("UpToDate", ()),
    ),
    "a dead previous key is forgotten": (
        situation(OVERLAPPING, listed(7), listed(6, dead=True)),
        ("PreviousKeyDied", (Forget("key-6"),)),
    ),
    "during the overlap the previous key lives": (
        situation(OVERLAPPING, listed(7), listed(6)),
        ("UpToDate", ()),
    ),
    "during the overlap a stray lives as well": (
        situation(Record(current=held(7, age=DAY)), listed(7), listed(3)),
        ("UpToDate", ()),
    ),
    "when the overlap ends, strays and the previous key are revoked": (
        situation(OVERLAPPED, listed(7), listed(6), listed(5), listed(4)),
        ("OverlapEnded", (Revoke("key-4"), Revoke("key-5"), Revoke("key-6"), Forget("key-6"))),
    ),
    "nobody else's key is ever revoked": (
        situation(OVERLAPPED, listed(7), listed(6), listed(5, owner=Owner("someone:else"))),
        ("OverlapEnded", (Revoke("key-6"), Forget("key-6"))),
    ),
    "at its time a key is replaced": (
        situation(DUE, listed(7)),
        ("RotationDue", (mint(8), TEST, SWAP)),
    ),
    "a moment sooner it is not": (
        situation(DUE, listed(7), now=NOW - timedelta(seconds=1)),
        ("UpToDate", ()),
    ),
    "a new trigger asks for a rotation": (
        situation(CURRENT, listed(7), trigger="leak of May"),
        ("RotationRequested", (mint(8, "leak of May"), TEST, SWAP)),
    ),
    "a handled trigger asks for nothing": (
        situation(replace(CURRENT, trigger="leak of May"), listed(7), trigger="leak of May"),
        ("UpToDate", ()),
    ),
    "on hold the clock rotates nothing": (
        situation(DUE, listed(7), hold=True),
        ("UpToDate", ()),
    ),
    "on hold a trigger still rotates": (
        situation(DUE, listed(7), hold=True, trigger="now"),
        ("RotationRequested", (mint(8, "now"), TEST, SWAP)),
    ),
    "on hold a dead key is still replaced": (
        situation(CURRENT, listed(7, dead=True), hold=True),
        ("KeyDied", (mint(8), TEST, SWAP)),
    ),
    "a rotation asked for during an overlap waits": (
        situation(OVERLAPPING, listed(7), listed(6), trigger="now"),
        ("WaitingForOverlap", ()),
    ),
    "a rotation asked for waits for a stray too": (
        situation(Record(current=held(7, age=DAY)), listed(7), listed(3), trigger="now"),
        ("WaitingForOverlap", ()),
    ),
    "where overlaps may be cut short, what came before goes after the swap": (
        situation(OVERLAPPING, listed(7), listed(6), listed(5), trigger="now", policy=IMPATIENT),
        ("RotationRequested", (mint(8, "now"), TEST, SWAP, Revoke("key-5"), Revoke("key-6"))),
    ),
    "a mint in doubt is waited out": (
        situation(CURRENT, listed(7), in_doubt_since=NOW - LISTING_GRACE / 2),
        ("MintInDoubt", ()),
    ),
    "after the listing's grace a doubt is over": (
        situation(CURRENT, listed(7), in_doubt_since=NOW - LISTING_GRACE),
        ("UpToDate", ()),
    ),
    "after three keys within an hour that never came into use, no fourth is made": (
        situation(None, *FAILED),
        ("TooManyMints", ()),
    ),
    "an hour after the first of them a fourth is made": (
        situation(None, *FAILED, now=NOW + 30 * MINUTE),
        ("FirstKey", (replace(mint(10), expires_at=NOW + 30 * MINUTE + 30 * DAY), TEST, SWAP)),
    ),
    "keys that came into use do not count": (
        situation(Record(current=held(9, age=MINUTE)), *FAILED),
        ("KeyDied", (mint(10), TEST, SWAP)),
    ),
}


@pytest.mark.parametrize("sentence", DECISIONS)
def test_decision(sentence):
    facts, (reason, actions) = DECISIONS[sentence]
    plan = plan_rotation(facts)
    assert (plan.reason, plan.actions) == (reason, actions)


ORDER = {
    "putting the current key back comes before waiting for a mint in doubt": (
        situation(CURRENT, listed(7), target_is_right=False, in_doubt_since=NOW),
        "TargetChanged",
    ),
    "putting the current key back comes before a pending key whose test gives no answer": (
        situation(PENDING, listed(7), listed(8), target_is_right=False),
        "TargetChanged",
    ),
    "a dead current key is not put back but replaced": (
        situation(CURRENT, listed(7, dead=True), target_is_right=False),
        "KeyDied",
    ),
    "a doubt about a mint comes before dropping a failed key": (
        situation(PENDING, listed(7), verdict=Verdict.REJECTED, in_doubt_since=NOW),
        "MintInDoubt",
    ),
    "a doubt about a mint comes before the first key": (
        situation(in_doubt_since=NOW),
        "MintInDoubt",
    ),
    "a failed pending key is dropped before it could be finished": (
        situation(PENDING, listed(8, dead=True), listed(7), verdict=Verdict.ACCEPTED),
        "PendingKeyDied",
    ),
    "a pending key replaces a dead one; no other is made": (
        situation(PENDING, listed(7, dead=True), listed(8)),
        "Rotating",
    ),
    "a dead current key comes before a newer stray": (
        situation(CURRENT, listed(7, dead=True), listed(8)),
        "KeyDied",
    ),
    "a newer stray comes before forgetting a dead previous key": (
        situation(OVERLAPPED, listed(7), listed(6, dead=True), listed(8)),
        "NewerKeyFound",
    ),
    "a newer stray outlives the overlap of the record it outdates": (
        situation(OVERLAPPED, listed(7), listed(6), listed(8)),
        "NewerKeyFound",
    ),
    "a dead previous key is forgotten before strays are revoked": (
        situation(OVERLAPPED, listed(7), listed(6, dead=True), listed(5)),
        "PreviousKeyDied",
    ),
    "what came before is revoked before the next rotation": (
        situation(OVERLAPPED, listed(7), listed(6), trigger="now"),
        "OverlapEnded",
    ),
}


@pytest.mark.parametrize("sentence", ORDER)
def test_order_of_the_rules(sentence):
    facts, reason = ORDER[sentence]
    assert plan_rotation(facts).reason == reason


def unknown_birth(*ages, lifetime):
    """Failed keys as a market shows them that does not say when keys were made."""
    keys = (listed(8 + n, dead=True, expires_at=NOW - a + lifetime) for n, a in enumerate(ages))
    return [replace(key, created_at=None) for key in keys]


def trading(*keys, **facts):
    record = Record(current=held(7, age=100 * DAY, expires_at=None), anchor=NOW - 100 * DAY)
    return situation(record, *keys, policy=WHEN_ASKED, **facts)


def test_a_trading_key_is_rotated_only_when_asked_and_its_successor_never_dies_either():
    assert plan_rotation(trading(registered(7))).reason == "UpToDate"
    asked = plan_rotation(trading(registered(7), trigger="now"))
    assert asked.reason == "RotationRequested"
    assert asked.actions == (Mint(f"web <{OWNER}#8>", 8, None, "now"), TEST, SWAP)


def test_a_revoked_trading_key_is_replaced_without_being_asked():
    assert plan_rotation(trading(registered(7, is_active=False))).reason == "KeyDied"


def test_where_the_market_tells_no_birth_the_expiry_tells_it():
    keys = unknown_birth(10 * MINUTE, 20 * MINUTE, 30 * MINUTE, lifetime=POLICY.lifetime)
    assert plan_rotation(situation(None, *keys)).reason == "TooManyMints"


def test_keys_of_a_longer_policy_do_not_stop_mints_under_a_shorter_one():
    keys = unknown_birth(3 * DAY, 4 * DAY, 5 * DAY, lifetime=POLICY.lifetime)
    short = RotationPolicy(DAY, HOUR)
    assert plan_rotation(situation(None, *keys, policy=short)).reason == "FirstKey"


def test_no_message_is_empty_and_every_empty_plan_says_when_to_look_again():
    for facts, _ in [*DECISIONS.values(), *ORDER.values()]:
        plan = plan_rotation(facts)
        assert plan.message
        assert plan.actions or plan.look_again_at > facts.now
