"""The guards of our writes hold on a real API server."""

from __future__ import annotations

import copy
import queue
import threading

import pytest

from thegrid_operator.egress.declaration import SUPPLIER_EGRESS
from thegrid_operator.egress.objects import KINDS, guarded
from thegrid_operator.kube import (
    CONSUMPTION_KEY,
    SECRET,
    Conflict,
    Kind,
    KubeRefused,
    KubeUnreachable,
    WatchExpired,
    connect,
)
from thegrid_operator.manifests import encode

pytestmark = pytest.mark.engines

CONFIG_MAP = Kind("", "v1", "configmaps", "ConfigMap")
HIDDEN = "grid_sk_hidden_%%"  # not base64


@pytest.fixture
def kube(installed):
    return connect(installed.kubeconfig, connections=4)


def secret(name="app", **entries):
    data = {entry: encode(text) for entry, text in entries.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}


def key(name="app"):
    return {
        "apiVersion": CONSUMPTION_KEY.api_version,
        "kind": CONSUMPTION_KEY.kind,
        "metadata": {"name": name},
        "spec": {"accountRef": {"name": "team"}, "target": {"name": "app-grid"}},
    }


def test_creating_what_exists_is_a_conflict_and_changes_nothing(kube, namespace):
    first = kube.create(SECRET, namespace, secret(a="1"))

    with pytest.raises(Conflict):
        kube.create(SECRET, namespace, secret(a="2"))
    assert kube.get(SECRET, namespace, "app") == first


def test_what_is_not_there_is_none_and_what_is_forbidden_is_not(kube, installed, namespace):
    assert kube.get(SECRET, namespace, "app") is None
    rights = installed.service_account_kubeconfig("thegrid-system", "thegrid-operator")
    with pytest.raises(KubeRefused, match="403 Forbidden"):
        connect(rights, connections=1).get(CONFIG_MAP, namespace, "app")


@pytest.mark.parametrize("kind", [KINDS["NetworkPolicy"], SUPPLIER_EGRESS], ids=lambda it: it.kind)
def test_what_is_applied_where_nothing_was_never_reaches_what_came_meanwhile(kube, namespace, kind):
    def wanted(app):
        spec = {"podSelector": {"matchLabels": {"app": app}}}
        return {"metadata": {"name": "x", "namespace": namespace}, "spec": spec}

    first = kube.apply(kind, guarded(wanted("a"), None))
    with pytest.raises(Conflict):
        kube.apply(kind, guarded(wanted("b"), None))
    assert kube.get(kind, namespace, "x") == first

    kube.delete(kind, first)
    with pytest.raises(Conflict):
        kube.apply(kind, guarded(wanted("b"), first))
    assert kube.get(kind, namespace, "x") is None


def test_a_patch_with_a_version_from_before_is_refused(kube, namespace):
    seen = kube.create(SECRET, namespace, secret(a="1"))
    now = kube.patch(SECRET, seen, {"data": {"a": encode("2")}})

    with pytest.raises(Conflict):
        kube.patch(SECRET, seen, {"data": {"a": encode("3")}})
    assert kube.get(SECRET, namespace, "app") == now


def test_a_patch_never_reaches_a_namesake(kube, namespace):
    seen = kube.create(SECRET, namespace, secret(a="1"))
    kube.delete(SECRET, seen)
    other = kube.create(SECRET, namespace, secret(a="theirs"))
    forged = copy.deepcopy(seen)
    forged["metadata"]["resourceVersion"] = other["metadata"]["resourceVersion"]

    with pytest.raises(Conflict):
        kube.patch(SECRET, seen, {"data": {"a": encode("ours")}})
    with pytest.raises(KubeRefused):
        kube.patch(SECRET, forged, {"data": {"a": encode("ours")}})
    assert kube.get(SECRET, namespace, "app") == other


def test_a_patch_does_not_bring_back_what_was_deleted(kube, namespace):
    seen = kube.create(SECRET, namespace, secret(a="1"))
    kube.delete(SECRET, seen)

    with pytest.raises(KubeRefused) as refusal:
        kube.patch(SECRET, seen, {"data": {"a": encode("2")}})
    assert refusal.value.status == 404
    assert kube.get(SECRET, namespace, "app") is None


def test_a_deletion_never_reaches_a_namesake(kube, namespace):
    seen = kube.create(SECRET, namespace, secret(a="1"))
    kube.delete(SECRET, seen)
    other = kube.create(SECRET, namespace, secret(a="theirs"))

    with pytest.raises(Conflict):
        kube.delete(SECRET, seen)
    assert kube.get(SECRET, namespace, "app") == other


