"""Namesakes, other accounts and other logins of whole accounts, on the real Pulumi CLI."""

from dataclasses import replace

import pytest
from tests.provider.whole_accounts.conftest import agree, kept, resources_of
from tests.provider.whole_accounts.programs import TEAMS

from thegrid.client import Endpoints
from thegrid.client.oauth import OAuth
from thegrid.core.secret import Secret

pytestmark = pytest.mark.engines

HOUR = 3600
CHANGED = {"wish:name": "renamed", "wish:price": "0.02", "wish:limit": "80"}


@pytest.fixture
def other(new_account):
    return new_account()


def test_namesakes_under_two_parents_and_in_two_accounts_keep_off_each_other(
    stack_of, world, hand_of, other
):
    abroad = hand_of(other).world
    stack = stack_of(TEAMS)
    stack.config({"abroad": other.access_token}, secret=True)
    stack.preview()
    stack.up()
    red, blue, green = (kept(stack, f"team:index:{name}") for name in ("red", "blue", "green"))
    agree([red, blue], world())
    agree([green], abroad())
    assert world().counts() == (2, 2, 2, 2)
    assert abroad().counts() == (1, 1, 1, 1)
    stack.up("--expect-no-changes")
    stack.refresh("--expect-no-changes")

    stack.config({"wish:alone": "true"})
    stack.up()
    agree([red], world())
    agree([green], abroad())
    stack.up("--expect-no-changes")
    stack.destroy()
    assert world().counts() == (0, 0, 0, 2)
    assert abroad().counts() == (0, 0, 0, 1)


def test_with_the_login_of_another_account_nothing_is_changed_here_or_there(
    stack, account, world, hand_of, other
):
    elsewhere = hand_of(other).world
    stack.up()
    mine, theirs = world(), elsewhere()
    stack.config({"thegrid:accessToken": other.access_token}, secret=True)
    wrong = f"this login belongs to account {other.user_id}"
    stack.config({"wish:name": "renamed", "wish:price": "0.02"})
    up = told(stack.up("--continue-on-error", check=False))
    for resource in ("ConsumptionKey 'ci'", "TradingKey 'desk'", "StandingOrder 'bid'"):
        assert f"{resource}: {wrong}" in up
    stack.config({"wish:limit": "80"})
    assert f"AccountSettings: {wrong}" in told(stack.up(check=False))
    (units,) = (it["urn"] for it in resources_of(stack) if it["urn"].endswith("::units"))
    refresh = told(stack.refresh("--run-program", f"--target={units}", check=False))
    assert f"Transfer 'units': {wrong}" in refresh
    assert wrong in told(stack.destroy("--run-program", check=False))
    assert (world(), elsewhere()) == (mine, theirs)

    stack.config({"thegrid:accessToken": account.access_token}, secret=True)
    stack.destroy("--run-program")
    assert world().counts() == (0, 0, 0, 1)
    assert elsewhere() == theirs


def told(failed):
    assert failed.exit_code != 0
    return failed.stdout + failed.stderr


@pytest.fixture
def short_login(new_account):
    return new_account(access_token_seconds=HOUR)


def test_a_login_that_ran_out_is_replaced_and_everything_goes_on(
    stack, short_login, market, hand_of
):
    stack.config({"thegrid:accessToken": short_login.access_token}, secret=True)
    stack.up()
    market.advance(HOUR + 60)
    assert "pulumi config set --secret thegrid:accessToken" in told(stack.refresh(check=False))
    stack.up("--expect-no-changes")  # asks the market nothing

    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with OAuth(endpoints) as oauth:
        pair = oauth.refresh(Secret(short_login.refresh_token))
    world = hand_of(replace(short_login, access_token=pair.access.reveal())).world
    stack.config({"thegrid:accessToken": pair.access.reveal()}, secret=True)
    agree([kept(stack)], world())
    stack.refresh("--run-program", "--expect-no-changes")
    stack.config(CHANGED)
    stack.up()
    agree([kept(stack)], world())
    assert world().counts() == (2, 2, 1, 1)
    stack.refresh("--expect-no-changes")  # with the login that the last `up` recorded
    stack.destroy()
    assert world().counts() == (0, 0, 0, 1)
