"""Answers that come bit by bit: their events, their end, and what becomes of the connection."""

import json

import httpx
import pytest

from thegrid.client import Endpoints, Inference, LoginRejected, Misuse, Refused, Unreachable
from thegrid.core.secret import Secret

KEY, TICKET = "planted-key-4f9c2a", "planted-ticket-77b1"
ASK = ("text-prime", [{"role": "user", "content": "hi"}])
CHUNK = {"id": "1", "choices": [{"index": 0, "delta": {"content": "hi"}}]}
DONE = b"data: [DONE]\n\n"
STOP = b'event: message_stop\ndata: {"type": "message_stop"}\n\n'


def event(data, name=None):
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {json.dumps(data)}\n\n".encode()


class Arriving(httpx.SyncByteStream):
    """A body that arrives in pieces, may break, and remembers that it was let go."""

    def __init__(self, *pieces):
        self.pieces = pieces
        self.taken = 0
        self.closed = False

    def __iter__(self):
        for piece in self.pieces:
            self.taken += 1
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self):
        self.closed = True


@pytest.fixture
def arriving(opened):
    """Makes inference against a market that answers with such a body, and the body."""

    def make(*pieces, **headers):
        body = Arriving(*pieces)
        network = httpx.MockTransport(lambda _: httpx.Response(200, stream=body, headers=headers))
        return opened(Inference(Endpoints(), Secret(KEY), transport=network)), body

    return make


def test_chunks_come_one_by_one_as_they_arrive(arriving):
    inference, body = arriving(event(CHUNK), event(CHUNK | {"score": 0.5}), DONE)
    stream = inference.stream_chat_completion(*ASK)
    assert body.taken == 0
    first = next(stream)
    assert (first.type, first.data, body.taken) == ("message", CHUNK, 1)
    assert next(stream).data["score"] == 0.5
    assert next(stream, None) is None
    assert body.closed


def test_the_events_of_a_message_come_up_to_its_last(arriving):
    start = {"type": "message_start", "message": {"id": "m"}}
    inference, body = arriving(event(start, "message_start"), STOP, b"data: beyond\n\n")
    with inference.stream_message(*ASK, max_tokens=9) as stream:
        events = [(it.type, it.data) for it in stream]
    assert events == [("message_start", start), ("message_stop", {"type": "message_stop"})]
    assert body.closed


def test_the_handle_of_the_receipt_comes_along(arriving):
    inference, _ = arriving(DONE, **{"x-grid-request-id": "r-1"})
    assert inference.stream_chat_completion(*ASK).request_id == "r-1"


@pytest.mark.parametrize("end", [b"", b"data: [DONE]", b"data: [DONE]\n"], ids=repr)
def test_half_an_answer_is_not_taken_for_a_whole_one(end, arriving):
    inference, body = arriving(event(CHUNK), end)
    stream = inference.stream_chat_completion(*ASK)
    next(stream)
    with pytest.raises(Unreachable, match="POST /chat/completions: the answer broke off"):
        next(stream)
    assert body.closed


