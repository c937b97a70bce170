"""One case, held with a venue: what is given, what is asked, what is answered."""

import json
import re
from dataclasses import dataclass, replace

import httpx
from tests.contract.access import CREDENTIALS
from tests.contract.keys import KeyPair
from tests.contract.shapes import MISSING, at
from tests.contract.verdict import problems_of

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SECRET_MEMBERS = re.compile(
    r'"(key|access_token|refresh_token|device_code|private_key)": ?"[^"]*"'
)


@dataclass(frozen=True)
class Answer:
    """What came back, decoded as far as it can be."""

    response: httpx.Response

    @property
    def content(self):
        """JSON if it is, text if it is not, None if it is empty."""
        if not self.response.content:
            return None
        try:
            return json.loads(self.response.content)
        except ValueError:
            return self.response.text


class Conversation:
    """Holds one case.

    Args:
        venue: with whom.
        case: about what.
    """

    def __init__(self, venue, case):
        self._venue = venue
        self._case = case
        self._values = {}
        self._known = {}

    def hold(self):
        """Ask, and return what is wrong with the answer as a text; None if nothing is."""
        for step in self._case.given:
            problem = self._prepare(step)
            if problem is not None:
                return problem
        answer = self._ask(self._case.ask)
        problems = problems_of(answer.response, answer.content, self._expected())
        return self._report(answer, problems) if problems else None

    def rehearse(self):
        """Do what is given; return the request that would be sent, without its credential.

        Raises:
            AssertionError: if what is given is refused.
        """
        for step in self._case.given:
            problem = self._prepare(step)
            assert problem is None, problem
        access = self._access(self._case.ask)
        for kind in CREDENTIALS[self._case.ask.surface][:1]:
            self._venue.equip(access, kind)
        return self._request(self._case.ask), access

    def _prepare(self, step):
        if step.do is not None:
            self._do(step)
            return None
        answer = self._ask(step)
        if answer.response.is_error and not step.refused:
            return self._report(answer, [f"given {step.route}: refused"])
        for name, place in step.keep.items():
            self._values[name] = self._found(answer, place)
            if self._values[name] is MISSING:
                return self._report(answer, [f"given {step.route}: nothing at {place}"])
        if step.method != "GET":
            self._venue.settle()
        return None

    @staticmethod
    def _found(answer, place):
        header = place.removeprefix("header ")
        if header != place:
            return answer.response.headers.get(header, MISSING)
        return at(place, answer.content)

    def _do(self, step):
        match step.do:
            case "advance":
                self._venue.advance(step.seconds)
            case "approve":
                self._venue.approve(self._filled(step.user_code), self._access(step).user_id)
            case "deny":
                self._venue.deny(self._filled(step.user_code))
            case "log_in":
                self._values["refresh_token"] = self._access(step).refresh_token
            case unknown:
                raise ValueError(f"do: {unknown} is unknown")

    def _ask(self, step):
        request = self._request(step)
        return Answer(self._venue.send(request, self._access(step), step.surface, step.by))

    def _request(self, step):
        path = step.route.partition(" ")[2]
        for name, value in step.path.items():
            path = path.replace(f"{{{name}}}", str(self._filled(value)))
        address = step.address or f"{getattr(self._venue.addresses, step.surface)}{path}"
        return self._venue.http.build_request(
            step.method,
            self._filled(address) if step.address else address,
            params=self._filled(step.query) or None,
            headers=self._headers(step),
            **self._content(step),
        )

    def _headers(self, step):
        kind = {} if step.text is None else {"content-type": "application/json"}
        return kind | self._filled(step.headers)

    def _content(self, step):
        if step.text is not None:
            return {"content": step.text.encode()}
        if step.form is not None:
            return {"data": self._filled(step.form)}
        return {} if step.body is None else {"json": self._filled(step.body)}

    def _access(self, step):
        if step.asks not in self._known:
            fresh = not self._case.changes_nothing
            self._known[step.asks] = self._venue.access_of(step.asks, fresh=fresh)
        return self._known[step.asks]

    def _filled(self, content):
        """The content with the values of its placeholders."""
        if isinstance(content, dict):
            return {name: self._filled(value) for name, value in content.items()}
        if isinstance(content, list):
            return [self._filled(value) for value in content]
        if not isinstance(content, str):
            return content
        whole = _PLACEHOLDER.fullmatch(content)
        if whole:
            return self._value(whole[1])
        return _PLACEHOLDER.sub(lambda found: str(self._value(found[1])), content)

    def _expected(self):
        """The expectation with the values of its placeholders."""
        expect = self._case.expect
        return replace(expect, equal=self._filled(expect.equal), among=self._filled(expect.among))

    def _value(self, name):
        if name not in self._values:
            self._values |= self._source_of(name)
        return self._values[name]

    def _source_of(self, name):
        if name in {"public_key", "fingerprint"}:
            pair = KeyPair.generate()
            return {"public_key": pair.public_key, "fingerprint": pair.fingerprint}
        if name in {"market_id", "market_uuid", "instrument_id", "instrument_uuid"}:
            return self._venue.market
        return self._venue.moments() | {"long_text": "x" * 129}

    def _report(self, answer, problems):
        request = answer.response.request
        expect = self._case.expect
        wanted = {name: value for name, value in vars(expect).items() if value}
        text = "\n".join(
            [
                self._case.label,
                *(f"  wrong     {problem}" for problem in problems),
                f"  asked     {request.method} {request.url}",
                f"  by        {self._case.ask.asks}",
                f"  body      {request.content.decode(errors='replace')}",
                f"  answered  {answer.response.status_code} {answer.response.text}",
                f"  expected  {wanted}",
            ]
        )
        for access in self._known.values():
            for secret in access.secrets:
                text = text.replace(secret, "***")
        return _SECRET_MEMBERS.sub(r'"\1": "***"', text)
