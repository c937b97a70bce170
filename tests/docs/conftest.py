"""What the tests of the documents share: the files of the repository, and Markdown read once."""

import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
_PARSER = MarkdownIt("commonmark").enable("table")
_SHELLS = ("", "sh", "bash", "console")
_HTML_LINK = re.compile(r"""(?:href|src)=["']([^"']+)["']""")


@dataclass
class Document:
    """A Markdown file, reduced to what the tests ask about."""

    path: Path
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    blocks: list[tuple[str, str, int]] = field(default_factory=list)
    """Language, text and first line of each fenced block."""
    commands: list[str] = field(default_factory=list)
    """What stands in code spans and shell blocks."""


def read(path: Path) -> Document:
    document = Document(path)
    seen: Counter[str] = Counter()
    tokens = _PARSER.parse(path.read_text(encoding="utf-8"))
    for token, following in pairwise([*tokens, Token("end", "", 0)]):
        if token.type == "heading_open":
            document.anchors.add(_anchor(following, seen))
        elif token.type == "fence":
            language = (token.info.split() or [""])[0]
            document.blocks.append((language, token.content, token.map[0] + 1))
            if language in _SHELLS:
                document.commands.append(token.content)
        elif token.type == "html_block":
            document.links += _HTML_LINK.findall(token.content)
        for child in token.children or ():
            _read_inline(child, document)
    return document


def _read_inline(token: Token, document: Document) -> None:
    if token.type == "link_open":
        document.links.append(str(token.attrs["href"]))
    elif token.type == "image":
        document.links.append(str(token.attrs["src"]))
    elif token.type == "code_inline":
        document.commands.append(token.content)
    elif token.type == "html_inline":
        document.links += _HTML_LINK.findall(token.content)


def _anchor(heading: Token, seen: Counter[str]) -> str:
    """Name a heading as GitHub does: lower case, no punctuation, hyphens, a number if repeated."""
    shown = ("text", "code_inline")
    text = "".join(child.content for child in heading.children or () if child.type in shown)
    kept = "".join(
        char for char in text.lower() if char in "-_ " or unicodedata.category(char)[0] in "LNM"
    )
    anchor = kept.replace(" ", "-")
    repeated = seen[anchor]
    seen[anchor] += 1
    return f"{anchor}-{repeated}" if repeated else anchor


def _files() -> list[Path]:
    """Every file that is tracked, or would be: new files are checked before their first commit."""
    git = shutil.which("git")
    assert git, "git is not installed"
    listing = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({ROOT / name for name in names if name and (ROOT / name).is_file()})


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def files():
    return _files()


@pytest.fixture(scope="session")
def texts(files):
    """The text files and their text; whatever is not UTF-8 is no text."""
    found = {}
    for path in files:
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


@pytest.fixture(scope="session")
def documents(files):
    return {path: read(path) for path in files if path.suffix == ".md"}


@pytest.fixture
def read_markdown(tmp_path):
    """A function that reads a text as a document."""

    def read_text(text):
        path = tmp_path / "text.md"
        path.write_text(text, encoding="utf-8")
        return read(path)

    return read_text