def test_deleting_what_is_gone_is_no_error(kube, namespace):
    seen = kube.create(SECRET, namespace, secret())
    kube.delete(SECRET, seen)
    kube.delete(SECRET, seen)

    assert kube.get(SECRET, namespace, "app") is None


def test_a_status_is_written_only_onto_what_was_seen(kube, namespace):
    seen = kube.create(CONSUMPTION_KEY, namespace, key())
    written = kube.apply_status(CONSUMPTION_KEY, seen, {"keyId": "key-1"})
    assert written["status"] == {"keyId": "key-1"}

    with pytest.raises(Conflict):
        kube.apply_status(CONSUMPTION_KEY, seen, {"keyId": "key-2"})
    kube.delete(CONSUMPTION_KEY, written)
    with pytest.raises(KubeRefused):
        kube.apply_status(CONSUMPTION_KEY, written, {"keyId": "key-2"})
    assert kube.get(CONSUMPTION_KEY, namespace, "app") is None


def test_a_fact_that_is_left_out_goes_from_the_status(kube, namespace):
    seen = kube.create(CONSUMPTION_KEY, namespace, key())
    written = kube.apply_status(CONSUMPTION_KEY, seen, {"keyId": "key-1", "rotation": 1})

    written = kube.apply_status(CONSUMPTION_KEY, written, {"rotation": 1})

    assert written["status"] == {"rotation": 1}


def test_a_refused_change_of_a_secret_is_not_quoted_although_the_api_server_does(kube, namespace):
    seen = kube.create(SECRET, namespace, secret(a="grid_sk_stored"))

    with pytest.raises(KubeRefused) as refusal:
        kube.patch(SECRET, seen, {"data": {"b": HIDDEN}})
    for content in (HIDDEN, "grid_sk_stored", encode("grid_sk_stored")):
        assert content not in str(refusal.value)
    assert refusal.value.__cause__ is None


class Follower:
    """Reads a watch in a thread of its own."""

    def __init__(self, kube, namespace, since="", silence=20.0):
        self._events = queue.Queue()
        self._namespace = namespace
        watch = kube.watch(CONSUMPTION_KEY, since=since, silence=silence)
        threading.Thread(target=self._read, args=(watch,), daemon=True).start()

    def _read(self, watch):
        try:
            for event in watch:
                self._events.put(event)
        except Exception as error:  # noqa: BLE001 - handed to the test
            self._events.put(error)

    def next(self):
        """Return the next event of our namespace or bookmark."""
        while True:
            event = self._events.get(timeout=20)
            if isinstance(event, Exception):
                raise event
            meta = event["object"]["metadata"]
            if event["type"] == "BOOKMARK" or meta["namespace"] == self._namespace:
                return event


def test_a_watch_tells_what_is_there_then_that_this_was_all_then_what_changes(kube, namespace):
    seen = kube.create(CONSUMPTION_KEY, namespace, key())
    follower = Follower(kube, namespace)

    first = follower.next()
    assert (first["type"], first["object"]["metadata"]["name"]) == ("ADDED", "app")
    bookmark = follower.next()
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}

    kube.patch(CONSUMPTION_KEY, seen, {"spec": {"suspend": True}})
    changed = follower.next()
    assert (changed["type"], changed["object"]["spec"]["suspend"]) == ("MODIFIED", True)
    kube.delete(CONSUMPTION_KEY, changed["object"])
    assert follower.next()["type"] == "DELETED"


def test_a_watch_goes_on_from_a_version_without_telling_all_again(kube, namespace):
    first = kube.create(CONSUMPTION_KEY, namespace, key("first"))
    second = kube.create(CONSUMPTION_KEY, namespace, key("second"))

    follower = Follower(kube, namespace, since=first["metadata"]["resourceVersion"])

    told = follower.next()["object"]["metadata"]
    assert (told["name"], told["resourceVersion"]) == (
        "second",
        second["metadata"]["resourceVersion"],
    )


def test_a_version_that_is_too_old_asks_to_start_anew(kube, namespace):
    with pytest.raises(WatchExpired, match="Expired"):
        Follower(kube, namespace, since="1").next()


def test_silence_is_a_lost_connection(kube, namespace):
    seen = kube.create(CONSUMPTION_KEY, namespace, key())
    version = seen["metadata"]["resourceVersion"]

    with pytest.raises(KubeUnreachable, match="broke off"):
        Follower(kube, namespace, since=version, silence=0.5).next()
