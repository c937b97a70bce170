"""No secret leaves the real CLI in plain: not in states, outputs, events, logs or exceptions.

The fixture `watch` searches after every test of the real CLI. These show that it finds something,
and let the CLI tell as much as it can.
"""

import pytest

pytestmark = pytest.mark.engines

VERBOSE = ("-v=9", "--logtostderr")
EVERYTHING = """
import pulumi
import pulumi_thegrid as thegrid

trigger = pulumi.Config().require("trigger")
account = thegrid.AccountSettings("account", mode="advanced")
after = pulumi.ResourceOptions(depends_on=[account])
key = thegrid.ConsumptionKey("ci", triggers=[trigger])
desk = thegrid.TradingKey("desk", triggers=[trigger])
thegrid.Transfer("units", instrument="text-prime", quantity=2, triggers=[trigger], opts=after)
thegrid.StandingOrder(
    "bid", instrument="text-prime", side="buy", price="0.01", quantity=3, opts=after
)
pulumi.export("env", key.env)
pulumi.export("profile", desk.profile)
"""
PLANTED = """
import pulumi
import pulumi_thegrid as thegrid

key = thegrid.ConsumptionKey("ci")
pulumi.export("planted", pulumi.Output.unsecret(key.key))
"""


@pytest.fixture
def account(market):
    return market.create_account(access_token_seconds=90 * 86400, units={"text-prime": 20})


def test_at_its_most_talkative_the_cli_shows_no_secret_but_in_the_engine_s_own_lines(
    stack_of, market, watch
):
    stack = stack_of(EVERYTHING)
    debugging = {"THEGRID_DEBUG": "1"}
    stack.config({"trigger": "1"})
    stack.preview(*VERBOSE)
    stack.up(*VERBOSE)
    stack.config({"trigger": "2"})
    market.order_fault("POST", "/api-keys", status=500)
    failed = stack.up(*VERBOSE, check=False, env=debugging)
    assert "Traceback" in failed.stdout
    stack.up(*VERBOSE)
    stack.refresh(*VERBOSE)
    stack.destroy(*VERBOSE)
    assert len(watch.secrets()) >= 6  # two tokens, two keys for inference, two for trading
    talkative = {place.rpartition("-")[2] for place in watch.places(passing_over=None)}
    assert talkative == {f"{it}.stderr" for it in ("preview", "up", "refresh", "destroy")}


def test_a_secret_that_a_program_exports_in_plain_is_found_wherever_it_stands(stack_of, watch):
    stack = stack_of(PLANTED)
    stack.up()
    stack.destroy()
    found = watch.places()
    endings = {place.rpartition(".")[2] for place in found}
    assert endings == {"events", "json", "stdout"}
    watch.expected = found
