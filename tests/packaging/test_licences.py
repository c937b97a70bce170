"""Everything in the lock, the tools included, is under a licence that goes with Apache-2.0."""

import sys
from importlib.metadata import PackageNotFoundError, distributions
from pathlib import Path

import pytest

DOCUMENT = "docs/dependencies.md"
IN_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
}
APART = Path(sys.prefix, "apart")
"""Where the set-up puts what programs find only when they ask for it."""

CLASSIFIED = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""What packages wrote before there were licence expressions (PEP 639)."""


def licence_of(name):
    """The licence of an installed distribution, as an SPDX expression.

    Raises:
        PackageNotFoundError: It is not installed.
    """
    found = next(iter(distributions(name=name, path=[*sys.path, str(APART)])), None)
    if found is None:
        raise PackageNotFoundError(name)
    told = found.metadata
    if expression := told.get("License-Expression"):
        return expression
    if words := told.get("License"):
        return IN_WORDS.get(words, words)
    classified = [it for it in told.get_all("Classifier", []) if it.startswith("License")]
    return " AND ".join(CLASSIFIED.get(it, it) for it in classified) or "none"


def alternatives(expression):
    """The sets of licences of which one set must be allowed in full."""
    assert "(" not in expression, f"read {expression!r} by hand, and teach this function"
    return [set(choice.split(" AND ")) for choice in expression.split(" OR ")]


@pytest.fixture(scope="module")
def allowed(tables):
    """For each licence the packages that may have it; None stands for all."""
    rows, _ = tables(DOCUMENT, "Licences")
    return {
        licence: None
        if packages == "every package"
        else {name.strip("`") for name in packages.split(", ")}
        for licence, packages, _ in rows
    }


@pytest.fixture(scope="module")
def elsewhere(tables):
    """The licences of what is locked for other platforms."""
    _, rows = tables(DOCUMENT, "Licences")
    return {name.strip("`"): licence for name, _, licence in rows}


@pytest.fixture(scope="module")
def licences(lock, elsewhere):
    found = {}
    for name in lock:
        try:
            found[name] = licence_of(name)
        except PackageNotFoundError:
            found[name] = elsewhere.get(name, "unknown")
    return found


def test_every_licence_in_the_lock_is_allowed(licences, allowed):
    def is_allowed(licence, name):
        return licence in allowed and (allowed[licence] is None or name in allowed[licence])

    refused = {
        name: expression
        for name, expression in licences.items()
        if not any(
            all(is_allowed(licence, name) for licence in choice)
            for choice in alternatives(expression)
        )
    }
    assert refused == {}


def test_every_exception_is_needed(licences, allowed):
    for licence, names in allowed.items():
        having = {name for name, expression in licences.items() if licence in expression.split()}
        assert having, f"nothing is under {licence}"
        assert names is None or names == having, licence


def test_what_is_locked_for_other_platforms_is_listed_with_its_licence(lock, elsewhere, licences):
    conditional = {name for name, entry in lock.items() if entry.marker}
    assert conditional == set(elsewhere)
    assert {name: licences[name] for name in elsewhere} == elsewhere


def test_the_documented_licences_are_those_of_the_metadata(packages, tables, licences):
    for heading in (*packages, "Development"):
        (rows,) = tables(DOCUMENT, heading)
        for name, _, licence, _ in rows:
            assert licence == licences[name.strip("`")], name


def test_every_package_of_ours_carries_the_licence(packages, root):
    licence = (root / "LICENSE").read_bytes()
    for package in packages.values():
        assert package.project["license"] == "Apache-2.0"
        assert (package.folder / "LICENSE").read_bytes() == licence
