"""The life of everything that an account can hold, on the real Pulumi CLI."""

from decimal import Decimal

import pytest
from tests.provider.whole_accounts.conftest import kept, resources_of
from tests.provider.whole_accounts.programs import NAMES

pytestmark = pytest.mark.engines

DAY = 86400
KINDS = len(NAMES)


def test_everything_goes_through_its_life(stack, world, in_accord):
    untouched = world()
    stack.preview()
    assert world() == untouched

    stack.up()
    assert stack.last_changes() == {"create": KINDS + 1}
    first = in_accord(stack)
    assert world().counts() == (1, 1, 1, 1)
    stack.up("--expect-no-changes")
    assert stack.last_changes() == {"same": KINDS + 1}
    stack.refresh("--expect-no-changes")

    wishes = {"name": "renamed", "price": "0.02", "limit": "80", "inDoubt": "adopt"}
    stack.config({f"wish:{key}": value for key, value in wishes.items()})
    stack.up()
    assert stack.last_changes()["update"] == 5
    changed = in_accord(stack)
    assert world().counts() == (2, 2, 1, 1), "another name is a rotation"
    assert changed["bid"]["order_id"] == first["bid"]["order_id"]
    assert changed["bid"]["order_price"] == "0.02"
    stack.up("--expect-no-changes")

    stack.config({"wish:trigger": "second"})
    stack.up()
    again = in_accord(stack)
    assert world().counts() == (2, 2, 1, 2), "an overlap holds two keys, never three"
    assert again["bid"]["order_id"] != first["bid"]["order_id"]
    assert again["bid-order"]["nonce"] != first["bid-order"]["nonce"]
    assert again["units-transfer"]["nonce"] != first["units-transfer"]["nonce"]
    stack.up("--expect-no-changes")
    stack.refresh("--expect-no-changes")

    stack.destroy("--run-program")
    assert world().counts() == (0, 0, 0, 2)
    assert world().settings.auto_reload_monthly_limit_usd == 80, "nothing is restored"
    assert kept(stack) == {}


def test_what_is_replaced_by_hand_is_there_once(stack, world, in_accord):
    stack.up()
    before = in_accord(stack)
    urns = {it["urn"].rpartition("::")[2]: it["urn"] for it in resources_of(stack)}

    refused = stack.up(f"--replace={urns['units']}", check=False)
    assert "in doubt, and nothing is sent" in refused.stdout + refused.stderr
    stack.config({"wish:inDoubt": "adopt"})
    stack.up(*(f"--replace={urns[name]}" for name in ("account", "ci", "desk", "bid", "units")))
    assert stack.last_changes()["replace"] == 5
    assert world().counts() == (1, 1, 1, 1)

    stack.up()  # finds the keys of the replaced halves revoked, and forgets them
    after = in_accord(stack)
    for name in ("ci", "desk"):
        assert after[name]["key_id"] != before[name]["key_id"]
    assert after["bid"]["order_id"] == before["bid"]["order_id"], "by the intent it is the same"
    assert after["units"]["transfer_id"] == before["units"]["transfer_id"]
    stack.refresh("--expect-no-changes")
    stack.up("--expect-no-changes")
    stack.destroy()


def test_what_somebody_changed_or_ended_by_hand_is_mended(stack, hand, world, in_accord):
    stack.up()
    declared = world()
    hand.client.set_account_mode("easy")
    (order,) = declared.orders
    hand.client.set_account_mode("advanced")
    hand.client.change_order(order, price=Decimal("0.03"))
    hand.client.set_account_mode("easy")
    stack.up("--expect-no-changes")  # without a refresh nobody has looked
    stack.refresh()
    assert stack.last_changes()["update"] == 2
    stack.up()
    assert world() == declared
    in_accord(stack)

    hand.client.revoke_consumption_key(*declared.keys)
    hand.client.revoke_trading_key(*declared.trading_keys)
    hand.client.cancel_order(order)
    stack.refresh()
    stack.up()
    in_accord(stack)
    assert world().counts() == (1, 1, 1, 1)
    stack.up("--expect-no-changes")
    (stack.folder / "__main__.py").unlink()
    stack.destroy()
    assert world().counts() == (0, 0, 0, 1)
