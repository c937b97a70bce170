"""Which pods run with another key than the first, where nothing is known to have come before it."""

from datetime import timedelta

import pytest
from tests.operator.pods import (
    SECRET,
    SWAP_AT,
    WAITING,
    env,
    env_from,
    mount,
    pod,
    running,
    secret_volume,
)

from thegrid_operator.adoption import Holdout, Swap, Use, holdouts, told_of_the_first

SECOND = timedelta(seconds=1)
URL = "OPENAI_BASE_URL"
OPENING = Swap(SECRET, SWAP_AT, 10 * SECOND, 180 * SECOND, frozenset({URL}), opens=True)
LONG_AFTER = 1000
SUB_PATH = mount(subPath="OPENAI_API_KEY")

HOLDS_BEFORE_THE_FIRST = {
    "env, started long before the key was there": pod(running(-13), env()),
    "envFrom": pod(running(-500), env_from()),
    "a subPath": pod(running(-13), SUB_PATH, volumes=[secret_volume()]),
    "an optional reference: it runs with no key at all": pod(running(-13), env(optional=True)),
    "a pod that is being deleted": pod(running(-13), env(), deleting=True),
}


@pytest.mark.parametrize("sentence", HOLDS_BEFORE_THE_FIRST)
def test_another_key_than_the_first_may_be_held_by(sentence):
    for seconds in (0, LONG_AFTER):
        found = holdouts([HOLDS_BEFORE_THE_FIRST[sentence]], OPENING, SWAP_AT + seconds * SECOND)
        assert [holdout.until for holdout in found] == [None]


FREE_OF_THE_FIRST = {
    "env, started when the key came, by a clock that is behind by the margin": pod(
        running(-12), env()
    ),
    "env, started since": pod(running(3), env()),
    "a container that waits for the Secret": pod(WAITING, env()),
    "a pod that nobody has placed yet": pod(None, env(), phase="Pending"),
    "a volume, which the kubelet updates": pod(running(-500), mount(), volumes=[secret_volume()]),
    "a pod whose start cannot be read": pod({"running": {"startedAt": None}}, env()),
    "a pod whose start lies ahead": pod(running(LONG_AFTER + 11), env()),
    "a pod that has completed": pod(running(-500), env(), phase="Succeeded"),
    "another Secret": pod(running(-500), env("other")),
    "the address alone": pod(running(-500), env(key=URL)),
}


@pytest.mark.parametrize("sentence", FREE_OF_THE_FIRST)
def test_no_other_key_than_the_first_is_held_by(sentence):
    for seconds in (0, 9, LONG_AFTER):
        now = SWAP_AT + seconds * SECOND
        assert holdouts([FREE_OF_THE_FIRST[sentence]], OPENING, now) == ()


MAKERS = {
    "Deployment web": ("ReplicaSet", "web-5d9f7", {"pod-template-hash": "5d9f7"}),
    "ReplicaSet web-5d9f7": ("ReplicaSet", "web-5d9f7", {}),
    "ReplicaSet web": ("ReplicaSet", "web", {"pod-template-hash": "5d9f7"}),
    "StatefulSet db": ("StatefulSet", "db", {}),
    "DaemonSet agent": ("DaemonSet", "agent", {}),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_a_pod_belongs_to(maker):
    kind, name, labels = MAKERS[maker]
    seen = pod(running(-500), env())
    owner = {"kind": kind, "name": name, "controller": True}
    seen["metadata"] |= {
        "labels": labels,
        "ownerReferences": [{"kind": "Node", "name": "n"}, owner],
    }
    (found,) = holdouts([seen], OPENING, SWAP_AT)
    assert found.belongs_to == maker


def test_a_message_about_the_first_key_tells_why_and_what_to_do():
    found = [Holdout("a", "app", Use.ENV, None)]
    words = "pod a (env) started before the Secret held key #1, so with another key or with none: "
    assert told_of_the_first(found, 1) == f"{words}restart what it belongs to"
    assert told_of_the_first(found, 1, "it is restarted") == f"{words}it is restarted"
