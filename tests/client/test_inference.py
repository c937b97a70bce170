"""One inference call through the 307, and where it may lead."""

import json
import logging

import httpx
import pytest

from thegrid.client import (
    Endpoints,
    Inference,
    LoginRejected,
    Misuse,
    NotFound,
    RateLimited,
    Refused,
    Unreachable,
)
from thegrid.core.secret import Secret

KEY, TICKET = "planted-key-4f9c2a", "planted-ticket-77b1"
ASK = ("text-prime", [{"role": "user", "content": "hi"}])
ANSWER = json.dumps({"id": "1", "score": 0.25}).encode()


@pytest.fixture
def first(scripted, scripted_endpoints, opened):
    """Inference against the scripted server, which is also where its redirects lead."""
    return opened(Inference(scripted_endpoints, Secret(KEY)))


def redirect(scripted, location=None):
    target = f"{scripted.url}/spend?token={TICKET}%2F+a" if location is None else location
    scripted.will_answer(307, b"", location=target)


def test_a_completion_comes_through_the_redirect(inference, emulator):
    answer = inference.chat_completion(*ASK, max_tokens=50)
    assert answer["choices"][0]["message"]["content"] == "You said: hi"
    hops = [entry["surface"] for entry in emulator.journal()][-2:]
    assert hops == ["consumption", "gateway"]


def test_the_key_stays_with_the_market(first, scripted):
    redirect(scripted)
    scripted.will_answer(200, ANSWER)
    first.chat_completion(*ASK)
    market, supplier = scripted.seen
    assert market.headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in supplier.headers
    assert KEY not in str(supplier)
    assert set(supplier.headers) <= {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }


def test_the_signed_address_and_the_body_arrive_as_they_are(first, scripted):
    redirect(scripted)
    scripted.will_answer(200, ANSWER)
    first.chat_completion(*ASK, temperature=0.5)
    market, supplier = scripted.seen
    assert supplier.target == f"/spend?token={TICKET}%2F+a"
    assert supplier.method == "POST"
    assert supplier.body == market.body
    assert json.loads(supplier.body) == {
        "model": "text-prime",
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 0.5,
    }


def test_the_signed_address_reaches_no_log(first, scripted, caplog):
    redirect(scripted)
    scripted.will_answer(200, ANSWER)
    with caplog.at_level(logging.INFO):
        first.chat_completion(*ASK)
    assert "/spend" in caplog.text
    assert TICKET not in caplog.text
    assert KEY not in caplog.text


def test_fractions_in_an_answer_are_numbers_that_json_knows(first, scripted):
    scripted.will_answer(200, ANSWER)
    assert json.dumps(first.chat_completion(*ASK)) == ANSWER.decode()


def test_an_answer_without_a_redirect_is_taken(first, scripted):
    scripted.will_answer(200, ANSWER)
    assert first.chat_completion(*ASK)["id"] == "1"


def test_three_redirects_are_followed(first, scripted):
    for _ in range(3):
        redirect(scripted)
    scripted.will_answer(200, ANSWER)
    assert first.chat_completion(*ASK)["id"] == "1"
    assert len(scripted.seen) == 4


def test_a_fourth_is_not(first, scripted):
    for _ in range(4):
        redirect(scripted)
    with pytest.raises(Unreachable, match="more than 3 redirects"):
        first.chat_completion(*ASK)
    assert len(scripted.seen) == 4


def test_a_relative_redirect_leads_on_the_same_host(first, scripted):
    redirect(scripted, "/elsewhere?token=a")
    scripted.will_answer(200, ANSWER)
    first.chat_completion(*ASK)
    assert scripted.seen[1].target == "/elsewhere?token=a"


@pytest.mark.parametrize("hop", [1, 2, 3])
def test_a_redirect_without_a_target_is_refused_at_every_hop(hop, first, scripted):
    for _ in range(hop - 1):
        redirect(scripted)
    scripted.will_answer(307, b"")
    with pytest.raises(Unreachable, match="a redirect without a target"):
        first.chat_completion(*ASK)
    assert len(scripted.seen) == hop


FOREIGN = {
    "another host": f"https://evil.example/v1?token={TICKET}",
    "a host that ends like ours": f"https://api.thegrid.ai.evil.example/v1?token={TICKET}",
    "a host that begins like ours": f"https://evil-api.thegrid.ai/v1?token={TICKET}",
    "our host as a user": f"https://api.thegrid.ai@evil.example/v1?token={TICKET}",
    "our host without https": f"http://api.thegrid.ai/v1?token={TICKET}",
    "another scheme": f"file:///etc/passwd?token={TICKET}",
}


