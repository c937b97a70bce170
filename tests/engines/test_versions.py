import pytest

from thegrid_lab.catalogue import CATALOGUE
from thegrid_lab.versions import Version, VersionRange


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("etcd Version: 3.6.16\nGit SHA: GitNotFound\nGo Version: go1.26.8\n", Version(3, 6, 16)),
        ("Kubernetes v1.36.3\n", Version(1, 36, 3)),
        ("Client Version: v1.32.4\nKustomize Version: v5.5.0\n", Version(1, 32, 4)),
        ("v4.3.1+gabcdef0\n", Version(4, 3, 1)),
        ("v3.260.0-dev.0\n", Version(3, 260, 0)),
        ("kwok version v0.8.0 go1.26.8 (linux/amd64)\n", Version(0, 8, 0)),
        ("1.26", Version(1, 26, 0)),
    ],
)
def test_a_version_is_read_from_what_a_program_prints(printed, version):
    assert Version.find_in(printed) == version


def test_a_text_without_a_version_is_refused():
    with pytest.raises(ValueError, match="no version in 'command not found'"):
        Version.find_in("command not found")


@pytest.mark.parametrize(
    ("version", "supported"),
    [
        ("3.16.9", False),
        ("3.17.0", True),
        ("4.99.99", True),
        ("5.0.0", False),
    ],
)
def test_a_range_includes_its_lower_limit_and_not_its_upper_one(version, supported):
    assert (Version.find_in(version) in VersionRange.parse(">=3.17,<5")) is supported


def test_minor_versions_are_compared_as_numbers():
    assert Version.find_in("3.100.0") in VersionRange.parse(">=3.17,<4")


@pytest.mark.parametrize("text", ["", "3.17", ">3.17,<5", ">=3.17", "<5,>=3.17", ">=x,<y"])
def test_a_range_in_another_form_is_refused(text):
    with pytest.raises(ValueError, match=r"is no version range; write it like '>=3\.17,<5'"):
        VersionRange.parse(text)


def test_an_empty_range_is_refused():
    with pytest.raises(ValueError, match="is empty"):
        VersionRange.parse(">=4.0,<3")


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_we_build_is_in_the_range_that_we_support(name):
    engine = CATALOGUE[name]
    assert engine.module.version in engine.supported


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_package_that_is_built_is_a_tool_of_its_go_module(name):
    engine = CATALOGUE[name]
    lines = (engine.module.folder / "go.mod").read_text().split()
    assert engine.package in lines
