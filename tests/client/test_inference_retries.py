"""Which inference calls are sent again, and after how long."""

import pytest

from thegrid.client import Inference, InferenceRetries, Refused, Unreachable
from thegrid.client._retry import Attempt

FIRST = {"number": 1, "repeatable": False}

AGAIN = InferenceRetries()
BUYING = InferenceRetries(while_buying=True)

INFERENCE_WAITS = {
    "429": (AGAIN, {"status": 429}, 1.0),
    "500, which is not billed": (AGAIN, {"status": 500}, 1.0),
    "503, while units are bought": (AGAIN, {"status": 503}, 1.0),
    "the second failure": (AGAIN, {"number": 2, "status": 503}, 2.0),
    "the fourth": (AGAIN, {"number": 4, "status": 503}, 8.0),
    "the fifth is the last": (AGAIN, {"number": 5, "status": 503}, None),
    "402, when nobody buys": (AGAIN, {"status": 402}, None),
    "402, while units are bought": (BUYING, {"status": 402}, 1.0),
    "400": (BUYING, {"status": 400}, None),
    "401": (BUYING, {"status": 401}, None),
    "404": (BUYING, {"status": 404}, None),
    "422": (BUYING, {"status": 422}, None),
    "502": (BUYING, {"status": 502}, None),
    "no answer": (BUYING, {}, None),
    "what certainly never left": (AGAIN, {"never_sent": True}, 1.0),
    "a certificate that is not trusted": (AGAIN, {"never_sent": True, "distrusted": True}, None),
    "a wait that was asked for": (AGAIN, {"status": 429, "retry_after": 7.0}, 7.0),
    "a longer one is told instead": (AGAIN, {"status": 429, "retry_after": 31.0}, None),
    "a single attempt": (InferenceRetries(attempts=1), {"status": 503}, None),
}


@pytest.mark.parametrize("sentence", INFERENCE_WAITS)
def test_an_inference_call_waits_after(sentence):
    retries, facts, expected = INFERENCE_WAITS[sentence]
    assert retries.wait(Attempt(**(FIRST | facts)), 0.0) == expected


def test_inference_calls_return_spread_over_a_second():
    assert AGAIN.wait(Attempt(**FIRST, status=503), 0.5) == 1.5


@pytest.mark.parametrize("attempts", [0, -1])
def test_an_inference_call_is_sent_at_least_once(attempts):
    with pytest.raises(ValueError, match=rf"^attempts: {attempts} is below 1$"):
        InferenceRetries(attempts=attempts)


INFERENCE = "POST /v1/chat/completions"
ASK = ("text-prime", [{"role": "user", "content": "hi"}])


@pytest.fixture
def patient(client, endpoints, opened, waits):
    """Inference that sends refused calls again, and notes its waits instead of sleeping."""
    key = client.create_consumption_key("patient").secret
    return opened(Inference(endpoints, key, retries=AGAIN, sleep=waits.append))


def test_an_inference_call_that_was_refused_for_now_is_sent_again(patient, emulator, asked, waits):
    emulator.order_fault("POST", "/chat/completions", status=503, times=2)
    assert patient.chat_completion(*ASK)["choices"]
    assert asked()[:3] == [INFERENCE] * 3
    assert 1 <= waits[0] <= 2 <= waits[1] <= 3


def surfaces(emulator):
    """Where the requests of inference arrived, in order."""
    return [it["surface"] for it in emulator.journal() if "/chat/" in it["path"]]


def test_a_streamed_call_is_sent_again_before_its_first_event(patient, emulator):
    emulator.order_fault("POST", "/chat/completions", status=429, retry_after=3)
    assert list(patient.stream_chat_completion(*ASK))
    assert surfaces(emulator) == ["consumption", "consumption", "gateway"]


def test_an_inference_call_whose_answer_broke_is_not_sent_again(patient, emulator):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", drop="after")
    with pytest.raises(Unreachable):
        patient.chat_completion(*ASK)
    assert surfaces(emulator) == ["consumption", "gateway"]


def test_an_inference_call_that_the_key_may_not_make_is_not_sent_again(patient, emulator, asked):
    emulator.order_fault("POST", "/chat/completions", status=402)
    with pytest.raises(Refused, match="deposit, buy, or let the platform buy"):
        patient.chat_completion(*ASK)
    assert asked() == [INFERENCE]
