"""What stands in code blocks can be read by the program that it is for."""

import io
import json
import re
from contextlib import redirect_stdout

import pytest
import yaml

MAKE = re.compile(r"(?:^|[\s`;&(])make((?: [A-Za-z_]+=\S+)*)(?: ([a-z][a-z-]*))+", re.MULTILINE)
RULE = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
READERS = {
    "python": lambda text: compile(text, "block", "exec"),
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "json": json.loads,
}


def test_every_block_is_valid_in_its_language(documents, root):
    broken, read = [], set()
    for path, document in documents.items():
        for language, text, line in document.blocks:
            if language not in READERS:
                continue
            read.add(language)
            try:
                READERS[language](text)
            except (SyntaxError, ValueError, yaml.YAMLError) as problem:
                broken.append(f"{path.relative_to(root)}:{line}: {problem}")
    assert broken == []
    assert {"python", "yaml"} <= read


def test_the_programs_in_docs_print_what_their_comments_say(documents, root):
    shown = []
    for path, document in documents.items():
        for language, text, line in document.blocks:
            if language != "python" or root / "docs" not in path.parents:
                continue
            printed = io.StringIO()
            with redirect_stdout(printed):
                exec(compile(text, f"{path.name}:{line}", "exec"), {})  # noqa: S102 - our own
            said = re.findall(r"^print\(.*\)  # (.*)$", text, re.MULTILINE)
            assert printed.getvalue().splitlines() == said, path.name
            shown += said
    assert shown


def test_every_make_target_that_a_document_names_exists(documents, root):
    targets = set(RULE.findall((root / "Makefile").read_text(encoding="utf-8")))
    named = {
        f"{path.relative_to(root)}: make {target}": target
        for path, document in documents.items()
        for command in document.commands
        for target in targets_in(command)
    }
    assert [where for where, target in named.items() if target not in targets] == []
    assert named


def targets_in(command):
    return {target for match in MAKE.finditer(command) for target in match[0].split()[1:]} - {
        word for match in MAKE.finditer(command) for word in match[1].split()
    }


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        ("make check", {"check"}),
        ("make PYTHON=python3.12 test", {"test"}),
        ("$ make setup fast", {"setup", "fast"}),
        ("cd x && make demo", {"demo"}),
        ("cmake build", set()),
        ("make", set()),
    ],
)
def test_targets_are_found_in_commands(command, targets):
    assert targets_in(command) == targets
