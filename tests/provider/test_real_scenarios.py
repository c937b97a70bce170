"""Keys that somebody ends outside Pulumi, on the real Pulumi CLI."""

import pytest
from tests.emulation import settle

from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret

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
