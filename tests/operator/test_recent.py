"""What a watch brought is taken for a read once, while the watch is heard, and never for long."""

from __future__ import annotations

import threading

import pytest

from thegrid_operator.cache import Cache, Name
from thegrid_operator.kube import CONSUMPTION_KEY, KubeUnreachable
from thegrid_operator.recent import LONGEST_KEPT, TRUSTED_SECONDS, Recent


@pytest.fixture
def recent(time):
    return Recent(lambda: time.now, most=3)


@pytest.fixture
def time():
    class Time:
        now = 1000.0

    return Time()


def item(version, **fields):
    meta = {"name": "app", "resourceVersion": version, "managedFields": ["many"], **fields}
    return {"kind": "ConsumptionKey", "metadata": meta, "spec": {}}


def test_the_last_that_was_told_is_returned_once_and_without_what_nobody_reads(recent):
    recent.note("app", item("1"))
    recent.note("app", item("2"))

    taken = recent.take("app")
    assert taken["metadata"] == {"name": "app", "resourceVersion": "2"}
    assert recent.take("app") is None


def test_what_is_gone_has_to_be_read(recent):
    recent.note("app", item("1"))
    recent.note("app", None)
    assert recent.take("app") is None


@pytest.mark.parametrize(("silence", "is_believed"), [(0.0, True), (0.1, False)])
def test_a_watch_that_is_silent_is_not_believed(recent, time, silence, is_believed):
    recent.note("app", item("1"))
    time.now += TRUSTED_SECONDS + silence
    assert (recent.take("app") is not None) is is_believed


def test_a_word_of_another_object_tells_that_a_watch_is_alive(recent, time):
    recent.note("app", item("1"))
    time.now += TRUSTED_SECONDS + 1
    recent.note("other", None)
    assert recent.take("app")


def test_those_that_changed_longest_ago_go_first(recent):
    for name in ("one", "two", "three"):
        recent.note(name, item("1"))
    recent.note("one", item("2"))
    recent.note("four", item("1"))
    assert {name for name in ("one", "two", "three", "four") if recent.take(name)} == {
        "one",
        "three",
        "four",
    }


def test_where_nothing_is_to_be_kept_nothing_is(time):
    recent = Recent(lambda: time.now, most=0)
    recent.note("app", item("1"))
    assert recent.take("app") is None


def test_what_others_make_long_is_read_instead(recent):
    recent.note("app", item("1"))
    recent.note("app", item("2", annotations={"example.com/long": "é" * LONGEST_KEPT}))
    assert recent.take("app") is None


def test_nothing_is_believed_of_what_was_told_before_changes_were_missed(recent):
    recent.note("app", item("1"))
    recent.clear()
    recent.note("other", item("1"))
    assert recent.take("app") is None


class BreaksOff:
    """An API server whose watch tells one object, and breaks off."""

    def __init__(self, stop):
        self._stop = stop

    def watch(self, *_args, **_query):
        yield {"type": "ADDED", "object": item("1", namespace="apps", uid="u") | {"spec": {}}}
        self._stop.set()
        raise KubeUnreachable("the connection broke")


def test_a_watch_that_breaks_off_is_not_believed_any_more():
    stop, recent = threading.Event(), Recent(lambda: 0.0)
    cache = Cache(BreaksOff(stop), CONSUMPTION_KEY, lambda *_: None, stop, recent=recent)
    cache.run()

    name = Name("ConsumptionKey", "apps", "app")
    assert cache.sight_of(name)
    assert recent.take(name) is None
