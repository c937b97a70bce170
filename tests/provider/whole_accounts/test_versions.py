"""Pythons and SDKs that we support, on the real CLI: the state of one is taken on by the next."""

import re
from pathlib import Path

import pytest
from tests.fresh_environments import build_wheel, make_environment, runnable
from tests.provider.whole_accounts.programs import PROGRAM

pytestmark = [pytest.mark.engines, pytest.mark.wheels]

ROOT = Path(__file__).parents[3]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
LOCKED = re.compile(r"^pulumi==(\S+)", re.MULTILINE)
SUPPORTED = (ROOT / "provider" / "pyproject.toml").read_text("utf-8")
OLDEST = re.search(r'"pulumi>=([0-9.]+),', SUPPORTED)[1]
NEWEST = LOCKED.search(LOCK)[1]

ENVIRONMENTS = [("3.11", OLDEST), ("3.13", OLDEST), ("3.12", NEWEST), ("3.13", NEWEST)]
"""Each is followed by the next, and the last by the first: an upgrade may be taken back."""

TELLING = """
import sys
from importlib.metadata import version

python = ".".join(map(str, sys.version_info[:2]))
pulumi.info(f"on Python {python} with SDK {version('pulumi')}: {thegrid.__file__}")
"""
PROJECT = """name: program
runtime:
  name: python
  options:
    virtualenv: {}
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    for package in ("sdk", "provider"):
        build_wheel(ROOT / package, folder)
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment_of(wheels, tmp_path_factory):
    """Make an environment of a Python and an SDK, once in a run; the rest is as locked."""
    made = {}

    def environment(python, sdk):
        executable = runnable(f"python{python}")
        if executable is None:
            pytest.skip(f"Python {python} is not installed")
        if (python, sdk) not in made:
            folder = tmp_path_factory.mktemp(f"python-{python}-sdk-{sdk}")
            constraints = folder / "constraints.txt"
            constraints.write_text(LOCKED.sub(f"pulumi=={sdk}", LOCK), "utf-8")
            make_environment(folder / "venv", executable, constraints, *wheels)
            made[python, sdk] = folder / "venv"
        return made[python, sdk]

    return environment


@pytest.fixture
def on(stack_of, environment_of):
    """Preview the test's one stack on a Python with an SDK, and stay there with its state."""
    stack = stack_of(PROGRAM + TELLING)
    stack.environment = {**stack.environment, "PYTHONPATH": ""}

    def on(python, sdk, *options):
        environment = environment_of(python, sdk)
        (stack.folder / "Pulumi.yaml").write_text(PROJECT.format(environment))
        preview = stack.preview(*options)
        assert f"on Python {python} with SDK {sdk}" in preview.stdout
        assert f": {environment}/" in preview.stdout
        return stack

    return on


@pytest.mark.parametrize(
    ("its", "next_one"),
    list(zip(ENVIRONMENTS, ENVIRONMENTS[1:] + ENVIRONMENTS[:1], strict=True)),
    ids=[f"{python} with {sdk}" for python, sdk in ENVIRONMENTS],
)
def test_a_whole_account_lives_on_each_and_the_next_one_finds_no_change(
    on, in_accord, world, its, next_one
):
    stack = on(*its)
    stack.up()
    in_accord(stack)
    made = world()
    stack.up("--expect-no-changes")
    stack.refresh("--expect-no-changes")

    on(*next_one, "--expect-no-changes")
    stack.up("--expect-no-changes")
    assert world() == made
    stack.destroy()
    assert world().counts() == (0, 0, 0, 1)
