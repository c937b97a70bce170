"""The cases of the contract as data: what is asked, by whom, and what must be answered.

A case is read from `cases/*.json` or derived from a route of `routes.json`; nothing here sends
anything.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


def read(name):
    """The content of a file of data beside this module."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route of the market, as the vendor's documentation has it."""

    surface: str
    route: str
    auth: str
    ok: list[int]
    scope: str | None = None
    body: bool = False
    supplier: bool = False
    also: list[int] = field(default_factory=list)

    @property
    def method(self):
        return self.route.partition(" ")[0]

    @property
    def path(self):
        return self.route.partition(" ")[2]

    @property
    def needs_a_credential(self):
        return self.auth not in {"none", "url"}

    @property
    def checks_no_values(self):
        """Whether everything wrong with its body is 400: OAuth, and what was checked before."""
        return self.path.startswith("/oauth/") or self.auth == "url"

    @property
    def refusals(self):
        """Statuses with which it must be able to refuse."""
        found = set(self.also)
        if self.auth != "none":
            found.add(401)
        if self.needs_a_credential:
            found.add(429)
        if self.scope:
            found.add(403)
        if self.ok and "{" in self.path:
            found.add(404)
        if self.ok and self.body:
            found |= {400} if self.checks_no_values else {400, 422}
        return found


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request, or one deed (`do`) that only the emulator's side door can do."""

    surface: str
    route: str | None = None
    do: str | None = None
    asks: str = "owner"
    by: str | None = None
    path: dict = field(default_factory=dict)
    query: dict | list = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    body: object = None
    text: str | None = None
    form: dict | None = None
    address: str | None = None
    keep: dict = field(default_factory=dict)
    refused: bool = False
    seconds: float = 0
    user_code: str | None = None

    @property
    def method(self):
        return self.route.partition(" ")[0]


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What an answer must be.

    Attributes:
        status: one of these.
        shape: name of a schema in `shapes.json`.
        code: machine code of a refusal, wherever its envelope has it.
        equal: values by JSON pointer; `A|B` is either place, and a list holds what is allowed.
            Amounts compare as numbers.
        has: JSON pointers that must lead somewhere.
        among: by JSON pointer of a list, members that one of its entries must have.
        count: number of entries by JSON pointer of a list.
        headers: names of headers that must be there; `A|B` is either.
        says: texts that must be in the body.
    """

    status: list[int]
    shape: str
    code: str | None = None
    equal: dict = field(default_factory=dict)
    has: list[str] = field(default_factory=list)
    among: dict = field(default_factory=dict)
    count: dict = field(default_factory=dict)
    headers: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request whose answer is checked.

    Attributes:
        name: an English sentence.
        ask: the request.
        expect: its answer.
        given: what happens before.
        read_only: whether it may be sent to a real account.
        limited: whether it is about a market whose limits are used up.
    """

    name: str
    ask: Step
    expect: Expectation
    given: list[Step] = field(default_factory=list)
    read_only: bool = False
    limited: bool = False

    @property
    def label(self):
        return f"{self.ask.surface}: {self.name}"

    @property
    def changes_nothing(self):
        return not self.given and self.ask.method == "GET"


ROUTES = [Route(**route) for route in read("routes.json")["routes"]]


def written() -> Iterator[Case]:
    """The cases of `cases/*.json`."""
    for file in sorted((HERE / "cases").glob("*.json")):
        content = read(file)
        for case in content["cases"]:
            yield _case(content["surface"], case)


def _case(surface, members):
    expected = dict(members["expect"])
    status = expected.pop("status")
    request = {
        name: value
        for name, value in members.items()
        if name not in {"name", "given", "expect", "read_only"}
    }
    return Case(
        name=members["name"],
        ask=_step(surface, request),
        expect=Expectation(status=status if isinstance(status, list) else [status], **expected),
        given=[_step(surface, step) for step in members.get("given", [])],
        read_only=members.get("read_only", False),
    )


def _step(surface, members):
    known = {"surface": surface} | members
    return Step(asks=known.pop("as", "owner"), **known)
