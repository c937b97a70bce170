"""Two replicas: one works, the other takes over, and one that was away too long does no harm."""

from __future__ import annotations

import json
import signal

import pytest

pytestmark = pytest.mark.engines

CALM = {"rotateAfter": "1h", "overlap": "30m"}


def told(process, reason):
    """Return how often a replica's log tells something."""
    lines = process.log.read_text().splitlines()
    return [json.loads(line)["reason"] for line in lines if line[:1] == "{"].count(reason)


@pytest.fixture
def pair(start, eventually):
    """Start two replicas; the first of them leads."""

    def start_pair(**options):
        leader = start(**options)
        eventually(lambda: told(leader, "Leading"), "the first replica to lead")
        other = start(**options)
        eventually(lambda: told(other, "Started"), "the second replica to be there")
        return leader, other

    return start_pair


def declare(cluster, **spec):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(**(CALM | spec))
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def ask_for_rotation(cluster, eventually, number):
    """Ask for a rotation and wait until it is in place."""
    cluster.annotate("consumptionkey", "app", f"thegrid.ai/rotate={number}")

    def status():
        return cluster.get("consumptionkey", "app")["status"]

    eventually(lambda: status().get("rotation") == number, f"rotation {number}", status)


def test_only_one_of_two_works(cluster, pair):
    leader, other = pair()
    declare(cluster)

    assert told(leader, "KeyMinted") == 1
    assert told(other, "KeyMinted") == 0
    assert told(other, "Leading") == 0
    assert len(cluster.live_keys()) == 1


def test_the_other_goes_on_with_a_rotation_after_the_leader_was_killed(
    cluster, pair, eventually, call
):
    leader, other = pair()
    declare(cluster, overlap="1s")
    cluster.market.order_fault("GET", "/models", status=503, times=1000)
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=2")
    eventually(lambda: told(leader, "KeyMinted") == 2, "a second key to be stored")

    leader.signal(signal.SIGKILL)
    cluster.market.clear_faults()

    eventually(lambda: told(other, "KeySwapped"), "the other to swap the stored key in")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    assert told(other, "KeyMinted") == 0, "what the first had stored is what is used"
    assert call(cluster.secret("app-grid"))
    eventually(lambda: len(cluster.live_keys()) == 1, "the first key to go", cluster.live_keys)


def test_a_leader_that_is_asked_to_end_hands_over_without_the_lease_running_out(
    cluster, pair, eventually
):
    leader, other = pair(lease_seconds=30.0)
    leader.stop()

    assert leader.exit_code == 0
    eventually(lambda: told(other, "Leading"), "the other to lead")
    assert told(leader, "Stopped") == 1
    assert told(leader, "LeaseNotReleased") == 0


def test_a_leader_that_was_stopped_in_the_middle_of_a_mint_does_nothing_when_it_wakes(
    cluster, pair, eventually, call
):
    leader, other = pair()
    declare(cluster)
    cluster.market.order_fault("POST", "/api-keys", hold_seconds=2, times=1)
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=x")
    eventually(lambda: len(cluster.live_keys()) == 2, "the market to have made a key")
    leader.signal(signal.SIGSTOP)

    eventually(lambda: told(other, "Leading"), "the other to lead")
    eventually(lambda: told(other, "KeySwapped"), "the other to rotate past the lost key")
    eventually(lambda: cluster.condition("consumptionkey", "app")["reason"] != "Rotating", "a rest")
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    versions, keys = cluster.versions(), cluster.live_keys()
    leader.signal(signal.SIGCONT)
    eventually(lambda: told(leader, "Following"), "the old leader to notice")
    eventually(lambda: told(leader, "Fenced"), "the old leader's mint to be fenced out")

    assert cluster.versions() == versions
    assert cluster.live_keys() == keys
    assert told(leader, "KeyMinted") == 1, "the first key, long before"
    assert call(cluster.secret("app-grid"))


def test_a_login_that_was_refreshed_by_a_stopped_leader_is_not_lost(cluster, pair, eventually):
    """The refresh used the token up, so nobody else can get another pair for it."""
    leader, other = pair()
    cluster.market.order_fault("POST", "/oauth/token", hold_seconds=2, times=1)
    cluster.log_in()
    cluster.declare_account()
    eventually(lambda: _asked_for_tokens(cluster), "the leader to spend the refresh token")
    leader.signal(signal.SIGSTOP)
    eventually(lambda: told(other, "Leading"), "the other to lead")
    cluster.wait_for_reason("gridaccount", "team", "LoginLost")

    leader.signal(signal.SIGCONT)

    eventually(lambda: cluster.secret("team-thegrid-tokens"), "the pair to be stored")
    cluster.annotate("gridaccount", "team", "example.com/look=now")
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")


def test_a_stopped_leader_does_not_overwrite_the_login_that_came_after_it(
    cluster, pair, eventually
):
    leader, other = pair()
    cluster.market.order_fault("POST", "/oauth/token", hold_seconds=2, times=1)
    cluster.log_in()
    cluster.declare_account()
    eventually(lambda: _asked_for_tokens(cluster), "the leader to spend the refresh token")
    leader.signal(signal.SIGSTOP)
    eventually(lambda: told(other, "Leading"), "the other to lead")
    cluster.wait_for_reason("gridaccount", "team", "LoginLost")
    cluster.plane.kubectl("delete", "secret", "login", f"--namespace={cluster.namespace}")
    cluster.log_in(accessToken=cluster.market.account.access_token)
    cluster.annotate("gridaccount", "team", "example.com/look=now")
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    versions = cluster.versions()

    leader.signal(signal.SIGCONT)

    eventually(lambda: told(leader, "Fenced"), "the old leader to give its pair up")
    assert cluster.versions() == versions


def _asked_for_tokens(cluster):
    return [it for it in cluster.market.journal() if it["path"].endswith("/oauth/token")]
