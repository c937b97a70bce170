"""A login that is lost asks a person for a new one, and goes on by itself once one approves."""

from __future__ import annotations

import json

import httpx
import pytest
from tests.emulation import emulated, generous
from tests.operator.test_new_logins import log_in_once_more

pytestmark = pytest.mark.engines


@pytest.fixture
def market():
    with emulated(rules=generous(device_poll_seconds=1)) as running:
        yield running


@pytest.fixture
def lost(cluster, operator):
    """An account whose login was good, with a key in use, and is lost."""
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(rotateAfter="1h", overlap="1s")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    kept = cluster.secret("team-thegrid-tokens")
    for token in (kept["refreshToken"], kept["accessToken"]):
        address = f"{cluster.market.platform}/api/v1/oauth/revoke"
        httpx.post(address, json={"token": token}).raise_for_status()
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")


@pytest.fixture
def code(cluster, eventually):
    """Wait for a code, as a person who looks at the status."""

    def read(*, other_than=""):
        def told():
            status = (cluster.get("gridaccount", "team") or {}).get("status") or {}
            found = (status.get("deviceLogin") or {}).get("userCode")
            return found if found != other_than else None

        return eventually(told, "a code", lambda: cluster.get("gridaccount", "team"))

    return read


def approve(cluster, user_code, user_id=""):
    cluster.market.approve_device(user_code, user_id or cluster.market.account.user_id)


def events(cluster):
    namespace = f"--namespace={cluster.namespace}"
    selected = "--field-selector=involvedObject.kind=GridAccount"
    listed = cluster.plane.kubectl("get", "events", namespace, selected, "--output=json")
    told = sorted(json.loads(listed)["items"], key=lambda it: it["metadata"]["name"])
    return [(it["reason"], it["message"]) for it in told]


def codes_asked_for(cluster):
    journal = cluster.market.journal()
    return len([it for it in journal if it["path"].endswith("/oauth/device/code")])


def rotated(cluster, eventually):
    def look():
        status = cluster.get("consumptionkey", "app")["status"]
        ready = cluster.condition("consumptionkey", "app")["reason"] == "UpToDate"
        return ready and status["rotation"] == 2

    eventually(look, "the rotation to go on", lambda: cluster.get("consumptionkey", "app"))


def test_a_lost_login_goes_on_by_itself_once_a_person_approves(cluster, lost, code, eventually):
    user_code = code()

    condition = cluster.condition("gridaccount", "team")
    assert condition["reason"] == "LoginLost"
    assert user_code in condition["message"]
    status = cluster.get("gridaccount", "team")["status"]
    assert status["deviceLogin"]["verificationUri"].startswith("http")
    assert status["deviceLogin"]["expiresAt"] > condition["lastTransitionTime"]
    (told,) = [note for reason, note in events(cluster) if user_code in note]
    assert status["deviceLogin"]["verificationUri"] in told
    waiting = cluster.condition("consumptionkey", "app")["message"]
    assert user_code not in waiting, "every key would be written anew with each code"
    device_code = json.loads(cluster.secret("team-thegrid-tokens")["deviceLogin"])["deviceCode"]
    assert device_code not in cluster.everything()

    approve(cluster, user_code)

    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    assert "deviceLogin" not in cluster.get("gridaccount", "team")["status"]
    assert "deviceLogin" not in cluster.secret("team-thegrid-tokens")
    rotated(cluster, eventually)
    assert codes_asked_for(cluster) == 1
    assert [reason for reason, _ in events(cluster)] == ["LoggedIn", "LoginLost", "LoggedIn"]


def test_a_restart_in_the_middle_goes_on_with_the_same_code(
    cluster, operator, lost, code, start, eventually
):
    user_code = code()
    operator.stop()
    approve(cluster, user_code)

    start()

    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    rotated(cluster, eventually)
    assert codes_asked_for(cluster) == 1


def test_the_person_of_another_account_is_refused_and_another_code_asked_for(
    cluster, lost, code, eventually
):
    first = code()
    other = cluster.market.create_account("other@example.com")

    approve(cluster, first, other.user_id)

    second = code(other_than=first)
    assert [note for reason, note in events(cluster) if reason == "WrongAccount"]
    assert cluster.market.api_keys(other.user_id) == []
    assert "candidateRefreshToken" not in cluster.secret("team-thegrid-tokens")
    approve(cluster, second)
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    rotated(cluster, eventually)


def test_an_account_needs_no_login_secret_at_all(cluster, operator, code):
    cluster.declare_account()
    cluster.declare_key()

    approve(cluster, code())

    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def test_who_refuses_is_not_asked_again_at_once_but_whenever_somebody_wants(
    cluster, lost, code, eventually
):
    first = code()
    cluster.market.deny_device(first)
    eventually(
        lambda: "nobody has approved" in cluster.condition("gridaccount", "team")["message"],
        "the status to tell that it waits",
    )
    status = cluster.get("gridaccount", "team")["status"]
    assert not {"deviceLogin", "tokenExpiresAt"} & status.keys()
    assert "CodeRefused" in dict(events(cluster))

    cluster.annotate("gridaccount", "team", "thegrid.ai/log-in=please")

    approve(cluster, code(other_than=first))
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")


def test_a_login_secret_ends_the_asking_too(cluster, lost, code, eventually):
    code()

    cluster.log_in(refreshToken=log_in_once_more(cluster.market))

    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    assert "deviceLogin" not in cluster.get("gridaccount", "team")["status"]
