"""Accounts on the real Pulumi CLI: two in one stack, moving between them, and one adopted."""

import json
import subprocess
import sys
from decimal import Decimal

import pytest
from tests.provider.examples import EXAMPLES, shown_by

from thegrid.client import Client, Endpoints, SigningKey
from thegrid.core.secret import Secret
from thegrid.core.settings import SetAutoReload

pytestmark = pytest.mark.engines


@pytest.fixture
def logins(profiles, clock_file):
    return {"GRID_CREDENTIALS_FILE": str(profiles.path), "THEGRID_TEST_CLOCK": str(clock_file)}


def test_two_accounts_in_one_stack_go_through_their_life(pulumi, market, profiles, log_in, logins):
    accounts = {
        name: market.create_account(f"{name}@example.com", access_token_seconds=3600)
        for name in ("research", "production")
    }
    for name, account in accounts.items():
        log_in(name, account, seconds=30)  # so that every login is refreshed on its first use
    project = pulumi.project(EXAMPLES / "two-accounts")
    preview = project.preview(env=logins)
    assert "6 to create" in preview.stdout

    up = project.up(env=logins)

    outputs = project.outputs(show_secrets=True)
    for name, account in accounts.items():
        assert outputs[f"{name}_email"] == f"{name}@example.com"
        assert outputs[f"{name}_key_id"] in {it["id"] for it in market.api_keys(account.user_id)}
    (expected,) = shown_by("two-accounts")
    assert shape(expected) == shape(up.stdout[up.stdout.index("Outputs:") :])
    stored = json.dumps(project.export())
    for name in accounts:
        login = profiles.read().profile(name).login
        assert login.access.reveal() not in stored
        assert login.refresh.reveal() not in stored
    project.up("--expect-no-changes", env=logins)
    assert project.last_changes() == {"same": 6}
    project.refresh("--expect-no-changes", env=logins)
    project.destroy(env=logins)
    for account in accounts.values():
        assert not [it for it in market.api_keys(account.user_id) if it["is_active"]]


def shape(text):
    """Reduce the end of a command's output to its names and counts."""
    lines = [line.split(":")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("Duration")]


MOVED = """
import pulumi
import pulumi_thegrid as thegrid

theirs = thegrid.Provider("theirs", access_token=pulumi.Config().require_secret("theirs"))
options = pulumi.ResourceOptions(provider=theirs)
thegrid.ConsumptionKey("ci", opts=options)
thegrid.ConsumptionKey("there", opts=options)
thegrid.AccountSettings("settings", mode="advanced", opts=options)
"""
STAYS = """
import pulumi_thegrid as thegrid

thegrid.ConsumptionKey("ci")
thegrid.ConsumptionKey("here")
thegrid.AccountSettings("account", mode="advanced")
"""


def test_a_wrong_account_is_refused_and_what_is_declared_with_its_provider_moves_there(
    pulumi, market, account, addresses, tmp_path, live_keys
):
    other = market.create_account(access_token_seconds=3600)
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: moving\nruntime: python\n")
    (program / "__main__.py").write_text(STAYS)
    mine = {"thegrid:accessToken": account.access_token}
    project = pulumi.project(program, config=addresses, secret_config=mine)
    project.up()

    project.config({"thegrid:accessToken": "grid_at_stale"}, secret=True)
    project.refresh()  # with the login that the state records

    project.config({"thegrid:accessToken": other.access_token}, secret=True)
    for wrong in (
        project.refresh("--run-program", check=False),
        project.destroy("--run-program", check=False),
    ):
        told = wrong.stdout + wrong.stderr
        assert wrong.exit_code != 0
        assert f"login belongs to account {other.user_id}" in told
        assert "declare the resource under another name" in told
        assert "Traceback" not in told
    assert len(live_keys()) == 2

    project.config(mine, secret=True)
    project.config({"theirs": other.access_token}, secret=True)
    (project.folder / "__main__.py").write_text(MOVED)
    replaced = "urn:pulumi:dev::moving::pulumi-python:dynamic/thegrid:ConsumptionKey::ci"
    project.up("--replace", replaced)
    assert live_keys() == set()
    assert len([it for it in market.api_keys(other.user_id) if it["is_active"]]) == 2
    project.up("--expect-no-changes")
    project.destroy()


