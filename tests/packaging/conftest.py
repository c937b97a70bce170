"""What the tests of the packages share: what each declares, and the tables that document it."""

import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "thegrid-sdk": "sdk",
    "pulumi-thegrid": "provider",
    "thegrid-operator": "operator",
    "thegrid-emulator": "emulator",
    "thegrid-lab": "lab",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def canonical(requirement):
    """Name the distribution of a requirement as registries compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", _NAME.match(requirement)[0]).lower()


@dataclass(frozen=True)
class Package:
    """One of our distributions, as its `pyproject.toml` declares it."""

    name: str
    folder: Path
    project: dict

    @property
    def requirements(self):
        """The distributions that it names, ours included."""
        extras = self.project.get("optional-dependencies", {}).values()
        named = [*self.project.get("dependencies", []), *(it for extra in extras for it in extra)]
        return {canonical(requirement) for requirement in named}

    @property
    def third_party(self):
        return self.requirements - FOLDERS.keys()


def load(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def packages():
    """Our distributions by name."""
    return {
        name: Package(name, ROOT / folder, load(ROOT / folder / "pyproject.toml")["project"])
        for name, folder in FOLDERS.items()
    }


@pytest.fixture(scope="session")
def workspace():
    """The root's `pyproject.toml`."""
    return load(ROOT / "pyproject.toml")


@pytest.fixture(scope="session")
def tables():
    """A function that returns the rows of the tables below a heading of a document, as texts."""

    def read(document, heading):
        text = (ROOT / document).read_text(encoding="utf-8")
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        rows, below = [], False
        for index, token in enumerate(tokens):
            if token.type == "heading_open":
                below = tokens[index + 1].content == heading
            elif below and token.type == "table_open":
                rows.append([])
            elif below and token.type == "tr_open":
                rows[-1].append([])
            elif below and token.type in ("td_open", "th_open"):
                rows[-1][-1].append(tokens[index + 1].content)
        assert rows, f"{document} has no table below {heading!r}"
        return [table[1:] for table in rows]

    return read


@pytest.fixture(scope="session")
def tracked():
    """The names of all files that are tracked, or would be with the next commit."""
    git = shutil.which("git")
    assert git, "git is not installed"
    listing = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


@dataclass(frozen=True)
class Locked:
    """One entry of the lock."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


@pytest.fixture(scope="session")
def lock():
    """The entries of `requirements.lock` by name."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = {}
    for lines in re.sub(r"\s*\\\n\s+", " ", text).splitlines():
        if not lines.strip() or lines.lstrip().startswith("#"):
            continue
        requirement, *hashes = lines.split(" --hash=")
        pinned, _, marker = requirement.partition(" ; ")
        name, _, version = pinned.strip().partition("==")
        entries[canonical(name)] = Locked(name, version, marker.strip(), tuple(hashes))
    return entries
