"""What a look at the market makes of a record, where the CLI seldom comes."""

from datetime import UTC, datetime, timedelta

from pulumi_thegrid._lifecycles.key_market import KeyMarket
from pulumi_thegrid._lifecycles.key_record import Declaration, KeyRecord, StoredKey
from pulumi_thegrid._lifecycles.key_rotation import Rotation, living, looked_at
from pulumi_thegrid._lifecycles.lives import NUMBERS_PER_LIFE
from thegrid.core.identity import KeyTag, stack_owner
from thegrid.core.model import ConsumptionKey
from thegrid.core.rotation import HeldKey
from thegrid.core.secret import Secret

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OWNER = stack_owner("nonce", "ci")
DECLARED = Declaration("ci", "14d", "2d", ())
AGE = timedelta(days=1)


def stored(number):
    held = HeldKey(f"key-{number}", number, NOW - AGE, NOW + timedelta(days=29))
    return StoredKey(held, Secret(f"secret-{number}"))


def listed(number):
    name = KeyTag(OWNER, number).name("ci")
    return ConsumptionKey(f"key-{number}", name, is_active=True, expires_at=None, created_at=NOW)


class Market(KeyMarket[ConsumptionKey]):
    """Makes keys in memory."""

    def mint(self, action, wanted, now, record=None):
        return StoredKey(HeldKey("new", action.number, now, action.expires_at), Secret("new"))

    def _revoke(self, key_id):
        raise AssertionError(f"{key_id} is revoked")


def test_a_key_that_is_listed_no_longer_is_replaced_and_the_one_before_it_works_on():
    market = Market([listed(1)])
    record = KeyRecord(OWNER, "user", NOW - AGE, stored(2), previous=stored(1))
    seen = looked_at(market, record, NOW)
    assert seen.current_is_dead
    after = Rotation(market, seen, NOW).settle(DECLARED, DECLARED, hold=False)
    assert after.current.held.id == "new"
    assert after.previous == stored(1)
    assert (after.strays, after.current_is_dead) == ((), False)


def test_a_replaced_half_that_still_waits_for_its_deletion_takes_no_key_of_its_replacement():
    """Pulumi refreshes it too; what it named as a stray its deletion would revoke."""
    market = Market([listed(1), listed(NUMBERS_PER_LIFE + 1)])
    seen = looked_at(market, KeyRecord(OWNER, "user", NOW - AGE, stored(1)), NOW)
    assert seen.strays == ()
    assert living(market, seen, NOW) == ("key-1",)
