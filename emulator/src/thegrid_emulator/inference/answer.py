"""What the emulated model says: an echo, so that a test can foresee every byte.

It counts a word as a token. Real models count otherwise; nobody may depend on the figures.
"""

import re
from dataclasses import dataclass

_WORD = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class Question:
    """What is asked, in whichever API's shape it came.

    Attributes:
        prompt: the text of each turn, oldest first.
        token_budget: the most tokens wanted; None for no limit.
        stop: texts before which the answer ends.
    """

    prompt: tuple[str, ...]
    token_budget: int | None
    stop: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Attributes:
        pieces: the answer's tokens, which make up its text.
        prompt_tokens: tokens of all turns.
        cut_by_budget: whether the budget ended it.
        stopped_by: the stop text that ended it, if one did.
    """

    pieces: tuple[str, ...]
    prompt_tokens: int
    cut_by_budget: bool
    stopped_by: str | None

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)

    @property
    def tokens(self) -> int:
        """Tokens of the answer."""
        return len(self.pieces)


def answer(question: Question) -> Answer:
    """Return the last turn, said back."""
    text, stopped_by = _before_stop(f"You said: {question.prompt[-1]}".rstrip(), question.stop)
    pieces = tuple(_WORD.findall(text))
    budget = len(pieces) if question.token_budget is None else question.token_budget
    cut_by_budget = len(pieces) > budget
    return Answer(
        pieces=pieces[:budget],
        prompt_tokens=sum(len(turn.split()) for turn in question.prompt),
        cut_by_budget=cut_by_budget,
        stopped_by=None if cut_by_budget else stopped_by,
    )


def serving_model(instrument: str) -> str:
    """Return the name of the model that serves an instrument, which is not the instrument's."""
    return f"emulated-{instrument}"


def _before_stop(text: str, stops: tuple[str, ...]) -> tuple[str, str | None]:
    found = [(text.index(stop), stop) for stop in stops if stop and stop in text]
    if not found:
        return text, None
    end, stop = min(found)
    return text[:end], stop
