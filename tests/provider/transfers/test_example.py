"""The example of a transfer, and a provider killed while it sends, on the real Pulumi CLI."""

import re
import time

import pytest
from tests.emulation import settle
from tests.provider.examples import EXAMPLES, shown_by
from tests.provider.transfers.conftest import POST

from thegrid_lab.pulumi_cli import command_line

pytestmark = pytest.mark.engines

EXAMPLE = "transfer"
ITS_OWN = re.compile(r'(transfer  |expires_at): "[^"]+"')
PATIENCE_SECONDS = 60


@pytest.fixture
def example(pulumi, addresses, account):
    secret = {"thegrid:accessToken": account.access_token}
    return pulumi.project(EXAMPLES / EXAMPLE, config=addresses, secret_config=secret)


def alike(text):
    return ITS_OWN.sub(r'\1: "ITS OWN"', text)


def test_the_example_moves_units_once_for_each_batch(example, environment, moved):
    outputs, notice = (it.strip() for it in shown_by(EXAMPLE, alike))
    example.preview(env=environment)
    assert moved() == []
    assert outputs in alike(example.up(env=environment).stdout)
    (first,) = moved()
    assert example.outputs()["transfer"] == first
    example.up("--expect-no-changes", env=environment)

    example.config({"batch": "2"})
    preview = example.preview(env=environment)
    assert notice in preview.stdout + preview.stderr
    example.up(env=environment)
    assert moved() == [first, example.outputs()["transfer"]]
    example.destroy(env=environment)
    assert len(moved()) == 2


def test_a_provider_killed_after_the_effect_leaves_one_transfer(
    pulumi, example, environment, market, moved
):
    orphans = pulumi.processes()  # of engines that other tests have killed
    market.order_fault("POST", POST, hold_seconds=2 * PATIENCE_SECONDS)
    running = example.start("up", "--yes", "--skip-preview", env=environment)
    wait_until(moved)
    started = [it for it in pulumi.processes() if it not in orphans]
    (provider,) = [it for it in started if "pulumi.dynamic" in command_line(it)]
    provider.kill()
    assert running.wait(timeout_seconds=PATIENCE_SECONDS) != 0
    market.clear_faults()
    (transfer,) = moved()

    settle(market)
    told = example.up(check=False, env=environment)
    assert told.exit_code != 0
    assert f"which came after its intent was recorded: {transfer}" in told.stdout + told.stderr

    program = example.folder / "__main__.py"
    program.write_text(
        program.read_text().replace("quantity=5", "quantity=5, on_ambiguous='adopt'")
    )
    example.up(env=environment)
    assert (example.outputs()["transfer"], example.outputs()["adopted"]) == (transfer, True)
    example.up("--expect-no-changes", env=environment)
    assert moved() == [transfer]
    example.destroy(env=environment)


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
