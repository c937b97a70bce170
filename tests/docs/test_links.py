"""Every link within the repository leads somewhere."""

from urllib.parse import unquote, urlsplit


def test_every_relative_link_resolves_to_a_file_of_the_repository(documents, files, root):
    known = set(files) | {parent for path in files for parent in path.parents}
    broken = []
    for path, document in documents.items():
        for link in document.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            target = (path.parent / unquote(parts.path)).resolve()
            if target not in known or root not in (target, *target.parents):
                broken.append(f"{path.relative_to(root)}: {link}")
    assert broken == []


def test_every_anchor_names_a_heading(documents, root):
    broken = []
    for path, document in documents.items():
        for link in document.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not parts.fragment:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target not in documents or parts.fragment not in documents[target].anchors:
                broken.append(f"{path.relative_to(root)}: {link}")
    assert broken == []


def test_addresses_of_other_hosts_use_https(documents, root):
    plain = [
        f"{path.relative_to(root)}: {link}"
        for path, document in documents.items()
        for link in document.links
        if urlsplit(link).scheme == "http"
    ]
    assert plain == []


def test_every_document_is_reached_from_the_map(documents, root):
    reached, waiting = set(), [root / "docs" / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path not in documents:
            continue
        reached.add(path)
        targets = (urlsplit(link) for link in documents[path].links)
        waiting += [
            (path.parent / unquote(target.path)).resolve() for target in targets if target.path
        ]
    in_docs = {path for path in documents if root / "docs" in path.parents}
    assert in_docs - reached == set()


def test_anchors_are_named_as_on_github(read_markdown):
    document = read_markdown("# What `make check` does\n\n## Say it: twice!\n\n## Say it, twice\n")
    assert document.anchors == {"what-make-check-does", "say-it-twice", "say-it-twice-1"}


def test_links_in_html_are_seen_too(read_markdown):
    document = read_markdown('<img src="a.svg">\n\nSee <a href="b.md">this</a> and [that](c.md).\n')
    assert document.links == ["a.svg", "b.md", "c.md"]
