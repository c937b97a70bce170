"""`pulumi-thegrid adopt`: what it writes about an account, and what it refuses."""

import json
import os
import runpy
import subprocess
import sys
from decimal import Decimal

import pytest
from tests.provider.engine_state import Recorded

from pulumi_thegrid._command import main
from thegrid.client import Client, Endpoints, SigningKey
from thegrid.core.model import NewOrder
from thegrid.core.secret import Secret
from thegrid.core.settings import SetAutoReload

RELOAD = SetAutoReload(
    enabled=True,
    threshold_usd=Decimal("10.00"),
    amount_usd=Decimal("25.50"),
    monthly_limit_usd=Decimal(100),
)


@pytest.fixture
def logged_in(market, account, monkeypatch, tmp_path):
    """The command's environment: logged in to the account by an access token."""
    monkeypatch.setenv("GRID_CREDENTIALS_FILE", str(tmp_path / "no-profiles.json"))
    monkeypatch.delenv("GRID_PROFILE", raising=False)
    monkeypatch.setenv("THEGRID_ACCESS_TOKEN", account.access_token)
    for surface in ("platform", "trading", "consumption", "messages"):
        monkeypatch.setenv(f"THEGRID_{surface.upper()}_URL", getattr(market, surface))


@pytest.fixture
def client(market, account):
    bases = market.platform, market.trading, market.consumption, market.messages
    with Client(Endpoints(*bases), Secret(account.access_token)) as client:
        yield client


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "somewhere" / "grid-account"


def writes(market, account):
    mine = [it for it in market.journal() if it["user_id"] == account.user_id]
    return [it for it in mine if it["method"] != "GET"]


def said(properties):
    """Leave out nulls, which say the same as nothing."""
    return {name: value for name, value in properties.items() if value is not None}


SETTINGS = {
    "a new account": lambda client: None,
    "an account that trades by hand": lambda client: client.set_account_mode("advanced"),
    "an account that reloads": lambda client: client.set_auto_reload(RELOAD),
    "a limit that a program may not declare": lambda client: client.set_auto_reload(
        SetAutoReload(None, None, Decimal(50), Decimal(20))
    ),
}


@pytest.mark.parametrize("sentence", SETTINGS)
def test_the_import_file_holds_what_an_up_of_the_program_records(
    logged_in, engine, client, market, account, folder, sentence
):
    SETTINGS[sentence](client)
    before = writes(market, account)
    assert main(["adopt", "--output", str(folder)]) == 0
    (entry,) = json.loads((folder / "import.json").read_text())["resources"]
    engine.up(lambda: runpy.run_path(str(folder / "__main__.py")))
    recorded = engine.recorded("account")
    provider = {"__provider": recorded.inputs["__provider"]}
    assert (entry["type"], entry["name"], entry["id"]) == (recorded.type, "account", recorded.id)
    assert said(entry["inputs"]) == said(recorded.inputs)
    assert said(entry["outputs"]) == said(recorded.outputs | provider)
    assert writes(market, account) == before, "neither the command nor the program changed anything"


def imported(engine, folder):
    """Take the import file into the state, as the real engine does."""
    for entry in json.loads((folder / "import.json").read_text())["resources"]:
        urn = f"urn:pulumi:dev::project::{entry['type']}::{entry['name']}"
        properties = said(entry["inputs"]), said(entry["outputs"])
        engine.state[urn] = Recorded(entry["type"], entry["id"], *properties, set(), "")


def test_keys_are_adopted_when_asked_for_and_the_next_preview_shows_no_change(
    logged_in, engine, client, market, account, folder, live_keys
):
    client.create_consumption_key("laptop")
    client.create_consumption_key("laptop")
    client.create_consumption_key("x" * 101)
    client.create_consumption_key("managed <pulumi:a-nonce:a-digest#1>")
    client.revoke_consumption_key(client.create_consumption_key("revoked").key.id)
    client.create_trading_key("trader", SigningKey.generate().public_key)
    engine.settle()
    before, alive = writes(market, account), live_keys()
    looked = len(market.journal())
    assert main(["adopt", "--output", str(folder), "--keys"]) == 0
    paths = [it["path"] for it in market.journal()[looked:]]
    assert len([it for it in paths if it.endswith("-keys")]) == 2, "one look at each kind"
    imported(engine, folder)

    def program():
        runpy.run_path(str(folder / "__main__.py"))

    steps = engine.preview(program).steps
    names = {"account", "thegrid", "laptop", "laptop-2", "x" * 60, "trader"}
    assert steps == dict.fromkeys(names, "same")
    assert set(engine.up(program).steps.values()) == {"same"}
    assert set(engine.refresh().steps.values()) == {"same"}
    assert writes(market, account) == before
    assert live_keys() == alive

    market.advance(15 * 86400)
    assert engine.up(program).steps["laptop"] == "update"
    assert engine.outputs("laptop")["key"]
    engine.destroy()
    assert len(live_keys()) == 1, "the key that another stack manages"


@pytest.fixture
def trader(market, client, account):
    """The account's owner, who can trade and has orders of every sort."""
    market.deposit(account.user_id, Decimal(100))
    market.give_units(account.user_id, "text-max", 9)
    client.set_account_mode("advanced")
    yield client
    client.set_account_mode("advanced")
    client.cancel_orders()


