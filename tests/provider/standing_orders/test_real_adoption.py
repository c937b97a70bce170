"""Orders that were there before the stack, on the real Pulumi CLI: adopted, and only looked up."""

import subprocess
import sys
from decimal import Decimal

import pytest

from thegrid.core.model import NewOrder

pytestmark = pytest.mark.engines

ADOPTING = """
import pulumi
import pulumi_thegrid as thegrid

config = pulumi.Config()
thegrid.StandingOrder("bid", instrument="text-prime", side="buy", price=config.require("price"),
                      quantity=3, adopt=config.require("order"))
order = thegrid.StandingOrder.get("other", config.require("other"))
pulumi.export("seen", [order.instrument, order.price, order.status])
"""


@pytest.fixture
def place(hand):
    market_id = hand.market_of("text-prime").id
    return lambda price: hand.place_order(NewOrder(market_id, "buy", 3, Decimal(price))).id


def test_an_adopted_order_is_changed_in_place_and_one_that_is_looked_up_outlives_the_stack(
    stack_of, place, live
):
    there, other = place("0.02"), place("0.03")
    stack = stack_of(ADOPTING)
    stack.config({"order": there, "other": other, "price": "0.02"})
    stack.up()
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")
    assert stack.outputs()["seen"] == ["text-prime", "0.03", "active"]
    stack.config({"price": "0.01"})
    stack.up()
    assert {it.id: it.price for it in live()} == {there: Decimal("0.01"), other: Decimal("0.03")}
    stack.preview("--expect-no-changes")
    stack.destroy()
    assert [it.id for it in live()] == [other]


def test_other_terms_than_an_adopted_order_s_are_shown_before_they_are_written(
    stack_of, place, live
):
    there, other = place("0.02"), place("0.03")
    stack = stack_of(ADOPTING)
    stack.config({"order": there, "other": other, "price": "0.01"})
    stack.up()
    shown = stack.preview()
    told = "price: 0.02 USD at the market, 0.01 USD declared"
    assert told in shown.stdout + shown.stderr
    stack.up()
    assert {it.id: it.price for it in live()}[there] == Decimal("0.01")
    stack.preview("--expect-no-changes")
    stack.destroy()


def test_orders_that_the_command_found_show_no_change_after_their_import(
    pulumi, place, account, log_in, profiles, environment, tmp_path, live
):
    there = {place("0.02"), place("0.01")}
    log_in("team", account, seconds=3600)
    logins = environment | {"GRID_CREDENTIALS_FILE": str(profiles.path)}
    folder = tmp_path / "grid-account"
    command = [sys.executable, "-m", "pulumi_thegrid", "adopt", "--orders", "--profile", "team"]
    subprocess.run([*command, "--output", str(folder)], env=pulumi.environment | logins, check=True)
    project = pulumi.project(folder, config={"thegrid:profile": "team"})
    steps = ("import", "--file", "import.json", "--generate-code=false", "--protect=false")
    project.run(*steps, "--yes", env=logins)
    preview = project.preview("--expect-no-changes", env=logins)
    assert "6 unchanged" in preview.stdout
    project.up("--expect-no-changes", env=logins)
    project.refresh("--expect-no-changes", env=logins)
    assert {it.id for it in live()} == there
    program = project.folder / "__main__.py"
    program.write_text(program.read_text().replace('price="0.02"', 'price="0.03"'))
    project.up(env=logins)
    assert {it.id for it in live()} == there
    assert sorted(it.price for it in live()) == [Decimal("0.01"), Decimal("0.03")]
    project.destroy(env=logins)
    assert live() == []
