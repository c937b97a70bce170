"""What the two public APIs have in common: a request that is read, and answers to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from thegrid_emulator.inference.answer import Answer, Question, answer
from thegrid_emulator.inference.checks import Body


@dataclass(frozen=True)
class Asked:
    """A request that has been checked.

    Attributes:
        question: what is asked.
        choices: how many answers are wanted.
        stream: whether they are wanted piece by piece.
        include_usage: whether a stream ends with the token counts.
        logprobs: whether the likelihood of each token is wanted.
        top_logprobs: how many candidates for each token are wanted with it.
    """

    question: Question
    stream: bool
    choices: int = 1
    include_usage: bool = False
    logprobs: bool = False
    top_logprobs: int = 0

    def within(self, tokens: int) -> "Asked":
        """Return the request with a budget that keeps prompt and answers within some tokens."""
        each = max(0, tokens - self.question.tokens) // self.choices
        return replace(self, question=self.question.within(each))


@dataclass(frozen=True)
class Reply:
    """What an answer is made from.

    Attributes:
        asked: the request.
        request_id: handle of the call.
        instrument: symbol that was asked for.
        now: the market's time.
    """

    asked: Asked
    request_id: str
    instrument: str
    now: datetime

    @cached_property
    def answer(self) -> Answer:
        """What the model says, once for each choice."""
        return answer(self.asked.question)


@dataclass(frozen=True)
class Event:
    """One event of a stream.

    Attributes:
        content: JSON object.
        tokens: of the answer, that it brings.
    """

    content: Mapping[str, object]
    tokens: int = 0


@dataclass(frozen=True)
class Shape:
    """One of the two public APIs.

    Attributes:
        path: of a call, at the market as at the gateway.
        read: checks a request; raises MarketError, 400 for a wrong type and 422 for a value that
            is out of range.
        whole: returns the answer in one piece.
        events: returns the answer piece by piece.
        frame: writes one event as a server-sent event.
        closing: text that ends a stream.
    """

    path: str
    read: Callable[[Body], Asked]
    whole: Callable[[Reply], dict[str, object]]
    events: Callable[[Reply], Iterator[Event]]
    frame: Callable[[Mapping[str, object]], str]
    closing: str
