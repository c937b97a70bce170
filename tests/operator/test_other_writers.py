"""Others who write into our Secrets, and an API server that takes none of ours, on the real one."""

from __future__ import annotations

import itertools
import json

import pytest
from tests.operator.admission import can_be_changed, changing, full_disk, refusing

from thegrid_lab.errors import CommandFailed

pytestmark = pytest.mark.engines

QUICK = {"rotateAfter": "1h", "overlap": "1s"}
KEY = "OPENAI_API_KEY"
THEIRS = {"labels": {"theirs": "a"}, "annotations": {"example.com/theirs": "b"}}
looks = itertools.count()


def declare(cluster):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(**QUICK)
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def look(cluster):
    """Have the operator look; nothing watches Secrets."""
    cluster.annotate("consumptionkey", "app", f"example.com/look={next(looks)}")


def rotate(cluster, eventually, number):
    """Ask for a rotation, and wait for it."""
    cluster.annotate("consumptionkey", "app", f"thegrid.ai/rotate=to-{number}")
    eventually(lambda: status(cluster).get("rotation") == number, f"rotation {number}")


def status(cluster):
    return cluster.get("consumptionkey", "app")["status"]


def keys_ever_made(cluster):
    return len(cluster.market.api_keys(cluster.market.account.user_id))


def apply(cluster, *flags, metadata=None, **content):
    """Apply our target as a GitOps tool does."""
    own = {"name": "app-grid", "namespace": cluster.namespace}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": own | (metadata or {}), **content}
    apply_as_it_is(cluster, secret, *flags)


def apply_as_it_is(cluster, item, *flags):
    applies = ("apply", "--server-side", "--field-manager=argocd-controller", *flags)
    cluster.plane.kubectl(*applies, "--filename=-", stdin=json.dumps(item))


def put_a_placeholder(cluster, *flags):
    apply(cluster, *flags, metadata=THEIRS, data={KEY: "cGxhY2Vob2xkZXI="})


def told(cluster, reason):
    events = cluster.plane.kubectl(
        "get", "events", f"--namespace={cluster.namespace}", "--output=json"
    )
    return [it["message"] for it in json.loads(events)["items"] if it["reason"] == reason]


def test_what_a_gitops_tool_adds_stays_and_what_it_takes_from_us_is_told_with_its_name(
    cluster, operator, eventually, call
):
    declare(cluster)
    apply(cluster, metadata=THEIRS)
    with pytest.raises(CommandFailed, match=r"conflict with .thegrid-operator"):
        put_a_placeholder(cluster)
    rotate(cluster, eventually, 2)
    eventually(lambda: len(cluster.live_keys()) == 1, "the first key to go", cluster.live_keys)

    for _ in range(3):
        put_a_placeholder(cluster, "--force-conflicts")
        look(cluster)
        eventually(lambda: cluster.secret("app-grid")[KEY] != "placeholder", "it to be put right")

    condition = cluster.wait_for_reason("consumptionkey", "app", "TargetContested")
    assert condition["status"] == "False"
    said = f"by argocd-controller again whenever it is put right (entry {KEY})"
    assert said in condition["message"]
    assert len(told(cluster, "TargetContested")) == 1
    second = cluster.secret("app-grid")
    rotate(cluster, eventually, 3)
    seen = cluster.listings()
    eventually(lambda: cluster.listings() > seen + 1, "two looks after the overlap")
    assert call(second), "no pod need have seen the third"
    assert call(cluster.secret("app-grid"))
    metadata = cluster.get("secret", "app-grid")["metadata"]
    assert metadata["labels"]["theirs"] == "a"
    assert metadata["annotations"]["example.com/theirs"] == "b"


def test_a_resource_that_is_applied_again_by_others_with_all_it_says_is_left_as_it_was(
    cluster, operator, eventually
):
    declare(cluster)
    resource = cluster.get("consumptionkey", "app")
    del resource["metadata"]["resourceVersion"], resource["metadata"]["uid"]
    stale = resource | {"status": {"rotation": 7, "keyId": "another"}}
    before, seen = cluster.versions(), cluster.listings()

    for _ in range(2):
        apply_as_it_is(cluster, stale, "--force-conflicts")
    cluster.plane.kubectl("apply", "--filename=-", stdin=json.dumps(resource))
    look(cluster)
    eventually(lambda: cluster.listings() > seen, "the operator to look", cluster.listings)

    after = cluster.versions()
    assert [name for name in after if after[name] != before[name]] == ["ConsumptionKey/app"]
    assert keys_ever_made(cluster) == 1
    assert status(cluster)["rotation"] == 1


