"""A market whose certificate nobody trusts is told at once: no repetition mends that."""

import pytest

from thegrid.client import Clock, Endpoints, Inference, InferenceRetries, Unreachable
from thegrid.client._call import call
from thegrid.client._http import Sender
from thegrid.core.secret import Secret
from thegrid_emulator import Clock as MarketClock
from thegrid_emulator import serve


@pytest.fixture
def distrusted():
    """A market with a certificate of an authority that nobody trusts."""
    with serve(clock=MarketClock(), tls=True) as market:
        yield market


DISTRUST = r"certificate is not trusted .*SSL_CERT_FILE"


@pytest.mark.parametrize(
    "what", [{"method": "GET"}, {"method": "POST", "body": {}, "look_for": "the key"}]
)
def test_a_market_whose_certificate_is_not_trusted_is_told_at_once(distrusted, opened, waits, what):
    sender = opened(Sender(Clock(), sleep=waits.append))
    with pytest.raises(Unreachable, match=DISTRUST):
        sender.send(call(base=distrusted.platform, path="/api-keys", **what))
    assert waits == []


def test_so_it_is_where_inference_is_asked_for(distrusted, opened, waits):
    hosts = ("platform", "trading", "consumption", "messages")
    endpoints = Endpoints(*(getattr(distrusted, host) for host in hosts))
    inference = Inference(endpoints, Secret("key"), retries=InferenceRetries(), sleep=waits.append)
    with pytest.raises(Unreachable, match=DISTRUST):
        opened(inference).chat_completion("text-prime", [{"role": "user", "content": "hi"}])
    assert waits == []
