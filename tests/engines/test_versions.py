import pytest
from packaging.version import Version

from thegrid_lab.catalogue import CATALOGUE
from thegrid_lab.versions import find_version


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("etcd Version: 3.6.16\nGit SHA: GitNotFound\nGo Version: go1.26.8\n", Version("3.6.16")),
        ("Kubernetes v1.36.3\n", Version("1.36.3")),
        ("Client Version: v1.32.4\nKustomize Version: v5.5.0\n", Version("1.32.4")),
        ("v4.3.1+gabcdef0\n", Version("4.3.1")),
        ("v3.260.0-dev.0\n", Version("3.260.0")),
        ("kwok version v0.8.0 go1.26.8 (linux/amd64)\n", Version("0.8.0")),
        ("1.26", Version("1.26.0")),
    ],
)
def test_a_version_is_read_from_what_a_program_prints(printed, version):
    assert find_version(printed) == version


def test_a_text_without_a_version_is_refused():
    with pytest.raises(ValueError, match="no version in 'command not found'"):
        find_version("command not found")


@pytest.mark.parametrize(
    ("version", "supported"),
    [("3.16.9", False), ("3.17.0", True), ("3.100.0", True), ("4.99.99", True), ("5.0.0", False)],
)
def test_helm_is_supported_from_its_lower_limit_up_to_its_upper_one(version, supported):
    assert (Version(version) in CATALOGUE["helm"].supported) is supported


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_we_build_is_in_the_range_that_we_support(name):
    engine = CATALOGUE[name]
    assert engine.module.version in engine.supported


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_package_that_is_built_is_a_tool_of_its_go_module(name):
    engine = CATALOGUE[name]
    lines = (engine.module.folder / "go.mod").read_text().split()
    assert engine.package in lines
