"""The example of a standing order, and a replacement, on the real Pulumi CLI."""

from decimal import Decimal

import pytest
from tests.provider.examples import EXAMPLES, shown_by

pytestmark = pytest.mark.engines

EXAMPLE = "standing-order"
PRICE = "0.999"


@pytest.fixture
def example(pulumi, addresses, account):
    secret = {"thegrid:accessToken": account.access_token}
    return pulumi.project(EXAMPLES / EXAMPLE, config=addresses, secret_config=secret)


def test_the_example_buys_renews_itself_and_stops_at_its_cap(
    example, environment, hand, live, orders, sell
):
    example.preview(env=environment)
    assert orders() == []

    shown = example.up(env=environment).stdout
    outputs, *_ = shown_by(EXAMPLE)
    for line in outputs.splitlines():
        assert line.strip() in shown or "order  " in line, "but for the order's random name"
    assert example.last_changes() == {"create": 4}
    outputs = example.outputs()
    assert outputs["generation"] == 1
    assert (outputs["status"], outputs["remaining_quantity"]) == ("active", "5")
    assert [it.client_order_id for it in live()] == [outputs["order"]]
    example.up("--expect-no-changes", env=environment)

    sell(2, PRICE)
    example.up(env=environment)
    assert example.outputs()["remaining_quantity"] == "3"
    (units,) = hand.consumption_balances()
    assert units.uncommitted == 2

    sell(3, PRICE)
    example.up(env=environment)
    outputs = example.outputs()
    assert (outputs["generation"], outputs["spent_today_usd"]) == (2, "4.995")
    sell(5, PRICE)
    told = example.up(env=environment)
    assert "more than the cap of 12 USD a day: nothing is placed" in told.stdout + told.stderr
    assert example.outputs()["generation"] == 2
    assert live() == []
    example.destroy(env=environment)
    assert [it.status for it in orders()] == ["filled", "filled"]


def test_another_order_is_placed_only_after_the_old_one_was_cancelled(
    pulumi, addresses, account, environment, tmp_path, live, orders
):
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: replaced\nruntime: python\n")
    (folder / "__main__.py").write_text(
        "import pulumi\n"
        "import pulumi_thegrid as thegrid\n"
        "flag = pulumi.Config().get_bool('flag') or False\n"
        "thegrid.StandingOrder('bid', instrument='text-prime', side='buy', price='0.01', "
        "quantity=3, auto_transfer=flag)\n"
    )
    secret = {"thegrid:accessToken": account.access_token}
    project = pulumi.project(folder, config=addresses, secret_config=secret)
    project.up(env=environment)
    (first,) = live()
    project.config({"flag": "true"})
    project.up(env=environment)
    (second,) = live()
    assert second.id != first.id
    (ended,) = [it for it in orders() if it.id == first.id]
    assert ended.closed_at <= second.submitted_at
    assert Decimal(ended.filled_quantity) == 0
    project.destroy(env=environment)
    assert live() == []
