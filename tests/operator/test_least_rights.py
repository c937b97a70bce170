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
    ("watch", "pods"),
    ("delete", "pods"),
    ("get", "configmaps"),
    ("get", "networkpolicies.networking.k8s.io"),
    ("patch", "networkpolicies.networking.k8s.io"),
    ("get", "deployments.apps"),
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


def can_i(plane, verb, resource):
    user = f"--as=system:serviceaccount:{NAMESPACE}:{RELEASE}"
    try:
        plane.kubectl("auth", "can-i", verb, resource, "--namespace=default", user)
    except CommandFailed:
        return False
    return True


OPT_IN = {
    "it may list pods": ({}, ("list", "pods"), True),
    "unless the chart says that it is not to": ({"observePods": False}, ("list", "pods"), False),
    "it may read ConfigMaps when the chart says so": (
        {"egress": {"configMaps": True}},
        ("get", "configmaps"),
        True,
    ),
    "it may restart Deployments when the chart says so": (
        {"restartWorkloads": True},
        ("patch", "deployments.apps"),
        True,
    ),
    "StatefulSets too": ({"restartWorkloads": True}, ("patch", "statefulsets.apps"), True),
    "and DaemonSets": ({"restartWorkloads": True}, ("get", "daemonsets.apps"), True),
    "but never list them": ({"restartWorkloads": True}, ("list", "deployments.apps"), False),
    "nor delete them": ({"restartWorkloads": True}, ("delete", "deployments.apps"), False),
    "nor make any": ({"restartWorkloads": True}, ("create", "deployments.apps"), False),
}


@pytest.mark.parametrize("sentence", OPT_IN)
def test_by_the_chart_s_values(installed, chart, sentence):
    values, (verb, resource), allowed = OPT_IN[sentence]
    chart(**values)
    assert can_i(installed, verb, resource) is allowed


DEFINITION = "customresourcedefinitions.apiextensions.k8s.io"
OF_THE_CLUSTER = "clusternetworkpolicies.policy.networking.k8s.io"
WITH_A_PRIORITY = {
    ("patch", "networkpolicies.networking.k8s.io"): True,
    ("list", "networkpolicies.networking.k8s.io"): False,
    ("get", f"{DEFINITION}/{OF_THE_CLUSTER}"): True,
    ("get", f"{DEFINITION}/gridaccounts.thegrid.ai"): False,
}


def test_a_priority_for_policies_of_the_cluster_brings_one_definition_to_read_and_no_list(
    installed, chart
):
    chart(egress={"upstreamPriority": 500})
    assert {right: can_i(installed, *right) for right in WITH_A_PRIORITY} == WITH_A_PRIORITY
