"""The client of The Grid: the only code of this project that talks to the market.

What belongs here: endpoints as methods, logins, retries and errors. What does not: deciding what
should happen (`thegrid.core`) and any front door (`pulumi_thegrid`, `thegrid_operator`).
"""

from thegrid.client._listing import Listing
from thegrid.client._retry import InferenceRetries
from thegrid.client._stream import AnswerStream, StreamEvent
from thegrid.client.api import Client
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints
from thegrid.client.errors import (
    GridError,
    InDoubt,
    LoginRejected,
    Misuse,
    NotFound,
    RateLimited,
    Refused,
    Truncated,
    Unreachable,
    WrongAccount,
)
from thegrid.client.inference import Answer, Inference
from thegrid.client.oauth import OAuth
from thegrid.client.signing_key import SigningKey

__all__ = [
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
