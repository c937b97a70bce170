"""The API server as a pod finds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import certifi
import pytest
import yaml
from bench.operator.as_pod import put_into

from thegrid_lab.operator_process import NAMESPACE as SYSTEM
from thegrid_lab.operator_process import RELEASE
from thegrid_operator.in_pod import in_pod
from thegrid_operator.kube import NAMESPACE, Kube, KubeRefused, KubeUnreachable
from thegrid_operator.wire import TOKEN_SECONDS, Wire

SOMEWHERE = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def folder(tmp_path):
    """What a kubelet puts there."""
    (tmp_path / "ca.crt").write_text("a certificate")
    (tmp_path / "token").write_text("first\n")
    return tmp_path


def test_a_renewed_token_is_read(folder):
    server = in_pod(connections=1, folder=folder, environment=SOMEWHERE)
    assert server.authorization() == "Bearer first"

    (folder / "token").write_text("second")
    assert server.authorization() == "Bearer second"


def test_an_address_of_ipv6_is_taken_for_one(folder):
    environment = SOMEWHERE | {"KUBERNETES_SERVICE_HOST": "fd00::1"}
    pool = in_pod(connections=1, folder=folder, environment=environment).pool

    assert (pool.host, pool.port) == ("fd00::1", 443)


def test_elsewhere_than_in_a_pod_nothing_is_guessed(folder):
    with pytest.raises(LookupError):
        in_pod(connections=1, folder=folder, environment={})


@pytest.mark.parametrize("file", ["ca.crt", "token"])
def test_what_the_kubelet_did_not_put_there_is_missed_at_the_start(folder, file):
    (folder / file).unlink()

    with pytest.raises(OSError, match=file):
        in_pod(connections=1, folder=folder, environment=SOMEWHERE)


def test_the_command_imports_no_kubeconfig_reader_for_that():
    program = "import sys, thegrid_operator.__main__; print('kubernetes' in sys.modules)"

    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "False\n"


@pytest.mark.engines
def test_a_real_api_server_is_asked_with_its_certificate_and_the_token(installed, tmp_path):
    kubeconfig = yaml.safe_load(
        Path(installed.service_account_kubeconfig(SYSTEM, RELEASE)).read_text()
    )
    environment = put_into(tmp_path, kubeconfig)
    now = [0.0]

    def connected():
        server = in_pod(connections=1, folder=tmp_path, environment=environment)
        return Kube(Wire(server, lambda: now[0]).send)

    kube = connected()
    assert kube.get(NAMESPACE, "", "kube-system")["metadata"]["name"] == "kube-system"

    (tmp_path / "token").write_text("spent")
    now[0] = TOKEN_SECONDS
    with pytest.raises(KubeRefused) as refusal:
        kube.get(NAMESPACE, "", "kube-system")
    assert refusal.value.status == 401

    (tmp_path / "ca.crt").write_text(Path(certifi.where()).read_text())  # of everybody else
    with pytest.raises(KubeUnreachable):
        connected().get(NAMESPACE, "", "kube-system")
