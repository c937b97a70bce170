"""What is followed comes about the same whether an API server streams its lists or not."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.crash.api_connection import Response

from thegrid_operator.kube import CONSUMPTION_KEY, Kube, KubeRefused, WatchExpired
from thegrid_operator.watching import OBJECTS_PER_PAGE, Scope, follow

NAMES = [f"app-{number:03}" for number in range(2 * OBJECTS_PER_PAGE + 1)]
CHANGE = {"type": "MODIFIED", "object": {"metadata": {"name": "app-001", "resourceVersion": "8"}}}
REFUSALS = {
    "as without the feature": (422, "Invalid"),
    "as a proxy before it may": (400, "BadRequest"),
}


class OlderServer:
    """An API server that streams no lists, as a `Wire`; it keeps what it was asked."""

    def __init__(self, status=422, reason="Invalid", *, forgets=False):
        self.refusal = (status, {"reason": reason, "message": "sendInitialEvents: Forbidden"})
        self.forgets = forgets
        self.asked = []

    def __call__(self, _method, full, **_):
        path, query = urlsplit(full).path, dict(parse_qsl(urlsplit(full).query))
        self.asked.append((path, query))
        if "sendInitialEvents" in query:
            return self.answer(*self.refusal)
        if "watch" in query:
            assert query["resourceVersion"] == "7"
            return self.answer(200, CHANGE)
        if query.get("continue") and self.forgets:
            return self.answer(410, {"reason": "Expired"})
        return self.answer(200, self.page(int(query.get("continue", 0)), int(query["limit"])))

    @staticmethod
    def page(start, limit):
        items = [{"metadata": {"name": name}} for name in NAMES[start : start + limit]]
        rest = {"continue": str(start + limit)} if start + limit < len(NAMES) else {}
        return {"metadata": {"resourceVersion": "7", **rest}, "items": items}

    @staticmethod
    def answer(status, body):
        return Response(status, [json.dumps(body).encode() + b"\n"])


def followed(server, scope=None, since=""):
    scope = scope or Scope()
    return list(follow(Kube(server), CONSUMPTION_KEY, scope, since=since, silence=90))


@pytest.mark.parametrize("sentence", REFUSALS)
def test_pages_take_the_place_of_a_streamed_list(sentence):
    server = OlderServer(*REFUSALS[sentence])

    *objects, bookmark, change = followed(server)

    assert [(it["type"], it["object"]["metadata"]["name"]) for it in objects] == [
        ("ADDED", name) for name in NAMES
    ]
    meta = bookmark["object"]["metadata"]
    assert bookmark["type"] == "BOOKMARK"
    assert meta["resourceVersion"] == "7"
    assert meta["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert change == CHANGE
    assert [query["limit"] for _, query in server.asked if "limit" in query] == ["100"] * 3


def test_a_list_that_got_too_old_between_two_pages_starts_anew():
    with pytest.raises(WatchExpired):
        followed(OlderServer(forgets=True))


@pytest.mark.parametrize(("status", "reason"), [(403, "Forbidden"), (401, "Unauthorized")])
def test_another_refusal_is_not_asked_around(status, reason):
    server = OlderServer(status, reason)
    with pytest.raises(KubeRefused):
        followed(server)
    assert len(server.asked) == 1


def test_a_watch_that_goes_on_lists_nothing():
    server = OlderServer()
    assert followed(server, since="7") == [CHANGE]
    assert len(server.asked) == 1


def test_namespace_and_labels_are_in_every_request():
    server = OlderServer()
    followed(server, Scope("shop", "shard in (a,b)"))

    path = "/apis/thegrid.ai/v1alpha1/namespaces/shop/consumptionkeys"
    assert {(at, query["labelSelector"]) for at, query in server.asked} == {
        (path, "shard in (a,b)")
    }
    assert len(server.asked) == 5
