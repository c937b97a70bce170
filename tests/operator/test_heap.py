"""The C library is told to give memory back, wherever it can be told."""

from __future__ import annotations

import platform

from thegrid_operator.heap import give_back_freed_memory


def test_the_c_library_takes_the_settings_where_it_has_them():
    assert give_back_freed_memory() is (platform.libc_ver()[0] == "glibc")
