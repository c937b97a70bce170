"""The names that users may import; a change here is a change of the public interface."""

import thegrid.client

PUBLIC = [
    "Answer",
    "AnswerStream",
    "Client",
    "Clock",
    "Endpoints",
    "GridError",
    "InDoubt",
    "Inference",
    "InferenceRetries",
    "Listing",
    "LoginRejected",
    "Misuse",
    "NotFound",
    "OAuth",
    "RateLimited",
    "Refused",
    "SigningKey",
    "StreamEvent",
    "Truncated",
    "Unreachable",
    "WrongAccount",
    "clock_for",
]


def test_the_public_names_are_these():
    assert thegrid.client.__all__ == PUBLIC


def test_every_public_name_is_there_and_documented():
    for name in PUBLIC:
        assert getattr(thegrid.client, name).__doc__
