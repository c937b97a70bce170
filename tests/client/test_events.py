"""Server-sent events come out whole, however the stream was cut on its way."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thegrid.client._events import EventReader, ServerSentEvent


def read(*pieces):
    reader = EventReader()
    return [(event.type, event.data) for piece in pieces for event in reader.feed(piece)]


STREAMS = {
    "a line of data": (b"data: a\n\n", [("message", "a")]),
    "data without a space": (b"data:a\n\n", [("message", "a")]),
    "only one space is taken away": (b"data:  a\n\n", [("message", " a")]),
    "several lines of data": (b"data: a\ndata: b\n\n", [("message", "a\nb")]),
    "a named event": (b"event: ping\ndata: a\n\n", [("ping", "a")]),
    "a name holds for one event": (
        b"event: ping\ndata: a\n\ndata: b\n\n",
        [("ping", "a"), ("message", "b")],
    ),
    "the last name wins": (b"event: a\nevent: b\ndata:\n\n", [("b", "")]),
    "a name without data is no event": (b"event: ping\n\ndata: a\n\n", [("message", "a")]),
    "data without a value": (b"data\n\n", [("message", "")]),
    "two lines without values": (b"data\ndata\n\n", [("message", "\n")]),
    "comments are passed over": (b": hello\ndata: a\n: bye\n\n", [("message", "a")]),
    "what reconnecting needs is passed over": (
        b"id: 7\nretry: 10\ndata: a\n\n",
        [("message", "a")],
    ),
    "unknown fields are passed over": (b"datum: b\nDATA: c\ndata: a\n\n", [("message", "a")]),
    "a colon in a value": (b'data: {"a": 1}\n\n', [("message", '{"a": 1}')]),
    "line ends of the other systems": (
        b"data: a\r\rdata: b\r\n\r\ndata: c\n\n",
        [("message", "a"), ("message", "b"), ("message", "c")],
    ),
    "a byte order mark in front": (b"\xef\xbb\xbfdata: a\n\n", [("message", "a")]),
    "a byte order mark elsewhere is text": (
        b"data: \xef\xbb\xbf\n\n",
        [("message", "\ufeff")],
    ),
    "bytes that are no text": (b"data: \xff\n\n", [("message", "\ufffd")]),
    "other line separators are text": (
        "data: a\u2028b\x0bc\x85\n\n".encode(),
        [("message", "a\u2028b\x0bc\x85")],
    ),
    "an event that the end cuts off": (b"data: a\n\ndata: b\n", [("message", "a")]),
    "nothing": (b"", []),
    "empty lines alone": (b"\n\n\r\n\r", []),
}


@pytest.mark.parametrize("sentence", STREAMS)
def test_a_stream_of(sentence):
    stream, events = STREAMS[sentence]
    assert read(stream) == events


@pytest.mark.parametrize("sentence", STREAMS)
def test_cut_into_single_bytes_it_is_the_same_stream_of(sentence):
    stream, events = STREAMS[sentence]
    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == events


LINES = st.sampled_from(["data: a", "data:", "data: é", "event: x", ": c", "", "", "\ufeffdata: b"])
ENDS = st.sampled_from(["\n", "\r", "\r\n"])


@settings(max_examples=100)
@given(lines=st.lists(st.tuples(LINES, ENDS), max_size=12), cuts=st.lists(st.integers(0, 120)))
def test_where_a_stream_is_cut_makes_no_difference(lines, cuts):
    stream = "".join(line + end for line, end in lines).encode()
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert read(*pieces) == read(stream)


def test_an_event_is_a_plain_value():
    assert list(EventReader().feed(b"data: a\n\n")) == [ServerSentEvent("message", "a")]