def test_a_connection_that_breaks_says_so_without_the_address(arriving):
    broken = httpx.ReadError("broken", request=httpx.Request("POST", f"https://a/?{TICKET}"))
    inference, body = arriving(event(CHUNK), broken)
    stream = inference.stream_chat_completion(*ASK)
    next(stream)
    with pytest.raises(Unreachable, match="the connection broke") as caught:
        next(stream)
    assert TICKET not in repr(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert body.closed


SAID = {
    "in the OpenAI form": event({"error": {"message": f"no\n{KEY} model", "code": "busy"}}),
    "in the Anthropic form": event(
        {"type": "error", "error": {"type": "overloaded_error", "message": f"{KEY} busy"}}, "error"
    ),
}


@pytest.mark.parametrize("form", SAID)
def test_an_error_within_an_answer_ends_it(form, arriving):
    inference, body = arriving(event(CHUNK), SAID[form], DONE)
    stream = inference.stream_chat_completion(*ASK)
    next(stream)
    with pytest.raises(Unreachable, match=r"the supplier gave up: .*busy") as caught:
        next(stream)
    assert KEY not in str(caught.value)
    assert str(caught.value).isprintable()
    assert body.closed


@pytest.mark.parametrize("data", ["7", "[]", "half a", "{"])
def test_an_event_that_is_no_object_ends_the_answer(data, arriving):
    inference, body = arriving(f"data: {data}\n\n".encode(), DONE)
    with pytest.raises(Unreachable, match="an event is not a JSON object"):
        next(inference.stream_chat_completion(*ASK))
    assert body.closed


def give_up_by_closing(stream):
    next(stream)
    stream.close()
    assert next(stream, None) is None


def give_up_by_an_error(stream):
    def fail():
        with stream:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def give_up_by_leaving_the_loop(stream):
    for _ in stream:
        break


def give_up_before_the_beginning(stream):
    pass


WAYS = [
    give_up_by_closing,
    give_up_by_an_error,
    give_up_by_leaving_the_loop,
    give_up_before_the_beginning,
]


@pytest.mark.parametrize("give_up", WAYS, ids=lambda way: way.__name__)
def test_a_stream_that_is_given_up_lets_its_connection_go(give_up, arriving):
    inference, body = arriving(event(CHUNK), event(CHUNK), DONE)
    give_up(inference.stream_chat_completion(*ASK))
    assert body.closed
    assert body.taken <= 1


@pytest.fixture
def first(scripted, scripted_endpoints, opened):
    """Inference against the scripted server, which is also where its redirects lead."""
    return opened(Inference(scripted_endpoints, Secret(KEY)))


def redirect(scripted):
    location = f"{scripted.url}/spend?token={TICKET}"
    scripted.will_answer(307, b"", location=location, x_grid_request_id="r-1")


def test_a_stream_comes_through_the_redirect(first, scripted):
    redirect(scripted)
    scripted.will_answer(200, event(CHUNK) + DONE, content_type="text/event-stream")
    stream = first.stream_chat_completion(*ASK, stream_options={"include_usage": True})
    assert [it.data for it in stream] == [CHUNK]
    assert stream.request_id == "r-1"
    market, supplier = scripted.seen
    assert json.loads(market.body)["stream"] is True
    assert supplier.body == market.body
    assert KEY not in str(supplier)


@pytest.mark.parametrize("streamed", [True, False])
def test_a_message_proves_its_key_to_the_market_alone(streamed, first, scripted):
    redirect(scripted)
    scripted.will_answer(200, STOP if streamed else b'{"id": "msg_1", "content": []}')
    if streamed:
        assert [it.type for it in first.stream_message(*ASK, max_tokens=9)] == ["message_stop"]
    else:
        answer = first.message(*ASK, max_tokens=9, system="be brief")
        assert (answer, answer.request_id) == ({"id": "msg_1", "content": []}, "r-1")
    market, supplier = scripted.seen
    assert market.target == "/v1/messages"
    assert market.headers["x-api-key"] == KEY
    assert "authorization" not in market.headers
    assert KEY not in str(supplier)
    assert {it.headers["anthropic-version"] for it in scripted.seen} == {"2023-06-01"}
    assert json.loads(market.body)["max_tokens"] == 9


def test_a_refusal_comes_before_any_event(first, scripted):
    scripted.will_answer(422, b'{"errors": {"detail": "temperature is out of range"}}')
    with pytest.raises(Refused, match="temperature is out of range"):
        first.stream_chat_completion(*ASK)


@pytest.mark.parametrize("ask", ["stream_chat_completion", "stream_message"])
def test_a_rejected_key_is_a_rejected_login(ask, endpoints, opened):
    inference = opened(Inference(endpoints, Secret(KEY)))
    more = {"max_tokens": 9} if ask == "stream_message" else {}
    with pytest.raises(LoginRejected):
        getattr(inference, ask)(*ASK, **more)


@pytest.mark.parametrize("ask", ["message", "stream_message"])
def test_streaming_is_chosen_by_the_method_alone(ask, first, scripted):
    with pytest.raises(Misuse, match=r"^stream: "):
        getattr(first, ask)(*ASK, max_tokens=9, stream=True)
    assert scripted.seen == []


def test_a_whole_answer_that_breaks_off_is_no_answer(arriving):
    inference, body = arriving(b'{"id": ', httpx.ReadError("broken"))
    with pytest.raises(Unreachable, match="the connection broke"):
        inference.chat_completion(*ASK)
    assert body.closed


def test_the_emulator_streams_a_completion(inference):
    stream = inference.stream_chat_completion(*ASK)
    said = [it.data["choices"][0]["delta"].get("content") or "" for it in stream]
    assert "".join(said) == "You said: hi"
    assert len(said) > 1


def test_the_emulator_streams_a_message(inference):
    with inference.stream_message(*ASK, max_tokens=50) as stream:
        events = list(stream)
    assert events[0].type == "message_start"
    assert events[-1].type == "message_stop"
    deltas = [it.data["delta"] for it in events if it.type == "content_block_delta"]
    assert "".join(delta["text"] for delta in deltas) == "You said: hi"


def test_the_emulator_answers_a_message(inference):
    answer = inference.message(*ASK, max_tokens=50)
    assert answer["content"][0]["text"] == "You said: hi"
    assert answer.request_id
