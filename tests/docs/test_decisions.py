"""Decisions: numbered, indexed, of one form; and whoever cites one cites one that exists."""

import re

import pytest

CITATION = re.compile(r"docs/decisions/([0-9]{4}(?:-[a-z0-9-]+)?(?:\.md)?)")


@pytest.fixture(scope="module")
def decisions(root):
    return sorted((root / "docs" / "decisions").glob("[0-9]*.md"))


def test_they_are_numbered_without_a_gap(decisions):
    assert [path.name[:5] for path in decisions] == [
        f"{number:04}-" for number in range(1, len(decisions) + 1)
    ]
    assert decisions


def test_the_index_lists_each_one_once(decisions, documents, root):
    links = documents[root / "docs" / "decisions" / "README.md"].links
    assert [link for link in links if re.match(r"[0-9]{4}-", link)] == [it.name for it in decisions]


def test_each_says_context_decision_and_consequences(decisions, documents):
    for path in decisions:
        assert {"context", "decision", "consequences"} <= documents[path].anchors, path.name


def test_every_citation_names_one(decisions, texts, root):
    names = {path.name for path in decisions}
    cited, missing = set(), []
    for path, text in texts.items():
        for citation in CITATION.findall(text):
            cited.add(citation[:4])
            exact = {name for name in names if name.startswith(citation)}
            if len(exact) != 1:
                missing.append(f"{path.relative_to(root)}: {citation}")
    assert missing == []
    assert {"0001", "0005", "0006"} <= cited
