"""Keys that are there already, on the real Pulumi CLI: adopted, and only looked up."""

import pytest

from thegrid.client import Client, Endpoints, SigningKey
from thegrid.core.secret import Secret

pytestmark = pytest.mark.engines

ADOPTING = """
import pulumi
import pulumi_thegrid as thegrid

config = pulumi.Config()
key = thegrid.ConsumptionKey("ci", adopt=config.require("key"), triggers=[config.get("again")])
trading = thegrid.TradingKey("desk", adopt=config.require("tradingKey"))
pulumi.export("key", key.key)
pulumi.export("key_id", key.key_id)
"""

LOOKING = """
import pulumi
import pulumi_thegrid as thegrid

config = pulumi.Config()
key = thegrid.ConsumptionKey.get("ci", config.require("key"))
trading = thegrid.TradingKey.get("desk", config.require("tradingKey"))
settings = thegrid.AccountSettings.get("settings", key.account_id)
pulumi.export("seen", [key.name, key.key_id, trading.label, settings.mode])
pulumi.export("secret", key.key)
"""


@pytest.fixture
def client(market, account):
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with Client(endpoints, Secret(account.access_token)) as client:
        yield client


@pytest.fixture
def there(client):
    """The ids of a key of each kind that somebody made by hand."""
    pair = SigningKey.generate()
    return {
        "key": client.create_consumption_key("by hand").key.id,
        "tradingKey": client.create_trading_key("by hand", pair.public_key).id,
    }


@pytest.fixture
def project_of(pulumi, tmp_path, addresses, account, there):
    def project(program):
        folder = tmp_path / "program"
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: there\nruntime: python\n")
        (folder / "__main__.py").write_text(program)
        secret = {"thegrid:accessToken": account.access_token}
        return pulumi.project(folder, config={**addresses, **there}, secret_config=secret)

    return project


def test_adopted_keys_show_no_change_until_a_rotation_brings_a_secret(
    project_of, environment, there, live_keys
):
    stack = project_of(ADOPTING)
    stack.up(env=environment)
    assert live_keys() == {there["key"]}
    assert not stack.outputs(show_secrets=True).get("key")
    stack.preview("--expect-no-changes", env=environment)
    stack.refresh("--expect-no-changes", env=environment)
    stack.config({"again": "yes"})
    stack.up(env=environment)
    outputs = stack.outputs(show_secrets=True)
    assert outputs["key"]
    assert live_keys() == {there["key"], outputs["key_id"]}
    stack.destroy(env=environment)
    assert live_keys() == set()


def test_what_is_looked_up_is_read_at_every_up_and_outlives_the_stack(
    project_of, environment, there, client, live_keys
):
    stack = project_of(LOOKING)
    stack.up(env=environment)
    assert stack.outputs()["seen"] == ["by hand", there["key"], "by hand", "easy"]
    assert not stack.outputs().get("secret")
    client.set_account_mode("advanced")
    stack.up(env=environment)
    assert stack.outputs()["seen"][3] == "advanced"
    stack.refresh(env=environment)
    stack.destroy(env=environment)
    assert live_keys() == {there["key"]}
    assert [key.is_active for key in client.list_trading_keys()] == [True]


def test_a_key_that_is_gone_is_told_in_one_line(project_of, environment, there, client):
    stack = project_of(LOOKING)
    client.revoke_consumption_key(there["key"])
    up = stack.up(check=False, env=environment)
    assert up.exit_code != 0
    shown = up.stdout + up.stderr
    assert f"ConsumptionKey: this login's account has no live key {there['key']}" in shown
    assert "Traceback" not in shown


RENAMED = """
more = thegrid.ConsumptionKey("more", opts=pulumi.ResourceOptions(depends_on=[key]))
"""


def test_a_renaming_that_broke_off_leaves_the_adopted_key_alive_in_the_next_run(
    project_of, environment, there, market, live_keys
):
    stack = project_of(ADOPTING)
    stack.up(env=environment)
    renamed = ADOPTING.replace('"ci"', '"build"') + RENAMED
    (stack.folder / "__main__.py").write_text(renamed)
    market.order_fault("POST", "/api-keys", status=403)
    assert stack.up(check=False, env=environment).exit_code != 0
    market.clear_faults()
    assert f"key {there['key']} lives on" in stack.up(env=environment).stdout
    assert there["key"] in live_keys()
    stack.destroy(env=environment)
    assert live_keys() == set()
