"""An API server that refuses to write Secrets of a type for a while."""

from __future__ import annotations

import contextlib
import time

from thegrid_lab.errors import CommandFailed


@contextlib.contextmanager
def refusing(cluster, secret_type):
    """Have the API server refuse to write Secrets of a type in our namespace."""
    name = f"refuse-{cluster.namespace}"
    group = {"apiVersion": "admissionregistration.k8s.io/v1"}
    writes = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"]}
    own = {"matchLabels": {"kubernetes.io/metadata.name": cluster.namespace}}
    policy = {
        "matchConstraints": {
            "namespaceSelector": own,
            "resourceRules": [{**writes, "resources": ["secrets"]}],
        },
        "validations": [{"expression": f"object.type != '{secret_type}'"}],
    }
    binding = {"policyName": name, "validationActions": ["Deny"]}
    cluster.plane.apply(
        [
            group | {"kind": kind, "metadata": {"name": name}, "spec": spec}
            for kind, spec in (
                ("ValidatingAdmissionPolicy", policy),
                ("ValidatingAdmissionPolicyBinding", binding),
            )
        ]
    )
    deadline = time.monotonic() + 20
    while _may_write(cluster, secret_type):
        assert time.monotonic() < deadline, "the policy never took effect"
        time.sleep(0.1)
    try:
        yield
    finally:
        for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
            cluster.plane.kubectl("delete", kind, name)


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
