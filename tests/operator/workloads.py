"""Workloads that read a key, as manifests, and what the API server tells of them."""

from __future__ import annotations

import json
from datetime import datetime

LABEL = {"app": "consumer"}
ENV = {
    "env": [
        {
            "name": "KEY",
            "valueFrom": {"secretKeyRef": {"name": "app-grid", "key": "OPENAI_API_KEY"}},
        }
    ]
}
MOUNT = {"volumeMounts": [{"name": "keys", "mountPath": "/keys"}]}
VOLUME = {"volumes": [{"name": "keys", "secret": {"secretName": "app-grid"}}]}
ONE_PER_NODE = {"ports": [{"containerPort": 80, "hostPort": 8080}]}
"""With a single node a second pod of this finds no place while the first is there."""


def pod_spec(container=ENV, **spec):
    return {"containers": [{"name": "app", "image": "app", **container}], **spec}


def deployment(name, container=ENV, *, spec=None, **more):
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": pod_spec(container, **(spec or {})),
            },
            **more,
        },
    }


def stuck_when_restarted(name, **more):
    """A Deployment that runs, but whose next rollout cannot go on."""
    return deployment(name, ENV | ONE_PER_NODE, **more)


def run(cluster, *manifests):
    """Apply Deployments and wait until their pods run."""
    for manifest in manifests:
        metadata = {**manifest["metadata"], "namespace": cluster.namespace}
        cluster.plane.apply({**manifest, "metadata": metadata})
    names = [f"deployment/{manifest['metadata']['name']}" for manifest in manifests]
    available = ("--for=condition=Available", "--timeout=60s")
    cluster.plane.kubectl("wait", *names, *available, f"--namespace={cluster.namespace}")


def let_go_on(cluster, name):
    """Give the pods of a stuck Deployment up one by one, so that new ones find a place."""
    strategy = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    patch = json.dumps({"spec": {"strategy": strategy}})
    names = ("patch", "deployment", name, f"--namespace={cluster.namespace}")
    cluster.plane.kubectl(*names, "--type=merge", f"--patch={patch}")


def stamps(cluster, name, kind="deployment"):
    """Return what the operator wrote into a pod template."""
    template = cluster.get(kind, name)["spec"]["template"]
    annotations = template["metadata"].get("annotations") or {}
    return [value for key, value in annotations.items() if key.startswith("restart.thegrid.ai/")]


def revisions(cluster, name):
    """Count the pod templates that a Deployment has had."""
    names = ("get", "replicasets", f"--selector=app={name}", f"--namespace={cluster.namespace}")
    return len(json.loads(cluster.plane.kubectl(*names, "--output=json"))["items"])


def youngest_start(cluster):
    """Return when a container of the namespace was started last."""
    names = ("get", "pods", f"--namespace={cluster.namespace}", "--output=json")
    pods = json.loads(cluster.plane.kubectl(*names))["items"]
    states = [it["state"]["running"] for pod in pods for it in pod["status"]["containerStatuses"]]
    return max(datetime.fromisoformat(state["startedAt"]) for state in states)


def events(cluster, reason):
    """Return the messages of our events with a reason."""
    selector = f"--field-selector=reason={reason}"
    names = ("get", "events", selector, f"--namespace={cluster.namespace}", "--output=json")
    return [it["message"] for it in json.loads(cluster.plane.kubectl(*names))["items"]]
