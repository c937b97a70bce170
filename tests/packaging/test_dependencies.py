"""Each package declares what it imports, and every dependency is documented."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

PACKAGES = [
    "thegrid-sdk",
    "pulumi-thegrid",
    "thegrid-operator",
    "thegrid-emulator",
    "thegrid-lab",
]
BORROWED = {
    # Pulumi's own dependency; its absence is caught, so that its version stays Pulumi's choice.
    "pulumi-thegrid": {"grpcio"},
    # The plugin is loaded by pytest alone. Pulumi chooses protobuf, and both of the others fill the
    # namespace `google`.
    "thegrid-lab": {"pytest", "protobuf", "googleapis-common-protos"},
}
DOCUMENT = "docs/dependencies.md"


def imported_by(package, packages):
    """The distributions that a package's source imports."""
    distributions = dict(packages_distributions())  # which knows nothing of editable installs
    for it in packages.values():
        distributions |= {path.name: [it.name] for path in (it.folder / "src").iterdir()}
    modules = set()
    for path in (package.folder / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.partition(".")[0])
    return {
        re.sub(r"[-_.]+", "-", distribution).lower()
        for module in modules - sys.stdlib_module_names
        for distribution in distributions[module]
    } - {package.name}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_declares_what_it_imports_and_imports_what_it_declares(packages, name):
    package = packages[name]
    imported = imported_by(package, packages) - BORROWED.get(name, set())
    # Of the lab only the third parties count: it starts our programs and imports few of them.
    ours = set(packages) if name == "thegrid-lab" else set()
    assert imported - ours == package.requirements - ours


@pytest.mark.parametrize("name", PACKAGES)
def test_each_dependency_of_a_package_is_documented_once(packages, tables, name):
    (rows,) = tables(DOCUMENT, name)
    assert [row[0].strip("`") for row in rows] == sorted(packages[name].third_party)


def test_each_tool_of_development_is_documented_once(workspace, tables):
    (rows,) = tables(DOCUMENT, "Development")
    named = [re.split(r"[<>=~! \[;]", it)[0] for it in workspace["dependency-groups"]["dev"]]
    assert [row[0].strip("`") for row in rows] == sorted(named)


def test_the_lab_alone_is_marked_as_never_published(packages):
    private = "Private :: Do Not Upload"
    marked = {name for name, it in packages.items() if private in it.project.get("classifiers", ())}
    assert marked == {"thegrid-lab"}
