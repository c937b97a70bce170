"""What the emulated model says: an echo, so that a test can foresee every byte.

It counts a word as a token. Real models count otherwise; nobody may depend on the figures.
"""

import re
from dataclasses import dataclass, replace

_WORD = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asks its caller to make.

    Attributes:
        name: of one of the tools on offer.
        arguments: JSON text.
    """

    name: str
    arguments: str


@dataclass(frozen=True)
class Turn:
    """One turn of a conversation.

    Attributes:
        text: what was said.
        from_tool: whether it is what a tool came back with.
    """

    text: str
    from_tool: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked, in whichever API's shape it came.

    Attributes:
        prompt: turns, oldest first.
        token_budget: the most tokens wanted; None for no limit.
        stop: texts before which the answer ends.
        tool_call: what is answered instead of a text, if a tool is to be called.
        document: JSON text that is answered, if the caller wants one.
    """

    prompt: tuple[Turn, ...]
    token_budget: int | None
    stop: tuple[str, ...]
    tool_call: ToolCall | None = None
    document: str | None = None

    @property
    def tokens(self) -> int:
        """Tokens of all turns."""
        return sum(len(turn.text.split()) for turn in self.prompt)

    def within(self, token_budget: int) -> "Question":
        """Return the question with a budget that is no larger."""
        wanted = self.token_budget
        return replace(
            self, token_budget=token_budget if wanted is None else min(wanted, token_budget)
        )


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Attributes:
        pieces: the answer's tokens, which make up its text or its tool call's arguments.
        tool_call: name of the tool to be called; None for a text.
        prompt_tokens: tokens of all turns.
        cut_by_budget: whether the budget ended it.
        stopped_by: the stop text that ended it, if one did.
    """

    pieces: tuple[str, ...]
    tool_call: str | None
    prompt_tokens: int
    cut_by_budget: bool
    stopped_by: str | None

    @property
    def text(self) -> str:
        """The whole answer, or the arguments of its tool call."""
        return "".join(self.pieces)

    @property
    def tokens(self) -> int:
        """Tokens of the answer."""
        return len(self.pieces)


def answer(question: Question) -> Answer:
    """Return the tool call or document that is wanted, or else the last turn, said back."""
    call = question.tool_call
    text, stopped_by = _said(question) if call is None else (call.arguments, None)
    pieces = tuple(_WORD.findall(text))
    budget = len(pieces) if question.token_budget is None else question.token_budget
    cut_by_budget = len(pieces) > budget
    return Answer(
        pieces=pieces[:budget],
        tool_call=None if call is None else call.name,
        prompt_tokens=question.tokens,
        cut_by_budget=cut_by_budget,
        stopped_by=None if cut_by_budget else stopped_by,
    )


def serving_model(instrument: str) -> str:
    """Return the name of the model that serves an instrument, which is not the instrument's."""
    return f"emulated-{instrument}"


def _said(question: Question) -> tuple[str, str | None]:
    turn = question.prompt[-1]
    echo = f"The tool said: {turn.text}" if turn.from_tool else f"You said: {turn.text}"
    return _before_stop(question.document or echo.rstrip(), question.stop)


def _before_stop(text: str, stops: tuple[str, ...]) -> tuple[str, str | None]:
    found = [(text.index(stop), stop) for stop in stops if stop and stop in text]
    if not found:
        return text, None
    end, stop = min(found)
    return text[:end], stop
