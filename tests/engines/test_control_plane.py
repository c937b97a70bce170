import json
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from thegrid_lab.control_plane import control_plane as started_control_plane
from thegrid_lab.errors import CommandFailed

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def plane_with_a_node():
    with started_control_plane(nodes=1) as plane:
        yield plane


@pytest.fixture
def reader(control_plane, namespace):
    """A kubeconfig with the rights to read ConfigMaps in the test's namespace, and no others."""
    control_plane.kubectl("create", "serviceaccount", "reader", "-n", namespace)
    control_plane.kubectl(
        *("create", "role", "reader", "-n", namespace),
        *("--verb=get,list", "--resource=configmaps"),
    )
    control_plane.kubectl(
        *("create", "rolebinding", "reader", "-n", namespace),
        *("--role=reader", f"--serviceaccount={namespace}:reader"),
    )
    return control_plane.service_account_kubeconfig(namespace, "reader")


def config_map(namespace, **data):
    metadata = {"name": "settings", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def test_what_was_applied_is_read_back(control_plane, namespace):
    control_plane.apply(config_map(namespace, mode="easy"))
    control_plane.apply([config_map(namespace, mode="advanced")])
    assert control_plane.get("configmap", "settings", namespace)["data"] == {"mode": "advanced"}


def test_a_service_account_may_do_what_its_role_says(control_plane, namespace, reader):
    control_plane.apply(config_map(namespace, mode="easy"))
    answer = control_plane.kubectl("get", "configmap", "settings", "-ojson", kubeconfig=reader)
    assert json.loads(answer)["data"] == {"mode": "easy"}


@pytest.mark.parametrize(
    "command",
    [
        ["get", "secrets"],
        ["create", "configmap", "mine"],
        ["get", "configmaps", "--namespace=kube-system"],
        ["get", "nodes"],
    ],
    ids=" ".join,
)
def test_a_service_account_may_do_nothing_else(control_plane, reader, command):
    with pytest.raises(CommandFailed, match=r"reader.* cannot (get|list|create) ") as caught:
        control_plane.kubectl(*command, kubeconfig=reader)
    assert "\n" not in str(caught.value)


def test_a_token_that_nobody_issued_is_refused(control_plane):
    stranger = control_plane.write_kubeconfig("stranger", "made-up")
    with pytest.raises(CommandFailed, match="You must be logged in"):
        control_plane.kubectl("get", "configmaps", kubeconfig=stranger)


def test_files_with_secrets_are_readable_by_us_only(control_plane, reader):
    held = [reader, *(control_plane.folder / name for name in ("tokens.csv", "server.key"))]
    assert {path.stat().st_mode & 0o777 for path in held} == {0o600}


def test_a_deleted_owner_takes_what_it_owns_with_it(control_plane, namespace, eventually):
    control_plane.apply(config_map(namespace))
    owner = control_plane.get("configmap", "settings", namespace)
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "settings",
        "uid": owner["metadata"]["uid"],
    }
    owned = config_map(namespace)
    owned["metadata"] |= {"name": "owned", "ownerReferences": [reference]}
    control_plane.apply(owned)
    control_plane.kubectl("delete", "configmap", "settings", "-n", namespace)
    left = "-ojsonpath={.items[*].metadata.name}"
    eventually(
        lambda: "owned" not in control_plane.kubectl("get", "configmaps", "-n", namespace, left)
    )


def test_a_deployment_of_three_replicas_becomes_ready_on_a_played_node(plane_with_a_node):
    plane = plane_with_a_node
    plane.kubectl("create", "deployment", "web", "--image=example.com/web:1", "--replicas=3")
    plane.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert plane.get("deployment", "web")["status"]["readyReplicas"] == 3
    pods = json.loads(plane.kubectl("get", "pods", "--selector=app=web", "-ojson"))["items"]
    assert {pod["spec"]["nodeName"] for pod in pods} == {"node-0"}
    assert len({pod["status"]["podIP"] for pod in pods}) == 3


def test_a_changed_deployment_rolls_its_pods(plane_with_a_node):
    plane = plane_with_a_node
    plane.kubectl("create", "deployment", "rolled", "--image=example.com/web:1")
    plane.kubectl("rollout", "status", "deployment/rolled", "--timeout=60s")
    plane.kubectl("set", "image", "deployment/rolled", "web=example.com/web:2")
    plane.kubectl("rollout", "status", "deployment/rolled", "--timeout=60s")
    images = "-ojsonpath={.items[?(@.status.phase=='Running')].spec.containers[0].image}"
    plane.kubectl(
        *("wait", "pods", "--selector=app=rolled", "--for=condition=Ready", "--timeout=60s")
    )
    assert "example.com/web:2" in plane.kubectl("get", "pods", "--selector=app=rolled", images)


def test_a_job_completes(plane_with_a_node):
    plane = plane_with_a_node
    plane.kubectl("create", "job", "once", "--image=example.com/job:1")
    plane.kubectl("wait", "job/once", "--for=condition=Complete", "--timeout=60s")
    assert plane.get("job", "once")["status"]["succeeded"] == 1


def test_the_memory_of_every_process_is_known(plane_with_a_node):
    memory = plane_with_a_node.resident_memory_mb()
    assert set(memory) == {
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok",
    }
    assert all(megabytes > 10 for megabytes in memory.values())


@pytest.fixture
def other():
    """A process that keeps a control plane, with the pids and the folder of that."""
    script = """
        import json, time
        from thegrid_lab.control_plane import control_plane
        with control_plane() as plane:
            pids = [process.pid for process in plane.processes.values()]
            print(json.dumps({"pids": pids, "folder": str(plane.folder)}), flush=True)
            time.sleep(600)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            told = json.loads(process.stdout.readline())
            yield process, told["pids"], Path(told["folder"])
        finally:
            process.kill()
    shutil.rmtree(told["folder"], ignore_errors=True)  # a killed process cannot


def test_a_killed_process_leaves_no_process_behind(other, eventually, is_alive):
    process, pids, _ = other
    assert all(is_alive(pid) for pid in pids)
    process.kill()
    eventually(lambda: not any(is_alive(pid) for pid in pids))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_an_interrupted_process_leaves_neither_process_nor_file(other, is_alive, number):
    process, pids, folder = other
    assert folder.is_dir()
    process.send_signal(number)
    process.wait(20)
    assert not any(is_alive(pid) for pid in pids)
    assert not folder.exists()
