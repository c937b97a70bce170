"""All parts have one version, and the changelog speaks of it first."""

import re

import pytest
import yaml

from thegrid.client import _http


@pytest.fixture(scope="module")
def version(workspace):
    return workspace["project"]["version"]


def test_every_package_has_the_version_of_the_workspace(packages, version):
    assert {package.project["version"] for package in packages.values()} == {version}


def test_packages_pin_each_other_to_it(packages, version):
    pins = {
        requirement
        for package in packages.values()
        for requirement in package.project["dependencies"]
        if any(requirement.startswith(name) for name in packages)
    }
    assert {pin.partition("==")[2] for pin in pins} == {version}


def test_the_changelog_speaks_of_it_first(root, version):
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[([^\]]+)\]", text, re.MULTILINE)[0] == version


def test_the_chart_has_it(root, version):
    chart = yaml.safe_load((root / "charts/thegrid-operator/Chart.yaml").read_text("utf-8"))
    assert (chart["version"], chart["appVersion"]) == (version, version)


def test_the_client_names_it_to_the_market(version):
    assert f"thegrid-sdk/{version}" == _http.USER_AGENT


def test_every_part_asks_for_the_same_python(packages, workspace):
    asked = {package.project["requires-python"] for package in packages.values()}
    assert asked == {workspace["project"]["requires-python"]}
