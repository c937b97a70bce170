"""An upgrade of the package changes nothing: states of earlier versions are kept for ever."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

STATES = Path(__file__).with_name("states")
VERSIONS = sorted(state.stem for state in STATES.glob("*.json"))
PICKLES = Path(__file__).with_name("golden_pickles.json")


def resources_of(kept):
    return json.loads((STATES / f"{kept}.json").read_text())["deployment"]["resources"]


def test_the_present_version_has_its_state_and_every_resource_is_in_it():
    types = {it["type"] for it in resources_of(version("pulumi-thegrid"))}
    kinds = {name.removesuffix("Provider") for name in json.loads(PICKLES.read_text())}
    assert types == {
        "pulumi:pulumi:Stack",
        "pulumi:providers:pulumi-python",
        *(f"pulumi-python:dynamic/thegrid:{kind}" for kind in kinds),
    }


@pytest.mark.parametrize("kept", VERSIONS)
def test_a_kept_state_tells_no_folder_of_a_machine(kept):
    text = (STATES / f"{kept}.json").read_text()
    assert "sourcePosition" not in text
    assert "site-packages" not in text


@pytest.fixture
def stack(pulumi):
    """Make a stack of the kept program, with the state of a version."""

    def imported(kept):
        stack = pulumi.project(STATES / "program")
        shutil.copy(STATES / f"{kept}.yaml", stack.folder / "Pulumi.dev.yaml")
        stack.run("stack", "import", f"--file={STATES / kept}.json")
        return stack

    return imported


@pytest.mark.engines
@pytest.mark.parametrize("kept", VERSIONS)
def test_neither_a_preview_nor_an_up_of_a_kept_state_finds_a_change(stack, kept):
    upgraded = stack(kept)
    before = upgraded.export()["deployment"]["resources"]
    preview = upgraded.preview("--expect-no-changes")
    assert f"{len(before) - 1} unchanged" in preview.stdout  # the default provider is not counted
    upgraded.up("--expect-no-changes")  # its logins open nothing: nothing is asked
    after = upgraded.export()["deployment"]["resources"]
    assert {it["urn"]: it["id"] for it in after if "id" in it} == {
        it["urn"]: it["id"] for it in before if "id" in it
    }
