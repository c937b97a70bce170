"""Finding and building, with made-up programs on PATH: no real engine is started or built."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from thegrid_lab.catalogue import CATALOGUE
from thegrid_lab.engines import find_or_build
from thegrid_lab.errors import LabError


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """An empty PATH and an empty cache; returns a function that puts a program on PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("THEGRID_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)

    def put(name, script, folder=programs):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
        return folder / name

    return put


def prepare(*names):
    """Runs the command line as a user does; returns its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "thegrid_lab.engines", *names],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout, done.stderr


def test_without_go_one_line_names_what_is_missing_and_what_to_do(bench):
    exit_code, stdout, stderr = prepare("etcd", "helm")
    assert exit_code == 1
    assert stdout == ""
    assert stderr == (
        "error: Go 1.26 or newer is needed to build etcd, helm, and no go is on PATH;"
        " install Go, or put them on PATH\n"
    )


def test_a_go_that_is_too_old_is_named_with_its_version(bench):
    go = bench("go", "echo go version go1.21.13 linux/amd64")
    _, _, stderr = prepare("etcd")
    assert f"is needed to build etcd, and {go} is 1.21.13; install Go" in stderr
    assert stderr.count("\n") == 1


def test_an_engine_on_path_is_used_if_its_version_is_supported(bench):
    path = bench("etcd", "echo etcd Version: 3.5.21")
    exit_code, stdout, stderr = prepare("etcd")
    assert exit_code == 0
    assert f"using {path} (3.5.21)" in stderr
    assert "3.5.21   PATH" in stdout


def test_an_engine_of_another_version_is_refused_and_says_why(bench):
    bench("go", "[ $1 = version ] && echo go version go1.99.0 linux/amd64 || exit 1")
    path = bench("kubectl", "echo Client Version: v1.32.4")
    _, _, stderr = prepare("kubectl")
    assert f"not using {path}: it is 1.32.4, and <1.37,>=1.34 is supported" in stderr


def test_the_folder_of_kubebuilder_comes_before_path(bench, tmp_path, monkeypatch):
    bench("etcd", "echo etcd Version: 3.5.1")
    ours = bench("etcd", "echo etcd Version: 3.5.2", tmp_path / "assets")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path / "assets"))
    found = find_or_build("etcd")["etcd"]
    assert (found.path, found.origin) == (ours, "KUBEBUILDER_ASSETS")


def test_a_pulumi_without_its_python_plugins_is_of_no_use(bench):
    bench("pulumi", "echo v3.260.0")
    with pytest.raises(LabError, match="needed to build pulumi"):
        find_or_build("pulumi")


def test_a_pulumi_with_its_python_plugins_is_used(bench):
    path = bench("pulumi", "echo v3.260.0")
    for plugin in CATALOGUE["pulumi"].companions:
        bench(plugin, "exit 1")
    assert find_or_build("pulumi")["pulumi"].path == path


def test_an_older_api_server_is_not_combined_with_controllers_that_we_build(bench):
    bench("kube-apiserver", "echo Kubernetes v1.34.4")
    with pytest.raises(LabError, match="build kube-apiserver, kube-controller-manager,"):
        find_or_build("kube-apiserver", "kube-controller-manager")


def test_a_whole_control_plane_of_one_older_minor_version_is_used(bench):
    bench("kube-apiserver", "echo Kubernetes v1.34.4")
    bench("kube-controller-manager", "echo Kubernetes v1.34.2")
    found = find_or_build("kube-apiserver", "kube-controller-manager")
    assert {each.origin for each in found.values()} == {"PATH"}


def test_a_failed_build_names_the_last_line_and_the_log_and_leaves_no_half_file(bench, tmp_path):
    bench(
        "go",
        "[ $1 = version ] && echo go version go1.99.0 linux/amd64 && exit 0\n"
        'while [ "$1" != -o ]; do shift; done; echo half > "$2"; echo broken import >&2; exit 1',
    )
    exit_code, _, stderr = prepare("etcd")
    log = tmp_path / "cache" / "logs" / "etcd.log"
    assert exit_code == 1
    assert f"error: building etcd failed: broken import (log: {log})" in stderr
    assert list((tmp_path / "cache").glob("etcd-*/*")) == []


def test_a_build_is_kept_and_found_again_even_when_go_is_gone(bench, tmp_path):
    go = bench(
        "go",
        "[ $1 = version ] && echo go version go1.99.0 linux/amd64 && exit 0\n"
        'while [ "$1" != -o ]; do shift; done; echo binary > "$2"',
    )
    assert find_or_build("etcd")["etcd"].origin == "built"
    assert find_or_build("etcd")["etcd"].origin == "cache"
    go.unlink()
    assert find_or_build("etcd")["etcd"].path.read_text() == "binary\n"


def test_two_processes_that_want_the_same_engine_build_it_once(bench, tmp_path, eventually):
    bench(
        "go",
        "[ $1 = version ] && echo go version go1.99.0 linux/amd64 && exit 0\n"
        f"echo started >> {tmp_path}/builds\n"
        f"cd {tmp_path}; for _ in $(/usr/bin/seq 200); do [ -e go-on ] && break; /bin/sleep 0.02\n"
        "done\n"
        'while [ "$1" != -o ]; do shift; done; echo binary > "$2"',
    )
    command = [sys.executable, "-m", "thegrid_lab.engines", "etcd"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        eventually((tmp_path / "builds").exists)
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as second:
            said = second.stderr.readline()
            (tmp_path / "go-on").touch()
    assert said == "waiting for another process that builds etcd\n"
    assert (first.returncode, second.returncode) == (0, 0)
    assert (tmp_path / "builds").read_text() == "started\n"


def test_ctrl_c_ends_the_compiler_and_leaves_no_half_file(bench, tmp_path, eventually, is_alive):
    bench(
        "go",
        "[ $1 = version ] && echo go version go1.99.0 linux/amd64 && exit 0\n"
        'while [ "$1" != -o ]; do shift; done; echo half > "$2"\n'
        f"echo $$ > {tmp_path}/pid.new; /bin/mv {tmp_path}/pid.new {tmp_path}/pid\n"
        "/bin/sleep 600",
    )
    command = [sys.executable, "-m", "thegrid_lab.engines", "etcd"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as building:
        eventually((tmp_path / "pid").exists)
        compiler = psutil.Process(int((tmp_path / "pid").read_text()))
        eventually(compiler.children)
        (sleep,) = compiler.children()
        building.send_signal(signal.SIGINT)
        stderr = building.stderr.read()
    assert building.returncode == 130
    assert "Traceback" not in stderr
    assert not is_alive(compiler.pid)
    eventually(lambda: not is_alive(sleep.pid))
    assert list((tmp_path / "cache").glob("etcd-*/*")) == []


def test_an_unknown_name_is_refused_with_the_names_there_are(bench):
    exit_code, _, stderr = prepare("minikube")
    assert exit_code == 1
    assert stderr.startswith("error: no engine is named minikube; there are etcd, kube-apiserver")


def test_help_names_the_engines_and_the_cache(bench, tmp_path):
    exit_code, stdout, _ = prepare("--help")
    assert exit_code == 0
    assert "THEGRID_LAB_CACHE" in stdout
    assert all(name in stdout for name in CATALOGUE)
    assert os.environ["THEGRID_LAB_CACHE"].split(os.sep)[-1] in stdout
