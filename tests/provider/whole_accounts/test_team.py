"""What happens to the stack of a whole account in a team's life, on the real Pulumi CLI."""

import shutil

import pytest
from tests.provider.whole_accounts.conftest import agree, kept

from thegrid_lab.pulumi_project import PulumiProject

pytestmark = pytest.mark.engines

DAY = 86400


def test_a_renamed_stack_and_the_next_one_of_its_old_name_keep_off_each_other(
    stack, addresses, account, world
):
    stack.up()
    before = kept(stack)
    stack.run("stack", "rename", "renamed")
    stack.stack = "renamed"
    stack.up("--expect-no-changes")

    login = {"thegrid:accessToken": account.access_token}
    successor = stack.other_stack("dev", config=addresses, secret_config=login)
    successor.up()
    after = kept(successor)
    agree([before, after], world())
    assert world().counts() == (2, 2, 2, 2)
    for name, mark in MARKS.items():
        assert after[name][mark] != before[name][mark]

    for each in (stack, successor):
        each.refresh("--expect-no-changes")
        each.up("--expect-no-changes")
    agree([before, after], world())
    successor.destroy()
    agree([before], world())
    stack.destroy()
    assert world().counts() == (0, 0, 0, 2)


MARKS = {
    "thegrid": "nonce",
    "ci": "owner",
    "desk": "owner",
    "bid-order": "nonce",
    "bid": "client_order_id",
    "units-transfer": "nonce",
    "units": "transfer_id",
}
"""By what each finds its own at the market."""


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
        records=stack.records,
    )


def test_two_machines_manage_one_stack_in_turn(stack, other_machine, market, world, in_accord):
    stack.up()
    other_machine.up("--expect-no-changes")
    market.advance(14 * DAY + 60)
    other_machine.config({"wish:price": "0.02", "wish:limit": "80", "wish:inDoubt": "adopt"})
    other_machine.up()
    in_accord(other_machine)
    assert world().counts() == (2, 2, 1, 1)

    shutil.copy(other_machine.folder / "Pulumi.dev.yaml", stack.folder)  # as git would
    stack.refresh("--expect-no-changes")
    stack.up("--expect-no-changes")
    market.advance(2 * DAY)
    stack.up()
    in_accord(stack)
    assert world().counts() == (1, 1, 1, 1)
    other_machine.up("--expect-no-changes")
    other_machine.destroy()
    assert world().counts() == (0, 0, 0, 1)
    stack.refresh("--expect-no-changes")


def test_with_rotation_on_hold_a_preview_says_the_same_on_every_day(
    stack, market, world, in_accord
):
    stack.config({"thegrid:rotation": "hold"})
    stack.up()
    before = world()
    market.advance(28 * DAY)  # two rotations would be due, and the consumption key has two days
    stack.preview("--expect-no-changes")
    assert world() == before

    stack.config({"thegrid:rotation": "clock"})
    assert stack.preview("--expect-no-changes", check=False).exit_code != 0
    stack.up()
    in_accord(stack)
    assert world().counts() == (2, 2, 1, 1)
    (stack.folder / "__main__.py").unlink()
    stack.destroy()
    assert world().counts() == (0, 0, 0, 1)