RELOAD = SetAutoReload(
    enabled=True,
    threshold_usd=Decimal(10),
    amount_usd=Decimal("25.50"),
    monthly_limit_usd=Decimal(100),
)


@pytest.fixture
def client(market, account):
    bases = market.platform, market.trading, market.consumption, market.messages
    with Client(Endpoints(*bases), Secret(account.access_token)) as client:
        yield client


def test_an_account_is_adopted_and_the_next_preview_shows_no_change(
    pulumi, market, account, client, log_in, logins, tmp_path
):
    client.set_auto_reload(RELOAD)
    client.set_account_mode("advanced")
    log_in("team", account, seconds=3600)
    command = [sys.executable, "-m", "pulumi_thegrid", "adopt"]
    adopted = subprocess.run(
        [*command, "--output", "grid-account", "--profile", "team"],
        cwd=tmp_path,
        env=pulumi.environment | logins,
        capture_output=True,
        text=True,
        check=True,
    )
    shown = shown_by("adopt")
    assert adopted.stdout == shown[0]
    folder = tmp_path / "grid-account"
    for name in ("Pulumi.yaml", "__main__.py"):
        written = (folder / name).read_text().replace(account.user_id, EXAMPLE_ACCOUNT)
        assert written == (EXAMPLES / "adopt" / name).read_text()

    project = pulumi.project(folder, config={"thegrid:profile": "team"})
    steps = ("import", "--file", "import.json", "--generate-code=false", "--protect=false")
    imported = project.run(*steps, "--yes", env=logins)
    assert shown[1].strip() in imported.stdout
    preview = project.preview("--expect-no-changes", env=logins)
    assert "2 unchanged" in preview.stdout
    project.up("--expect-no-changes", env=logins)
    project.refresh("--expect-no-changes", env=logins)

    program = project.folder / "__main__.py"
    program.write_text(program.read_text().replace('"100"', '"80"'))
    project.up(env=logins)
    assert client.settings().auto_reload_monthly_limit_usd == 80
    project.destroy(env=logins)
    assert client.settings().mode == "advanced"


def test_keys_are_adopted_and_the_next_preview_shows_no_change(
    pulumi, client, account, log_in, logins, tmp_path, live_keys
):
    there = client.create_consumption_key("laptop").key.id
    client.create_trading_key("laptop", SigningKey.generate().public_key)
    log_in("team", account, seconds=3600)
    command = [sys.executable, "-m", "pulumi_thegrid", "adopt", "--keys", "--profile", "team"]
    folder = tmp_path / "grid-account"
    subprocess.run([*command, "--output", str(folder)], env=pulumi.environment | logins, check=True)
    project = pulumi.project(folder, config={"thegrid:profile": "team"})
    steps = ("import", "--file", "import.json", "--generate-code=false", "--protect=false")
    project.run(*steps, "--yes", env=logins)
    preview = project.preview("--expect-no-changes", env=logins)
    assert "5 unchanged" in preview.stdout
    project.up("--expect-no-changes", env=logins)
    project.refresh("--expect-no-changes", env=logins)
    assert live_keys() == {there}
    assert [key.is_active for key in client.list_trading_keys()] == [True]
    project.destroy(env=logins)
    assert live_keys() == set()
    assert [key.is_active for key in client.list_trading_keys()] == [False]


EXAMPLE_ACCOUNT = "user_00000000-0000-4000-8000-000000000001"


def test_install_finds_no_plugin_to_look_for(pulumi, addresses):
    """The language host reports packages as the official one does, so this is what users see."""
    project = pulumi.project(EXAMPLES / "quickstart", config=addresses)
    done = project.run("install")
    assert "thegrid" not in done.stdout + done.stderr
