"""What happens to a stack in a team's life, on the real Pulumi CLI."""

import shutil

import pytest
from tests.emulation import settle

from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret
from thegrid_lab.pulumi_project import PulumiProject

pytestmark = pytest.mark.engines

DAY = 86400
PROGRAM = """
import pulumi
import pulumi_thegrid as thegrid

key = thegrid.ConsumptionKey("ci", rotate_after="14d", overlap="2d")
trading = thegrid.TradingKey("desk", rotate_after="14d", overlap="2d")
for name in ("key", "key_id", "owner", "strays"):
    pulumi.export(name, getattr(key, name))
pulumi.export("trading_key_id", trading.key_id)
"""


@pytest.fixture
def stack(stack_of):
    return stack_of(PROGRAM)


@pytest.fixture
def client(market, account):
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with Client(endpoints, Secret(account.access_token)) as client:
        yield client


@pytest.fixture
def live_trading_keys(client, market):
    def live():
        settle(market)
        return {key.id for key in client.list_trading_keys() if key.is_active}

    return live


def test_a_renamed_stack_and_the_next_one_of_its_old_name_keep_off_each_other_s_keys(
    stack, addresses, account, live_keys, market
):
    stack.up()
    before = stack.outputs()
    stack.run("stack", "rename", "renamed")
    stack.stack = "renamed"
    stack.up("--expect-no-changes")

    login = {"thegrid:accessToken": account.access_token}
    successor = stack.other_stack("dev", config=addresses, secret_config=login)
    settle(market)
    successor.up()
    after = successor.outputs()
    assert after["owner"] != before["owner"] == stack.outputs()["owner"]
    assert live_keys() == {before["key_id"], after["key_id"]}

    settle(market)
    for each in (stack, successor):
        each.refresh("--expect-no-changes")
        assert each.outputs()["strays"] == []
        each.up("--expect-no-changes")
    assert live_keys() == {before["key_id"], after["key_id"]}
    successor.destroy()
    assert live_keys() == {before["key_id"]}
    stack.destroy()
    assert live_keys() == set()


@pytest.fixture
def other_machine(pulumi, stack, tmp_path):
    """A colleague's clone of the project and Pulumi home, on the same backend."""
    home = tmp_path / "home"
    home.mkdir()
    return PulumiProject(
        pulumi.executable,
        shutil.copytree(stack.folder, tmp_path / "clone"),
        stack=stack.stack,
        environment={**stack.environment, "PULUMI_HOME": str(home)},
        started=stack.started,
    )


def test_two_machines_manage_one_stack_in_turn(
    stack, other_machine, market, live_keys, live_trading_keys
):
    stack.up()
    first = stack.outputs()["key_id"]
    other_machine.up("--expect-no-changes")

    market.advance(14 * DAY + 60)
    other_machine.up()
    second = other_machine.outputs()["key_id"]
    stack.refresh("--expect-no-changes")
    stack.up("--expect-no-changes")
    assert live_keys() == {first, second}

    market.advance(2 * DAY)
    stack.up()
    other_machine.refresh("--expect-no-changes")
    other_machine.up("--expect-no-changes")
    assert live_keys() == {second}
    assert len(live_trading_keys()) == 1
    other_machine.destroy()
    assert live_keys() == live_trading_keys() == set()
    stack.refresh("--expect-no-changes")


def test_with_rotation_on_hold_a_preview_says_the_same_on_every_day(stack, market, live_keys):
    stack.config({"thegrid:rotation": "hold"})
    stack.up()
    before = live_keys()
    market.advance(28 * DAY)  # two rotations would be due, and the key has two days to live
    stack.preview("--expect-no-changes")

    stack.config({"thegrid:rotation": "clock"})
    assert stack.preview("--expect-no-changes", check=False).exit_code != 0
    stack.up()
    assert live_keys() > before
    stack.destroy()


def test_a_stack_whose_program_is_gone_is_destroyed(stack, market, live_keys, live_trading_keys):
    stack.up()
    market.advance(14 * DAY + 60)
    stack.up()
    assert len(live_keys()) == len(live_trading_keys()) == 2
    (stack.folder / "__main__.py").unlink()
    stack.destroy()
    assert live_keys() == live_trading_keys() == set()


def test_keys_revoked_outside_pulumi_are_found_by_refresh_and_made_anew_by_up(
    stack, market, client, live_keys, live_trading_keys
):
    stack.up()
    before = stack.outputs(show_secrets=True)
    client.revoke_consumption_key(before["key_id"])
    for trading_key in live_trading_keys():
        client.revoke_trading_key(trading_key)
    settle(market)
    stack.up("--expect-no-changes")  # without a refresh nobody has looked

    stack.refresh()
    assert stack.last_changes()["delete"] == 2
    stack.up()
    after = stack.outputs(show_secrets=True)
    assert after["key"] != before["key"]
    assert live_keys() == {after["key_id"]}
    assert len(live_trading_keys()) == 1
    assert after["strays"] == []
    stack.up("--expect-no-changes")
    stack.destroy()
    assert live_keys() == live_trading_keys() == set()


def test_a_refresh_that_finds_the_current_keys_revoked_leaves_none_behind_at_a_destroy(
    stack, market, client, live_keys, live_trading_keys
):
    stack.up()
    market.advance(14 * DAY + 60)
    stack.up()
    key, trading_key = (stack.outputs()[name] for name in ("key_id", "trading_key_id"))
    client.revoke_consumption_key(key)
    client.revoke_trading_key(trading_key)
    assert len(live_keys()) == len(live_trading_keys()) == 1
    settle(market)

    stack.refresh()
    assert stack.last_changes()["update"] == 2
    preview = stack.preview().stdout
    assert f"ConsumptionKey 'ci': key {key} was found revoked, expired or missing" in preview
    assert f"TradingKey 'desk': key {trading_key} was found revoked" in preview
    stack.destroy()
    assert live_keys() == live_trading_keys() == set()
