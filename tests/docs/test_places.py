"""No file tells where it was written, or where packages are fetched from: both differ elsewhere."""

import re
from pathlib import Path

# In parts, so that this file passes its own test.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("deb", "debian", "org"),
    )
]
HOMES = re.compile(r"(?<![\w.~-])/(?:home/(?!you/)\w|root/|Users/\w)|\b[A-Z]:\\Users\\")


def lines_with(texts, root, is_wrong):
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()[:80]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if is_wrong(line)
    ]


def test_no_file_names_a_package_registry(texts, root):
    # A lock's hashes are long; a host would still show, as it holds a dot.
    assert lines_with(texts, root, lambda line: any(host in line for host in REGISTRIES)) == []


def test_no_file_names_a_path_of_a_machine(texts, root):
    here = [f"{place}/" for place in (root, Path.home()) if len(place.parts) > 1]
    wrong = lines_with(
        texts,
        root,
        lambda line: HOMES.search(line) or any(place in line for place in here),
    )
    assert [line for line in wrong if not line.startswith("tests/docs/test_places.py")] == []


def test_a_home_folder_is_recognised():
    assert HOMES.search("see /home/" + "ann/notes")
    assert HOMES.search("C:" + "\\Users\\ann")
    assert not HOMES.search("/home/you/.cache")
    assert not HOMES.search("https://example.com/Users/1")
