"""The search for leaked secrets finds what was planted, in every form it may take."""

from __future__ import annotations

import base64
import json
import pickle
from urllib.parse import quote

import pytest

from thegrid_lab.evidence import places_of

SECRET = "aB3+/marked/secret+with/odd/characters=="

FORMS = {
    "plain in a log line": f"minted {SECRET} for app".encode(),
    "in base64, as in a Secret": base64.b64encode(SECRET.encode()),
    "in base64 of a longer text": base64.b64encode(f'{{"k": "{SECRET}"}}'.encode()),
    "in base64 of a longer text, shifted by one": base64.b64encode(
        f'x{{"k": "{SECRET}"}}'.encode()
    ),
    "in base64 of a longer text, shifted by two": base64.b64encode(
        f'xy{{"k": "{SECRET}"}}'.encode()
    ),
    "in a pickle": pickle.dumps({"token": SECRET}),
    "in a pickle within a state file": json.dumps(
        {"__provider": base64.b64encode(pickle.dumps({"token": SECRET})).decode()}
    ).encode(),
    "in an address": f"https://example.com/?token={quote(SECRET, safe='')}".encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_planted_secret_is_found(tmp_path, form):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"before " + FORMS[form] + b" after")
    (tmp_path / "clean").write_text("nothing here")

    assert places_of({SECRET, "another-secret-of-some-length"}, tmp_path) == ["deep/file"]


def test_nothing_is_found_where_nothing_is(tmp_path):
    (tmp_path / "clean").write_text("a log line about key #3")

    assert places_of({SECRET}, tmp_path) == []
