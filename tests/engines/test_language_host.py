"""The stand-in language host, without an engine: what it reports and how it ends."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from thegrid_lab import installed_packages


@pytest.fixture
def report(tmp_path):
    """A function that installs a made-up package and returns what the engine is told of it."""

    def install(name, version, plugin=None):
        module = tmp_path / name.replace("-", "_")
        module.mkdir()
        (module / "__init__.py").touch()
        if plugin is not None:
            (module / "pulumi-plugin.json").write_text(json.dumps(plugin))
        metadata = tmp_path / f"{module.name}-{version}.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        script = Path(installed_packages.__file__)
        done = subprocess.run(
            [sys.executable, "-P", script],
            env={"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            check=True,
        )
        told = json.loads(done.stdout)
        assert told["installed"][name] == version
        return [each for each in told["pulumi"] if each["name"] in ("acme", "other", name)]

    return install


def test_a_package_with_the_prefix_needs_the_plugin_of_its_name(report):
    assert report("pulumi-acme", "1.2.0") == [{"name": "acme", "version": "v1.2.0", "server": ""}]


def test_a_package_that_says_it_has_no_plugin_needs_none(report):
    assert report("pulumi-acme", "1.2.0", {"resource": False}) == []


def test_a_plugin_file_without_the_word_resource_means_no_plugin(report):
    assert report("pulumi-acme", "1.2.0", {"name": "acme"}) == []


def test_a_plugin_file_overrides_name_version_and_server(report):
    plugin = {"resource": True, "name": "other", "version": "2.0.0", "server": "https://a.example"}
    assert report("pulumi-acme", "1.2.0", plugin) == [
        {"name": "other", "version": "v2.0.0", "server": "https://a.example"}
    ]


def test_a_plugin_file_counts_without_the_prefix(report):
    assert report("acme", "1.2.0", {"resource": True}) == [
        {"name": "acme", "version": "v1.2.0", "server": ""}
    ]


@pytest.mark.parametrize("name", ["acme", "pulumi-policy"])
def test_other_packages_need_no_plugin(report, name):
    assert report(name, "1.2.0") == []


@pytest.mark.parametrize(
    ("python", "plugin"),
    [
        ("1.2.3", "v1.2.3"),
        ("1.2", "v1.2.0"),
        ("1.2.0a3", "v1.2.0-alpha.3"),
        ("1.2.0b1", "v1.2.0-beta.1"),
        ("1.2.0rc2", "v1.2.0-rc.2"),
        ("1.2.3.post1", "v1.2.3"),
    ],
)
def test_a_python_version_is_told_as_a_semantic_one(python, plugin):
    assert installed_packages.semantic(python) == plugin


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_the_host_prints_a_port_and_ends_quietly(number):
    command = [sys.executable, "-m", "thegrid_lab.language_host", "127.0.0.1:1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as host:
        assert int(host.stdout.readline()) > 0
        host.send_signal(number)
        stdout, stderr = host.communicate(timeout=10)
    assert (host.returncode, stdout, stderr) == (0, "", "")