@pytest.mark.parametrize("sentence", FOREIGN)
def test_a_redirect_is_not_followed_to(sentence, first, scripted):
    redirect(scripted, FOREIGN[sentence])
    with pytest.raises(Unreachable, match="not an allowed supplier") as caught:
        first.chat_completion(*ASK)
    assert TICKET not in repr(caught.value)
    assert len(scripted.seen) == 1


@pytest.mark.parametrize("location", ["https://[::half", "http://127.0.0.1:port/"])
def test_a_redirect_to_no_address_is_unusable(location, first, scripted):
    redirect(scripted, location)
    with pytest.raises(Unreachable, match="no usable answer"):
        first.chat_completion(*ASK)


def production(opened, *answers, **options):
    """Inference against production's names, on a network of our own making."""
    left, asked = list(answers), []

    def answer(request):
        asked.append(request)
        return left.pop(0)

    network = httpx.MockTransport(answer)
    return opened(Inference(Endpoints(), Secret(KEY), transport=network, **options)), asked


def to(url):
    return httpx.Response(307, headers={"location": url})


def test_production_may_redirect_to_its_known_suppliers(opened):
    done = httpx.Response(200, content=ANSWER)
    inference, asked = production(opened, to("https://synapse.thegrid.ai/v1?token=a"), done)
    inference.chat_completion(*ASK)
    assert asked[1].url.host == "synapse.thegrid.ai"


def test_further_suppliers_can_be_allowed_instead(opened):
    done = httpx.Response(200, content=ANSWER)
    allowed = frozenset({"supplier.example"})
    inference, asked = production(
        opened, to("https://supplier.example/v1?token=a"), done, supplier_hosts=allowed
    )
    inference.chat_completion(*ASK)
    assert len(asked) == 2
    inference, asked = production(
        opened, to("https://synapse.thegrid.ai/v1?token=a"), supplier_hosts=allowed
    )
    with pytest.raises(Unreachable, match="not an allowed supplier"):
        inference.chat_completion(*ASK)


def test_production_may_not_redirect_to_this_machine(opened):
    inference, asked = production(opened, to("http://127.0.0.1:4001/v1?token=a"))
    with pytest.raises(Unreachable, match="not an allowed supplier"):
        inference.chat_completion(*ASK)
    assert len(asked) == 1


def test_a_rejected_key_is_a_rejected_login(endpoints, opened):
    with pytest.raises(LoginRejected):
        opened(Inference(endpoints, Secret(KEY))).chat_completion(*ASK)


def test_a_rejected_ticket_does_not_blame_the_key(first, scripted):
    redirect(scripted)
    scripted.will_answer(401, b'{"errors": {"detail": "token_expired"}}')
    with pytest.raises(Unreachable, match="did not accept the market's redirect; ask again"):
        first.chat_completion(*ASK)


def test_an_unknown_model_is_not_found(inference):
    with pytest.raises(NotFound, match="model_not_found"):
        inference.chat_completion("gpt-5.2", ASK[1])


def test_a_parameter_out_of_range_is_refused(inference):
    with pytest.raises(Refused) as caught:
        inference.chat_completion(*ASK, temperature=3)
    assert caught.value.status == 422


def test_a_limit_tells_when_to_come_back_and_nothing_is_sent_twice(inference, emulator, asked):
    emulator.order_fault("POST", "/chat/completions", status=429, retry_after=2)
    with pytest.raises(RateLimited) as caught:
        inference.chat_completion(*ASK)
    assert caught.value.retry_after == 2.0
    assert asked() == ["POST /v1/chat/completions"]


def test_a_cut_connection_is_told_without_the_address(first, inference, emulator, scripted):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", drop="before")
    with pytest.raises(Unreachable, match=r"no usable answer from 127\.0\.0\.1$"):
        inference.chat_completion(*ASK)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff"])
def test_an_answer_that_is_no_completion_is_unusable(body, first, scripted):
    scripted.will_answer(200, body)
    with pytest.raises(Unreachable, match="POST /chat/completions: the answer is not"):
        first.chat_completion(*ASK)


def test_streaming_is_refused_before_anything_is_sent(first, scripted):
    with pytest.raises(Misuse, match=r"^stream: "):
        first.chat_completion(*ASK, stream=True)
    assert scripted.seen == []
