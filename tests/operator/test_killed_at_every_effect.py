"""`kill -9` at each effect on keys and accounts, on a real API server: another goes on."""

from __future__ import annotations

import base64

import pytest
from tests.operator import workloads
from tests.operator.killed import Fated, sites

pytestmark = [pytest.mark.engines, pytest.mark.faults]

STORIES = {
    r"key\.target\.untie": {"target": {"name": "app-grid", "creationPolicy": "Adopt"}},
    r"key\.target\.orphan": {"deletionPolicy": "Orphan"},
    r"key\.restart": {"restart": [{"kind": "Deployment", "name": "web"}]},
}
"""What the resource says where the plain story does not pass a site."""


@pytest.fixture
def story(cluster, chart, start, eventually):
    """Play a story to its end while the operator dies at a site."""

    def play(site):
        spec = STORIES.get(site, {})
        if "restart" in spec:
            chart(restartWorkloads=True)
        fated = Fated(start, site)

        def until(look, what):
            def watched():
                fated.watch()
                return look()

            return eventually(watched, what, cluster.live_keys, seconds=150)

        if "device" in site:
            _begin_without_login(cluster, until)
        else:
            _begin(cluster, until, spec)
        if "restart" in spec:
            workloads.run(cluster, workloads.deployment("web"))
        _rotate(cluster, until)
        _end(cluster, until, orphans="deletionPolicy" in spec)
        return fated

    return play


def _begin(cluster, until, spec):
    """Declare a key; where the login is lost on the way, log in again."""
    cluster.log_in()
    cluster.declare_account()
    if "creationPolicy" in spec.get("target", {}):
        _keep_own_secret(cluster)
    cluster.declare_key(rotateAfter="1h", overlap="1s", **spec)

    def told():
        return cluster.condition("gridaccount", "team").get("reason")

    if until(lambda: told() in ("LoggedIn", "LoginLost") and told(), "a login") == "LoginLost":
        cluster.plane.kubectl("delete", "secret", "login", f"--namespace={cluster.namespace}")
        cluster.log_in(accessToken=cluster.market.account.access_token)
        cluster.annotate("gridaccount", "team", "example.com/look=now")
    until(lambda: _settled(cluster, 1), "the first key")


def _begin_without_login(cluster, until):
    """Declare a key with a login that is spent, and approve whatever code is asked for."""
    cluster.log_in(refreshToken="grid_rt_spent")
    cluster.declare_account()
    cluster.declare_key(rotateAfter="1h", overlap="1s")
    approved = set()

    def logged_in():
        status = (cluster.get("gridaccount", "team") or {}).get("status") or {}
        code = (status.get("deviceLogin") or {}).get("userCode")
        if code and code not in approved:
            approved.add(code)
            cluster.market.approve_device(code, cluster.market.account.user_id)
        return cluster.condition("gridaccount", "team").get("reason") == "LoggedIn"

    until(logged_in, "a login")
    until(lambda: _settled(cluster, 1), "the first key")


def _rotate(cluster, until):
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    until(lambda: _settled(cluster, 2), "a rotation")
    until(lambda: len(cluster.live_keys()) == 1, "the old keys to go")
    keys = cluster.market.api_keys(cluster.market.account.user_id)
    status = cluster.get("consumptionkey", "app")["status"]
    assert [key["id"] for key in keys if key["is_active"]] == [status["keyId"]]
    assert cluster.secret("app-grid")["OPENAI_API_KEY"]


def _settled(cluster, rotation):
    status = (cluster.get("consumptionkey", "app") or {}).get("status") or {}
    ready = cluster.condition("consumptionkey", "app").get("reason") == "UpToDate"
    return ready and status.get("rotation", 0) >= rotation


def _keep_own_secret(cluster):
    cluster.plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "app-grid", "namespace": cluster.namespace},
            "data": {"theirs": base64.b64encode(b"stays").decode()},
        }
    )


def _end(cluster, until, *, orphans):
    # Whoever took over a moment ago waits for a key that the first may have made and not stored;
    # that is shown in a world, whose minutes are short.
    cluster.annotate("consumptionkey", "app", "thegrid.ai/force-delete=true")
    for kind, name in (("consumptionkey", "app"), ("gridaccount", "team")):
        cluster.plane.kubectl(
            "delete", kind, name, "--wait=false", f"--namespace={cluster.namespace}"
        )
    until(lambda: cluster.get("consumptionkey", "app") is None, "the resource to be gone")
    until(lambda: cluster.get("gridaccount", "team") is None, "the account to be gone")
    assert len(cluster.live_keys()) == (1 if orphans else 0)
    assert cluster.get("secret", "app-thegrid-rotation") is None
    assert cluster.get("secret", "team-thegrid-tokens") is None


@pytest.mark.parametrize("site", sites(of_egress=False))
def test_another_one_finishes_what_was_begun(story, site):
    assert story(site).was_killed, f"no effect was named {site}"
