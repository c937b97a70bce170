"""The lock pins everything by hash and tells nothing about where it was made."""

import re
import subprocess
import sys

from uv import find_uv_bin


def test_every_entry_is_pinned_by_version_and_hash(lock):
    assert len(lock) > 50
    for entry in lock.values():
        assert re.fullmatch(r"[0-9][A-Za-z0-9.+!-]*", entry.version), entry.name
        assert entry.hashes, entry.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", it) for it in entry.hashes), entry.name


def test_it_names_no_address_and_no_option(root):
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    assert [line for line in text.splitlines() if line.startswith("-")] == []


def test_it_holds_every_dependency_that_is_declared(lock, packages, workspace):
    declared = {name for package in packages.values() for name in package.third_party}
    declared |= {re.split(r"[<>=]", it)[0] for it in workspace["dependency-groups"]["dev"]}
    assert declared - lock.keys() == set()


def test_it_holds_none_of_our_own_packages(lock, packages):
    assert lock.keys() & packages.keys() == set()


def test_what_is_installed_satisfies_every_declaration():
    check = [find_uv_bin(), "pip", "check", "--python", sys.executable]
    done = subprocess.run(check, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_lock_of_uv_is_not_tracked(tracked):
    """It names registries, so `requirements.lock` is written from it and it is thrown away."""
    assert "requirements.lock" in tracked
    assert {name for name in tracked if name.endswith("uv.lock")} == set()
