"""Each published wheel works alone, as a user installs it: none of our source is in sight."""

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fresh_environments import build_wheel, make_environment

pytestmark = pytest.mark.wheels

MODULES = {
    "thegrid-sdk": "thegrid",
    "pulumi-thegrid": "pulumi_thegrid",
    "thegrid-operator": "thegrid_operator",
    "thegrid-emulator": "thegrid_emulator",
}
COMMANDS = {
    "thegrid-sdk": {"thegrid"},
    "pulumi-thegrid": {"pulumi-thegrid"},
    "thegrid-operator": {"thegrid-operator"},
    "thegrid-emulator": {"thegrid-emulator"},
}
EXTRAS = {"thegrid-sdk": "[cli]"}
"""What a command needs beyond its package, for those that do."""

IMPORT_ALL = """
import importlib, json, pkgutil, sys
root = importlib.import_module(sys.argv[1])
below = pkgutil.walk_packages(root.__path__, root.__name__ + ".")
names = [root.__name__, *(it.name for it in below)]
print(json.dumps({name: importlib.import_module(name).__file__ for name in names}))
"""


@dataclass(frozen=True)
class Installed:
    """A wheel in an environment of its own."""

    name: str
    wheel: Path
    environment: Path

    def run(self, *command):
        """Run a program of the environment far from the source."""
        program = self.environment / "bin" / command[0]
        return subprocess.run(
            [program, *command[1:]],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.environment,
            env={"PATH": "/usr/bin:/bin"},
        )


@pytest.fixture(scope="module")
def wheels(packages, tmp_path_factory):
    """The published wheels by name."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in MODULES:
        build_wheel(packages[name].folder, folder)
    return {name: next(folder.glob(f"{name.replace('-', '_')}-*.whl")) for name in MODULES}


@pytest.fixture(scope="module")
def constraints(wheels, root, tmp_path_factory):
    """The locked versions, and our own wheels in place of whatever bears their names elsewhere."""
    file = tmp_path_factory.mktemp("constraints") / "constraints.txt"
    ours = "".join(f"{name} @ {wheel.as_uri()}\n" for name, wheel in wheels.items())
    file.write_text((root / "requirements.lock").read_text("utf-8") + ours, "utf-8")
    return file


@pytest.fixture(scope="module", params=MODULES)
def installed(request, wheels, constraints, tmp_path_factory):
    name = request.param
    environment = tmp_path_factory.mktemp(name) / "venv"
    requirement = f"{wheels[name]}{EXTRAS.get(name, '')}"
    make_environment(environment, sys.executable, constraints, requirement)
    return Installed(name, wheels[name], environment)


def test_every_module_is_imported_from_the_wheel(installed, packages):
    done = installed.run("python", "-I", "-W", "error", "-c", IMPORT_ALL, MODULES[installed.name])
    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stdout)
    source = packages[installed.name].folder / "src"
    wanted = {
        ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        for path in source.rglob("*.py")
    }
    assert imported.keys() == wanted
    outside = [
        it for it in imported.values() if it and installed.environment not in Path(it).parents
    ]
    assert outside == []


def test_it_holds_the_package_its_licence_and_that_it_is_typed(installed):
    module = MODULES[installed.name]
    with zipfile.ZipFile(installed.wheel) as wheel:
        files = wheel.namelist()
    (metadata,) = {name.partition("/")[0] for name in files} - {module}
    assert metadata.endswith(".dist-info")
    assert {f"{module}/py.typed", f"{metadata}/licenses/LICENSE"} <= set(files)


def test_it_holds_every_file_of_its_source(installed, packages):
    source = packages[installed.name].folder / "src"
    wanted = {
        str(path.relative_to(source))
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(installed.wheel) as wheel:
        assert wanted <= set(wheel.namelist())


def test_its_commands_explain_themselves(installed):
    with zipfile.ZipFile(installed.wheel) as wheel:
        points = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
        text = "".join(wheel.read(name).decode() for name in points)
    commands = {line.partition(" = ")[0] for line in text.splitlines() if " = " in line}
    assert commands == COMMANDS[installed.name]
    for command in commands:
        done = installed.run(command, "--help")
        assert done.returncode == 0, done.stderr
        assert done.stdout.lower().startswith(f"usage: {command}")


def test_a_command_without_its_extra_says_how_to_install_it(installed):
    if installed.name != "thegrid-operator":
        pytest.skip("it does not bring the SDK without the command line's extra")
    done = installed.run("thegrid", "--help")
    assert done.returncode == 2
    assert done.stderr.endswith(": pip install 'thegrid-sdk[cli]'\n")


def test_the_provider_tells_pulumi_that_it_is_no_plugin(wheels):
    """Without this file `pulumi install` looks for a plugin named thegrid."""
    with zipfile.ZipFile(wheels["pulumi-thegrid"]) as wheel:
        told = json.loads(wheel.read("pulumi_thegrid/pulumi-plugin.json"))
    assert told == {"resource": False}
