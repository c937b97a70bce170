"""A real Pulumi CLI that ends while the market makes a key: what the next `up` does about it.

The market has made the key and holds its answer back, so that the CLI ends at the worst moment.
"""

import os
import signal

import pytest
from tests.emulation import settle

pytestmark = pytest.mark.engines

BRIEFLY, FOR_LONG = 3, 300
PROGRAM = """
import pulumi
import pulumi_thegrid as thegrid

key = thegrid.ConsumptionKey("ci")
for name in ("key", "key_id", "owner", "strays"):
    pulumi.export(name, getattr(key, name))
"""


@pytest.fixture
def stack(stack_of):
    return stack_of(PROGRAM)


@pytest.fixture
def up_that_waits(stack, market, live_keys):
    """Start an `up` whose key is made while its answer is held back for so many seconds."""

    def start(hold_seconds):
        market.order_fault("POST", "/api-keys", hold_seconds=hold_seconds)
        up = stack.start("up", "--yes", "--skip-preview")
        up.wait_until_ready(lambda: bool(live_keys()))
        return up

    return start


@pytest.fixture
def comes_to_rest(stack, market, live_keys):
    """Assert that one `up` names the key whose secret was lost, and the next one revokes it."""

    def comes_to_rest(lost):
        settle(market)
        stack.up()
        outputs = stack.outputs(show_secrets=True)
        assert outputs["key"]
        assert {*outputs["strays"]} == lost
        assert live_keys() == {outputs["key_id"]} | lost
        settle(market)
        stack.up()
        assert stack.outputs()["strays"] == []
        assert live_keys() == {outputs["key_id"]}
        stack.up("--expect-no-changes")
        stack.destroy()
        assert live_keys() == set()

    return comes_to_rest


def test_after_one_interrupt_the_key_is_recorded(up_that_waits, stack, live_keys, comes_to_rest):
    up = up_that_waits(BRIEFLY)
    up.signal(signal.SIGINT)
    assert up.wait(timeout_seconds=60) != 0
    (made,) = live_keys()
    recorded = [it["outputs"].get("key_id") for it in stack.export()["deployment"]["resources"][1:]]
    assert made in recorded
    comes_to_rest(lost=set())


def test_after_two_interrupts_the_lost_key_is_named_and_then_revoked(
    up_that_waits, live_keys, comes_to_rest
):
    up = up_that_waits(FOR_LONG)
    up.signal(signal.SIGINT)
    up.wait_until_ready(lambda: "^C" in up.log.read_text())
    up.signal(signal.SIGINT)
    assert up.wait(timeout_seconds=60) != 0
    (lost,) = live_keys()
    comes_to_rest(lost={lost})


def test_after_the_engine_was_killed_the_lost_key_is_named_and_then_revoked(
    up_that_waits, stack, live_keys, comes_to_rest
):
    up = up_that_waits(FOR_LONG)
    os.kill(up.pid, signal.SIGKILL)
    up.wait(timeout_seconds=60)
    locked = stack.up(check=False)
    assert "locked" in locked.stdout + locked.stderr
    stack.run("cancel", "--yes")
    (lost,) = live_keys()
    comes_to_rest(lost={lost})