def test_a_policy_that_refuses_our_secrets_is_named_without_its_words_and_costs_no_key(
    cluster, operator, eventually, call
):
    declare(cluster)
    quoting = "'no: ' + string(object.data['current'])"
    with refusing(cluster, "thegrid.ai/rotation", saying=quoting):
        cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
        condition = cluster.wait_for_reason("consumptionkey", "app", "KubernetesRefused")

    who = f"ValidatingAdmissionPolicy refuse-{cluster.namespace} denies it"
    assert condition["message"].endswith(who)
    assert condition["status"] == "True", "the Secret still holds a key that works"
    assert cluster.get("secret", "app-thegrid-rotation")["data"]["current"] not in (
        cluster.everything() + operator.log.read_text()
    )
    look(cluster)
    eventually(lambda: status(cluster)["rotation"] == 2, "the rotation to go on")
    assert keys_ever_made(cluster) == 2
    assert call(cluster.secret("app-grid"))


def test_a_policy_that_changes_an_entry_is_not_fought_and_its_end_is_found(cluster, operator, call):
    if not can_be_changed(cluster):
        pytest.skip("this API server has no MutatingAdmissionPolicy")
    declare(cluster)
    with changing(cluster, "app-grid", KEY, "c2VhbGVk"):
        cluster.annotate("secret", "app-grid", "example.com/touched=yes")
        look(cluster)
        condition = cluster.wait_for_reason("consumptionkey", "app", "TargetAltered")
        before = cluster.versions()
        look(cluster)
        cluster.wait_for_reason("consumptionkey", "app", "TargetAltered")
    assert f"entry {KEY}" in condition["message"]
    assert condition["status"] == "False"
    assert before["Secret/app-grid"] == cluster.versions()["Secret/app-grid"]

    look(cluster)
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    assert call(cluster.secret("app-grid"))
    assert keys_ever_made(cluster) == 1


def test_a_quota_on_secrets_is_named_by_the_account_and_its_keys_and_spends_no_login(
    cluster, operator, eventually, call
):
    cluster.log_in()
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"secrets": "1"}}}
    cluster.plane.apply(quota | {"metadata": {"name": "few", "namespace": cluster.namespace}})
    eventually(
        lambda: (cluster.get("resourcequota", "few").get("status") or {}).get("used"),
        "the quota to be in force",
    )
    cluster.declare_account()
    cluster.declare_key(**QUICK)

    waiting = cluster.wait_for_reason("consumptionkey", "app", "AccountNotReady")
    condition = cluster.wait_for_reason("gridaccount", "team", "KubernetesRefused")
    assert condition["message"].endswith("ResourceQuota few is used up")
    assert condition["message"] in waiting["message"]
    assert not [it for it in cluster.market.journal() if it["path"].endswith("/oauth/token")]

    cluster.plane.kubectl("delete", "resourcequota", "few", f"--namespace={cluster.namespace}")
    cluster.annotate("gridaccount", "team", "example.com/look=now")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    assert call(cluster.secret("app-grid"))


def test_a_target_that_has_no_room_left_is_told_and_makes_no_key(
    cluster, operator, eventually, call
):
    declare(cluster)
    apply(cluster, metadata={"annotations": {"example.com/theirs": "x" * (256 * 1024 - 1000)}})
    labelled = {"name": "app-grid", "annotations": {"example.com/ours": "y" * 1000}}
    cluster.declare_key(**(QUICK | {"target": labelled}))

    condition = cluster.wait_for_reason("consumptionkey", "app", "KubernetesRefused")
    assert condition["message"].endswith("metadata.annotations would be too long")
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    assert call(cluster.secret("app-grid"))
    assert keys_ever_made(cluster) == 1

    cluster.annotate("secret", "app-grid", "example.com/theirs=x")
    look(cluster)
    eventually(lambda: status(cluster)["rotation"] == 2, "the rotation to go on")
    assert call(cluster.secret("app-grid"))


def test_a_key_that_was_made_while_the_disk_filled_up_is_stored_once_there_is_room(
    cluster, operator, eventually, call
):
    declare(cluster)
    cluster.market.order_fault("POST", "/api-keys", hold_seconds=1, times=1)
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    eventually(lambda: keys_ever_made(cluster) == 2, "the market to have made a key")
    with full_disk(cluster):
        eventually(lambda: "Fenced" in operator.log.read_text(), "it to fail to store the key")
        assert call(cluster.secret("app-grid"))

    eventually(lambda: status(cluster)["rotation"] == 2, "the rotation to go on")
    assert keys_ever_made(cluster) == 2
    assert call(cluster.secret("app-grid"))
