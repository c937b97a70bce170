"""The call sites of effects are read from the source, and none escapes."""

from __future__ import annotations

import pytest
from tests.crash.sites import Unreadable, sites_of

DOOR = """
class Store:
    def keep(self):
        self._effects("store.keep", self._keep)

    def _write(self, site, do):
        self._effects(site, do)

    def both(self, kind):
        self._write("store.first", self._keep)
        self._write(f"{kind}.second", self._keep)
"""


@pytest.fixture
def sites(tmp_path):
    def read(text):
        (tmp_path / "store.py").write_text(text)
        return sites_of(tmp_path)

    return read


def test_a_site_that_is_handed_on_is_named_by_the_callers(sites):
    found = sites(DOOR)

    assert [site.where for site in found] == ["store.py:10", "store.py:11", "store.py:4"]
    assert [site.is_named("Key.second") for site in found] == [False, True, False]
    assert [site.is_named("store.keep") for site in found] == [False, False, True]


def test_a_site_that_cannot_be_told_is_no_site(sites):
    with pytest.raises(Unreadable, match=r"store.py:4: name is no parameter"):
        sites(
            "\nclass Store:\n    def keep(self, name):\n        self._effects(name, self._keep)\n"
        )


def test_the_operators_own_sites_can_all_be_told():
    names = ("key.mint", "key.revoke", "key.target", "account.tokens", "ConsumptionKey.status")
    sites = sites_of()

    assert all(any(site.is_named(name) for site in sites) for name in names)


def test_a_namesake_in_another_file_hands_nothing_on(sites, tmp_path):
    (tmp_path / "other.py").write_text(
        "\nclass Other:\n    def _write(self, text): pass\n    def all(self): self._write(text)\n"
    )

    assert len(sites(DOOR)) == 3
