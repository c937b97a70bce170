"""A listing of keys is read row by row while it is decoded, and judged as if it were not."""

from __future__ import annotations

import gc
import json
import weakref

import httpx
import pytest

from thegrid.client import Client, Endpoints, Unreachable
from thegrid.core.secret import Secret

FAR = Endpoints(*(f"https://{name}.example" for name in ("platform", "trading", "spend", "say")))
ROW = {"id": "key-1", "name": "web", "is_active": False, "created_at": "2026-11-29T12:00:00Z"}


def listed(body):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=json.dumps(body)))
    with Client(FAR, Secret("token"), transport=transport) as client:
        return client.list_consumption_keys().keys


@pytest.mark.parametrize(
    "body",
    [
        {"data": [ROW]},
        {"id": "of the request", "name": "a page", "data": [ROW]},
        {"data": [ROW | {"owner": {"id": "user-1", "name": "Ada"}}], "meta": {"id": "page-1"}},
    ],
)
def test_what_looks_like_a_key_elsewhere_is_none(body):
    assert [(key.id, key.name, key.is_active) for key in listed(body)] == [("key-1", "web", False)]


@pytest.mark.parametrize(
    "row",
    [{"name": "no id"}, ROW | {"is_active": "no"}, ROW | {"expires_at": 7}, "key-1", None, [ROW]],
)
def test_a_row_that_is_no_key_makes_the_whole_listing_unusable(row):
    with pytest.raises(Unreachable):
        listed({"data": [ROW, row]})


def test_an_answer_is_gone_as_soon_as_it_was_read():
    answers = []

    def answer(_):
        response = httpx.Response(200, json={"data": [ROW]})
        answers.append(weakref.ref(response))
        return response

    gc.disable()  # which takes long to come to what is kept by itself alone
    try:
        with Client(FAR, Secret("token"), transport=httpx.MockTransport(answer)) as client:
            client.list_consumption_keys()
            assert [it() for it in answers] == [None]
    finally:
        gc.enable()
