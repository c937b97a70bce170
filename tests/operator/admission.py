"""An API server that for a while refuses what is written in our namespace, or changes it."""

from __future__ import annotations

import contextlib
import json
import time

import httpx

from thegrid_lab.errors import CommandFailed

GROUP = "admissionregistration.k8s.io/v1"
ANY = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"]}


@contextlib.contextmanager
def refusing(cluster, secret_type, *, saying=None):
    """Have the API server refuse to write Secrets of a type.

    `saying` is a CEL expression of what it says then.
    """
    validation = {"expression": f"object.type != '{secret_type}'"}
    validation |= {"messageExpression": saying} if saying else {}
    policy = {"matchConstraints": _our_secrets(cluster), "validations": [validation]}
    with _policy(cluster, "ValidatingAdmissionPolicy", policy, {"validationActions": ["Deny"]}):
        _wait(lambda: not _may_write(cluster, secret_type))
        yield


def can_be_changed(cluster):
    """Tell whether the API server has policies that change what is written."""
    return "mutatingadmissionpolicies" in cluster.plane.kubectl("get", "--raw", f"/apis/{GROUP}")


@contextlib.contextmanager
def changing(cluster, secret, entry, value):
    """Have the API server put a value into an entry of a Secret, whoever writes it."""
    made = f"Object{{data: {{'{entry}': '{value}'}}}}"
    policy = {
        "matchConstraints": _our_secrets(cluster),
        "matchConditions": [{"name": "it", "expression": f"object.metadata.name == '{secret}'"}],
        "reinvocationPolicy": "Never",
        "mutations": [
            {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": made}}
        ],
    }
    touch = ("annotate", "secret", secret, "example.com/probe=yes", "--dry-run=server")
    shown = (*touch, "--output=json", f"--namespace={cluster.namespace}")
    with _policy(cluster, "MutatingAdmissionPolicy", policy, {}):
        _wait(lambda: json.loads(cluster.plane.kubectl(*shown))["data"][entry] == value)
        yield


@contextlib.contextmanager
def full_disk(cluster):
    """Have etcd take nothing any more, as it does beyond its quota."""
    alarm = {"memberID": "0", "alarm": "NOSPACE"}
    address = f"{cluster.plane.etcd}/v3/maintenance/alarm"

    def order(action):
        answer = httpx.post(address, json=alarm | {"action": action}, trust_env=False)
        answer.raise_for_status()

    order("ACTIVATE")
    try:
        yield
    finally:
        order("DEACTIVATE")


def _our_secrets(cluster):
    own = {"matchLabels": {"kubernetes.io/metadata.name": cluster.namespace}}
    return {"namespaceSelector": own, "resourceRules": [ANY | {"resources": ["secrets"]}]}


@contextlib.contextmanager
def _policy(cluster, kind, policy, bound):
    name = f"refuse-{cluster.namespace}"
    common = {"apiVersion": GROUP, "metadata": {"name": name}}
    binding = common | {"kind": f"{kind}Binding", "spec": bound | {"policyName": name}}
    cluster.plane.apply([common | {"kind": kind, "spec": policy}, binding])
    try:
        yield
    finally:
        for each in (f"{kind}Binding", kind):
            cluster.plane.kubectl("delete", each.lower(), name)


def _wait(in_effect):
    deadline = time.monotonic() + 20
    while not in_effect():
        assert time.monotonic() < deadline, "the policy never took effect"
        time.sleep(0.1)


def _may_write(cluster, secret_type):
    namespace = f"--namespace={cluster.namespace}"
    kind = f"--type={secret_type}"
    try:
        cluster.plane.kubectl(
            "create", "secret", "generic", "probe", kind, namespace, "--dry-run=server"
        )
    except CommandFailed:
        return False
    return True
