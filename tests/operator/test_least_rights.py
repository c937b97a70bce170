"""The chart gives the operator what it needs and nothing near it."""

from __future__ import annotations

import pytest

from thegrid_lab.errors import CommandFailed
from thegrid_lab.operator_process import NAMESPACE, RELEASE

pytestmark = pytest.mark.engines

FORBIDDEN = [
    ("list", "secrets"),
    ("watch", "secrets"),
    ("update", "secrets"),
    ("get", "pods"),
    ("patch", "deployments.apps"),
    ("delete", "consumptionkeys.thegrid.ai"),
    ("create", "clusterroles.rbac.authorization.k8s.io"),
    ("get", "namespaces/default"),
]


@pytest.mark.parametrize(("verb", "resource"), FORBIDDEN)
def test_the_operator_may_not(installed, verb, resource):
    user = f"--as=system:serviceaccount:{NAMESPACE}:{RELEASE}"
    with pytest.raises(CommandFailed) as answer:
        installed.kubectl("auth", "can-i", verb, resource, "--namespace=default", user)
    assert "no" in str(answer.value)
