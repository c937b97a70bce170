"""What is kept of an object, and who of those that are due goes first."""

import math
from datetime import UTC, datetime

from thegrid_operator.sights import Sight, rank

NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
KEY, ACCOUNT = "ConsumptionKey", "GridAccount"


def sight(**status):
    meta = {"namespace": "shop", "name": "app", "uid": "uid-1", "generation": 1}
    return Sight.of({"metadata": meta, "spec": {"accountRef": {"name": "team"}}, "status": status})


NEW = sight(conditions=[{"type": "Stalled"}])
DYING = sight(keyId="k", nextRotationAt="2026-02-20T00:00:00Z", expiresAt="2026-03-02T00:00:00Z")
DUE = sight(keyId="k", nextRotationAt="2026-03-01T00:00:00Z", expiresAt="2026-03-20T00:00:00Z")
CALM = sight(keyId="k", nextRotationAt="2026-03-01T00:00:01Z", expiresAt="2026-03-20T00:00:00Z")


def test_accounts_then_new_ones_then_what_dies_soonest_then_what_is_due_then_the_rest():
    ranks = [
        rank(ACCOUNT, None, NOW),
        rank(KEY, NEW, NOW),
        rank(KEY, DYING, NOW),
        rank(KEY, DUE, NOW),
        rank(KEY, CALM, NOW),
    ]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
    assert rank(KEY, None, NOW) == rank(KEY, CALM, NOW), "what is gone can wait"


def test_what_has_no_key_yet_is_new_whatever_its_status_says():
    assert not NEW.synced
    assert CALM.synced


def test_a_status_that_tells_no_times_is_never_due():
    bare = sight(keyId="k", nextRotationAt="soon")
    assert (bare.due_at, bare.ends_at) == (math.inf, math.inf)


def test_a_status_alone_asks_for_nothing_else():
    assert NEW.asks_for_the_same_as(DYING)
    assert not NEW.asks_for_the_same_as(None)
