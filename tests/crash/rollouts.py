"""Deployments that roll and pods that read a Secret when they start, as in a cluster.

A pod's variables are filled from the Secret once. What it got is noted on the pod, where the
watchman finds it and the operator does not look.
"""

from __future__ import annotations

import json
from datetime import timedelta

from tests.crash.api_server import Where
from tests.crash.people import NAMESPACE, decoded

ROLLOUT_SECONDS = 15.0
HOLDS = "example.com/holds"
_TEMPLATE = "example.com/template"
_HASH = "5d9f7"
_KEY_ENTRY = "OPENAI_API_KEY"


class Rollouts:
    """The controllers and the kubelet of a world.

    Args:
        world: Whose.
    """

    def __init__(self, world):
        self._world = world
        self._api = world.api
        self._pods = 0
        self.takes_seconds = ROLLOUT_SECONDS
        self.node_is_behind = timedelta(0)

    def go_on(self):
        """Let every deployment come nearer to what it is to be."""
        for item in self._api.items("deployments"):
            status = item.get("status") or {}
            wanted = json.dumps(item["spec"]["template"], sort_keys=True)
            if all(pod["metadata"]["annotations"][_TEMPLATE] == wanted for pod in _of(self, item)):
                continue
            if status.get("observedGeneration") != item["metadata"]["generation"]:
                self._begin(item)
            elif self._world.clock.seconds >= status["rollingSince"] + self.takes_seconds:
                self._end(item, wanted)

    def deploy(self, name, secret):
        """Run one pod that has a variable filled from a Secret."""
        source = {"secretKeyRef": {"name": secret, "key": _KEY_ENTRY}}
        container = {"name": "main", "env": [{"name": _KEY_ENTRY, "valueFrom": source}]}
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
        body = _object("apps/v1", "Deployment", name) | {
            "spec": {"replicas": 1, "template": template}
        }
        self._api.request("POST", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", body=body)
        item = self._api.find("deployments", NAMESPACE, name)
        self._begin(item)
        item = self._api.find("deployments", NAMESPACE, name)
        self._end(item, json.dumps(item["spec"]["template"], sort_keys=True))

    def held(self):
        """Return the ids of the keys that pods run with."""
        return {pod["metadata"]["annotations"][HOLDS] for pod in self._api.items("pods")}

    def _begin(self, item):
        status = {
            "observedGeneration": item["metadata"]["generation"],
            "replicas": 1,
            "updatedReplicas": 0,
            "availableReplicas": 1,
            "rollingSince": self._world.clock.seconds,
        }
        self._api.write_status(_where("deployments", item), status)

    def _end(self, item, template):
        for pod in _of(self, item):
            path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}"
            self._api.request("DELETE", path)
        self._start_pod(item, template)
        done = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
        status = item["status"] | {"updatedReplicas": 1, "conditions": [done]}
        self._api.write_status(_where("deployments", item), status)

    def _start_pod(self, item, template):
        self._pods += 1
        container = item["spec"]["template"]["spec"]["containers"][0]
        source = container["env"][0]["valueFrom"]["secretKeyRef"]["name"]
        secret = self._api.find("secrets", NAMESPACE, source) or {}
        entry = decoded((secret.get("data") or {}).get(_KEY_ENTRY, ""))
        held = self._world.market.secrets.get(entry, "")
        pod = _object("v1", "Pod", f"{item['metadata']['name']}-{self._pods}")
        replicas = {"kind": "ReplicaSet", "name": f"{item['metadata']['name']}-{_HASH}"}
        pod["metadata"]["ownerReferences"] = [replicas | {"controller": True}]
        labels = item["spec"]["template"]["metadata"]["labels"]
        pod["metadata"]["labels"] = labels | {"pod-template-hash": _HASH}
        pod["metadata"]["annotations"] = {_TEMPLATE: template, HOLDS: held}
        pod["spec"] = {"containers": [container]}
        self._api.request("POST", f"/api/v1/namespaces/{NAMESPACE}/pods", body=pod)
        told = self._world.clock.now() - self.node_is_behind
        now = told.isoformat(timespec="seconds").replace("+00:00", "Z")
        running = {"name": "main", "state": {"running": {"startedAt": now}}}
        status = {"phase": "Running", "containerStatuses": [running]}
        self._api.write_status(_where("pods", pod), status)


def _of(rollouts, item):
    name = item["metadata"]["name"]
    return [pod for pod in rollouts._api.items("pods") if pod["metadata"]["labels"]["app"] == name]


def _where(plural, item):
    return Where(plural, NAMESPACE, item["metadata"]["name"])


def _object(version, kind, name):
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
    }
