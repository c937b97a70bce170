"""A new login stands beside the one that works until it has proven itself."""

from __future__ import annotations

import pytest
from tests.emulation import emulated, generous

from thegrid.client import Endpoints, OAuth

pytestmark = pytest.mark.engines


@pytest.fixture
def market():
    """One that ends a login whose spent token comes again (RFC 9700, section 4.14.2)."""
    with emulated(rules=generous(revoke_on_refresh_reuse=True)) as running:
        yield running


def declare(cluster):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(rotateAfter="1h", overlap="1s")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def log_in_once_more(market):
    """Return the refresh token of another login of the account, as a person gets one."""
    addresses = ("platform", "trading", "consumption", "messages")
    with OAuth(Endpoints(**{each: getattr(market, each) for each in addresses})) as oauth:
        login = oauth.start_device_login(["account:read", "keys:manage"])
        market.approve_device(login.user_code, market.account.user_id)
        return oauth.poll_device_login(login).refresh.reveal()


def rotate(cluster, eventually, text):
    before = cluster.secret("app-grid")
    cluster.annotate("consumptionkey", "app", f"thegrid.ai/rotate={text}")
    eventually(lambda: cluster.secret("app-grid") != before, "a rotation")


def refreshes(cluster):
    return [it for it in cluster.market.journal() if it["path"].endswith("/oauth/token")]


def events(cluster):
    namespace = f"--namespace={cluster.namespace}"
    fields = "custom-columns=TYPE:.type,REASON:.reason,NOTE:.message"
    return cluster.plane.kubectl("get", "events", namespace, "--output", fields).splitlines()


def test_a_login_to_another_account_is_refused_and_costs_nothing_good(
    cluster, operator, start, eventually
):
    declare(cluster)
    other = cluster.market.create_account("other@example.com")

    cluster.log_in(refreshToken=other.refresh_token)
    cluster.annotate("gridaccount", "team", "example.com/look=now")

    condition = cluster.wait_for_reason("gridaccount", "team", "WrongAccount")
    assert cluster.market.account.user_id in condition["message"]
    assert condition["status"] == "True", "the login before works on"
    assert cluster.condition("gridaccount", "team", "Stalled")["status"] == "True"
    rotate(cluster, eventually, "beside it")
    operator.stop()
    start()
    rotate(cluster, eventually, "after a restart")
    assert cluster.market.api_keys(other.user_id) == []
    assert len(refreshes(cluster)) == 2, "the wrong login was spent once, whatever happened since"
    kept = cluster.secret("team-thegrid-tokens")
    assert kept["candidateRefreshToken"], "what was given by mistake is not lost"


def test_spent_logins_that_are_applied_again_change_nothing(cluster, operator, eventually):
    declare(cluster)
    first = cluster.secret("login")
    cluster.log_in(refreshToken=log_in_once_more(cluster.market))
    asked = len(refreshes(cluster))
    cluster.annotate("gridaccount", "team", "example.com/look=second")
    eventually(lambda: len(refreshes(cluster)) == asked + 1, "the second login to be taken")
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")

    cluster.log_in(**first)
    cluster.annotate("gridaccount", "team", "example.com/look=first again")
    rotate(cluster, eventually, "now")

    assert len(refreshes(cluster)) == asked + 1
    assert cluster.condition("gridaccount", "team")["reason"] == "LoggedIn"


def test_a_new_login_that_does_not_work_is_told_and_the_one_before_is_used_on(
    cluster, operator, eventually
):
    declare(cluster)

    cluster.log_in(refreshToken="grid_rt_spent")
    cluster.annotate("gridaccount", "team", "example.com/look=now")

    eventually(
        lambda: "not taken" in cluster.condition("gridaccount", "team")["message"],
        "the status to tell of it",
    )
    condition = cluster.condition("gridaccount", "team")
    assert (condition["reason"], condition["status"]) == ("LoggedIn", "True")
    assert [line for line in events(cluster) if "LoginNotTaken" in line]
    rotate(cluster, eventually, "now")
