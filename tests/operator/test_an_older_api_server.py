"""The oldest Kubernetes that the chart takes: rules are understood, and lists go by pages there.

The API server stands in for that version: interfaces and features are switched to what they were.
"""

from __future__ import annotations

import re
import secrets

import pytest
import yaml

from thegrid_lab.control_plane import control_plane
from thegrid_lab.errors import CommandFailed
from thegrid_lab.operator_process import CHART, install_operator

pytestmark = pytest.mark.engines

STREAMED_LIST = (
    "/apis/thegrid.ai/v1alpha1/gridaccounts?watch=true&sendInitialEvents=true"
    "&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1"
)


def oldest():
    asked = yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"]
    return re.fullmatch(r">=(1\.\d+)\.0-0", asked)[1]


@pytest.fixture(scope="module")
def installed():
    with control_plane(emulated_version=oldest()) as plane:
        install_operator(plane)
        yield plane


@pytest.fixture
def namespace(installed):
    name = f"test-{secrets.token_hex(4)}"
    installed.kubectl("create", "namespace", name)
    return name


def test_a_key_is_made_and_rotated_where_lists_are_not_streamed(cluster, start, eventually, call):
    with pytest.raises(CommandFailed, match="WatchList"):
        cluster.plane.kubectl("get", "--raw", STREAMED_LIST)
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(overlap="1s")
    start()

    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")

    eventually(
        lambda: cluster.get("consumptionkey", "app")["status"]["rotation"] == 2, "a rotation"
    )
    eventually(lambda: len(cluster.live_keys()) == 1, "the first key to go", cluster.live_keys)
    assert call(cluster.secret("app-grid"))


def test_an_invalid_declaration_is_refused_there_too(cluster):
    target = {"name": "app-grid", "labels": {"not a name": "x"}}

    said = cluster.refused("ConsumptionKey", "app", {"accountRef": {"name": "a"}, "target": target})

    assert "spec.target.labels" in said