def new_order(client, **changes):
    given = {"market_id": client.market_of("text-prime").id, "side": "buy", "quantity": 3}
    return client.place_order(NewOrder(**given | {"price": Decimal("0.01")} | changes)).id


def test_orders_are_adopted_when_asked_for_and_the_next_preview_shows_no_change(
    logged_in, engine, trader, market, account, folder
):
    there = [
        new_order(trader, client_order_id='a name "of mine"'),
        new_order(trader, price=Decimal("0.0200"), quantity=4),
        new_order(
            trader, market_id=trader.market_of("text-max").id, side="sell", price=Decimal(900)
        ),
    ]
    others = [new_order(trader, client_order_id=f"{'0f' * 16}:12")]
    trader.cancel_order(new_order(trader))
    engine.settle()
    before = writes(market, account)
    assert main(["adopt", "--output", str(folder), "--orders"]) == 0
    imported(engine, folder)

    def program():
        runpy.run_path(str(folder / "__main__.py"))

    steps = engine.preview(program).steps
    orders = {"text-prime-buy", "text-prime-buy-2", "text-max-sell"}
    assert steps == dict.fromkeys({"account", *orders, *(f"{it}-order" for it in orders)}, "same")
    assert set(engine.up(program).steps.values()) == {"same"}
    assert set(engine.refresh().steps.values()) == {"same"}
    assert writes(market, account) == before
    assert {engine.outputs(it)["order_id"] for it in orders} == set(there)

    text = (folder / "__main__.py").read_text()
    (folder / "__main__.py").write_text(text.replace('price="0.02"', 'price="0.03"'))
    assert engine.up(program).steps["text-prime-buy-2"] == "update"
    assert trader.order(there[1]).price == Decimal("0.03")
    engine.destroy()
    engine.settle()
    assert [it.id for it in trader.orders().complete() if not it.is_terminal] == others


def test_where_not_all_orders_can_be_listed_nothing_is_written(
    logged_in, trader, market, folder, capsys
):
    more = {"data": [], "paging": {"has_more": True, "next_cursor": None, "prev_cursor": None}}
    market.order_fault("GET", "/orders", status=200, body=more, times=99)
    assert main(["adopt", "--output", str(folder), "--orders"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not folder.exists()


def test_without_any_key_there_is_no_stack_identity(logged_in, folder):
    assert main(["adopt", "--output", str(folder), "--keys"]) == 0
    entries = json.loads((folder / "import.json").read_text())["resources"]
    assert [it["name"] for it in entries] == ["account"]


def test_what_is_written_holds_no_login_and_says_what_to_do_next(
    logged_in, account, folder, capsys
):
    assert main(["adopt", "--output", str(folder), "--project", "research.account"]) == 0
    told = capsys.readouterr()
    assert f"cd {folder}" in told.out
    assert "pulumi config set --secret thegrid:accessToken" in told.out
    assert "pulumi import --file import.json --generate-code=false --protect=false" in told.out
    assert (folder / "Pulumi.yaml").read_text().startswith("name: research.account\n")
    everything = told.out + "".join(it.read_text() for it in folder.iterdir())
    assert account.access_token not in everything


def test_a_profile_is_refreshed_and_named_in_the_next_steps(
    logged_in, account, folder, log_in, profiles, monkeypatch, capsys
):
    monkeypatch.setenv("GRID_CREDENTIALS_FILE", str(profiles.path))
    log_in("my team", account, seconds=30)
    assert main(["adopt", "--output", str(folder), "--profile", "my team"]) == 0
    assert "pulumi config set thegrid:profile 'my team'" in capsys.readouterr().out
    assert profiles.read().profile("my team").login.refresh.reveal() != account.refresh_token


REFUSED = {
    "a file that is there already": (2, "__main__.py: is there already; name another folder"),
    "a project's name that Pulumi would refuse": (2, "--project: 'no name': letters"),
    "no login at all": (2, "there is no login in"),
    "a login that the market rejects": (1, "GET /users/self was refused: 40"),
    "a market that is not there": (1, "the market cannot be reached"),
    "a folder that cannot be made": (2, "Not a directory"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_it_refuses_in_one_line_and_writes_nothing(
    logged_in, folder, monkeypatch, capsys, sentence
):
    code, told = REFUSED[sentence]
    arguments, there = ["adopt", "--output", str(folder)], []
    match sentence:
        case "a file that is there already":
            folder.mkdir(parents=True)
            (folder / "__main__.py").write_text("mine")
            there = ["__main__.py"]
        case "a project's name that Pulumi would refuse":
            arguments += ["--project", "no name"]
        case "no login at all":
            monkeypatch.delenv("THEGRID_ACCESS_TOKEN")
        case "a login that the market rejects":
            monkeypatch.setenv("THEGRID_ACCESS_TOKEN", "grid_at_wrong")
        case "a market that is not there":
            monkeypatch.setenv("THEGRID_PLATFORM_URL", "http://127.0.0.1:9")
        case "a folder that cannot be made":
            folder.parent.write_text("a file")
    assert main(arguments) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("pulumi-thegrid: ")
    assert told in line
    assert [it.name for it in folder.iterdir()] == there if folder.is_dir() else not there


def test_the_help_teaches_the_whole_way():
    command = [sys.executable, "-m", "pulumi_thegrid", "adopt", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    for step in (
        "pulumi stack init",
        "pulumi import --file",
        "--expect-no-changes",
        "--orders",
        "exit codes",
    ):
        assert step in shown.stdout
