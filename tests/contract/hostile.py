"""Requests that no market may accept, made from requests that it would.

Pure, but for the signatures' time. Whatever is made here is wrong in itself, so that the only right
answer is a refusal: a body that is no JSON or of the wrong type, a path that leads nowhere, a
method that nobody serves, a credential that is none, or no HTTP at all.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.contract.access import CREDENTIALS, Access
from tests.contract.book import ROUTES
from tests.contract.hostile_parts import (
    CONTENT_TYPES,
    MARK,
    NO_HTTP,
    NO_VALUES,
    STRICT_QUERIES,
)

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get")
_LONG = 20_000
_DEEP = 20_000


@dataclass(frozen=True)
class Wellformed:
    """A request that a surface accepts, and who sends it."""

    surface: str
    route: str
    method: str
    target: bytes
    headers: dict[str, str]
    body: bytes
    access: Access = field(repr=False)

    @property
    def members(self):
        """The JSON object of the body, None if there is none."""
        return json.loads(self.body) if self.body.startswith(b"{") else None


@dataclass(frozen=True)
class Hostile:
    """Bytes for one connection.

    Attributes:
        surface: where they are sent.
        what: what is wrong with them.
        method: as the answer's reader must know it.
        wire: the bytes.
        is_http: whether an answer in the surface's envelope is due.
    """

    surface: str
    what: str
    method: str
    wire: bytes = field(repr=False)
    is_http: bool = True


class Mill:
    """Makes hostile requests.

    Args:
        chance: source of all choices (`random.Random`).
        wellformed: what they are made from.
        unix_seconds: returns the market's time.
    """

    def __init__(self, chance, wellformed, unix_seconds: Callable[[], int]):
        self._chance = chance
        self._wellformed = wellformed
        self._unix_seconds = unix_seconds
        self._ways = (
            self._bad_json,
            self._bad_json,
            self._bad_member,
            self._bad_member,
            self._bad_credential,
            self._bad_signature,
            self._bad_path,
            self._bad_path,
            self._bad_method,
            self._bad_query,
            self._bad_form,
            self._body_on_a_read,
            self._no_http,
        )

    def requests(self, number):
        """Yield so many hostile requests."""
        for _ in range(number):
            yield self._chance.choice(self._ways)()

    def _bad_json(self):
        model = self._pick(lambda it: it.members is not None)
        what, body = self._chance.choice(self._broken_bodies(model.body))
        return self._made(model, f"a body of {what}", body=body)

    def _broken_bodies(self, body):
        cut = self._chance.randrange(len(body))
        return [
            (f"{cut} of {len(body)} bytes", body[:cut]),
            ("two objects", body + body),
            ("a list", b"[" + body + b"]"),
            ("a number", b"1e400"),
            ("no number", b"NaN"),
            ("half a surrogate", b'"\\ud800"'),
            ("bytes that are no UTF-8", b'{"\xff\xfe": 1}' + b"\xc3"),
            ("another encoding", body.decode().encode("utf-16")[:-1]),
            ("deep lists", b"[" * _DEEP),
            ("deep objects", b'{"a":' * _DEEP),
            ("a byte of nothing", b"\0"),
            ("a huge integer", b'{"a": ' + b"9" * _LONG + b"}"),
        ]

    def _bad_member(self):
        model = self._pick(lambda it: bool(it.members))
        content = model.members
        holder, name = self._chance.choice(list(_leaves(content)))
        holder[name] = MARK
        what, text = self._chance.choice(NO_VALUES)
        body = json.dumps(content).replace(json.dumps(MARK), text).encode()
        return self._made(model, f"{name}: {what}", body=body)

    def _bad_credential(self):
        model = self._pick(_is_guarded)
        what, value = self._chance.choice(
            [
                ("no credential", None),
                ("an empty credential", b""),
                ("an unknown scheme", b"Basic Z3JpZDpncmlk"),
                ("a scheme alone", b"Bearer"),
                ("an unknown token", b"Bearer grid_at_" + self._noise(43)),
                ("a long token", b"Bearer " + b"x" * _LONG),
                ("a token beyond ASCII", "Bearer grid_at_ключ".encode()),
                ("a token of other bytes", b"Bearer \xff\xfe\x80"),
                ("blanks", b"   "),
            ]
        )
        name = b"x-api-key" if model.surface == "messages" else b"authorization"
        if value is None and model.route == "GET /models":
            value = b"Bearer of no key"
        shown = {} if value is None else {name: value}
        return self._made(model, what, shown=shown)

    def _bad_signature(self):
        model = self._pick(lambda it: it.surface == "trading" and _is_guarded(it))
        good = self._shown(model, model.method, model.target, model.body)
        header = self._chance.choice(sorted(good))
        what, value = self._chance.choice(
            [
                ("no base64", b"***"),
                ("base64 cut short", good[header][:-3]),
                ("nothing", b""),
                ("a long value", b"A" * _LONG),
                ("a value beyond ASCII", "é".encode() * 8),
                ("a fraction", b"1767225600.5"),
                ("a huge number", b"9" * 400),
                ("a negative number", b"-1"),
                ("digits beyond ASCII", "१७६७२२५६००".encode()),
            ]
        )
        return self._made(model, f"{header.decode()}: {what}", shown=good | {header: value})

    def _bad_path(self):
        model = self._pick()
        path, _, query = model.target.partition(b"?")
        prefix = next(it for it in (b"/api/v1", b"/v1") if path.startswith(it))
        rest = path.removeprefix(prefix)
        trick = self._chance.choice(
            [
                prefix + b"/" + rest,
                prefix + b"/%2e%2e" + prefix + rest,
                prefix + b"/.." + prefix + rest,
                prefix + b"/." + rest,
                prefix + rest + b"/",
                prefix + rest + b"/%2e",
                prefix + rest + b"%00",
                prefix + rest + b"%2f",
                prefix + rest + b"%2Fx",
                prefix + rest + b"%ff",
                prefix + rest + b"%",
                prefix + rest + b"%zz",
                prefix + rest + b";x=1",
                prefix + rest + b"\\",
                prefix + prefix + rest,
                prefix + rest.replace(b"/", b"%2f"),
                prefix.upper() + rest,
                prefix + b"/" + b"a" * _LONG,
                prefix + b"/a" * 2000,
                rest or b"/",
                b"/",
            ]
        )
        target = trick + b"?" + query if query else trick
        return self._made(model, "a path that leads nowhere", target=target)

    def _bad_method(self):
        model = self._pick()
        served = {
            route.method
            for route in ROUTES
            if route.surface == model.surface and _fits(route.path, _path_of(model))
        }
        method = self._chance.choice([it for it in _METHODS if it not in served])
        return self._made(model, f"method {method}", method=method)

    def _bad_query(self):
        model = self._pick(lambda it: it.route in STRICT_QUERIES)
        name, values = self._chance.choice(STRICT_QUERIES[model.route])
        value = self._chance.choice(values)
        target = model.target.partition(b"?")[0] + f"?{name}={value}".encode()
        return self._made(model, f"{name}={value}", target=target)

    def _bad_form(self):
        model = self._pick(lambda it: it.members is not None)
        content_type = self._chance.choice(CONTENT_TYPES)
        body = self._chance.choice([b"a=1&b=%zz", b"%ff=%00", b"--x\r\n\r\n", b"<a/>", b"\x1f\x8b"])
        return self._made(model, f"content type {content_type}", body=body, kind=content_type)

    def _body_on_a_read(self):
        model = self._pick(
            lambda it: it.method == "GET" and it.surface == "trading" and _is_guarded(it)
        )
        shown = self._shown(model, "GET", model.target, b"")
        return self._made(model, "a body that is not signed", body=b'{"a": 1}', shown=shown)

    def _no_http(self):
        model = self._pick()
        what, wire = self._chance.choice(NO_HTTP)
        return Hostile(model.surface, what, "GET", wire(model), is_http=False)

    def _pick(self, fits=lambda _: True):
        return self._chance.choice([it for it in self._wellformed if fits(it)])

    def _noise(self, length):
        return bytes(
            self._chance.choice(b"abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length)
        )

    def _shown(self, model, method, target, body):
        path = target.partition(b"?")[0]
        kinds = CREDENTIALS[model.surface]
        shown = model.access.shown(kinds, method, path, body, self._unix_seconds())
        return {name.encode(): value.encode() for name, value in shown.items()}

    def _made(self, model, what, *, method=None, target=None, body=None, shown=None, kind=None):
        """The well-formed request with some parts replaced, its credential fitting the rest."""
        method = method or model.method
        target = model.target if target is None else target
        body = model.body if body is None else body
        if shown is None:
            shown = self._shown(model, method, target, body)
        content_type = kind or model.headers.get("content-type", "application/json")
        lines = [
            f"{method} ".encode() + target + b" HTTP/1.1",
            b"host: emulator.invalid",
            b"content-type: " + content_type.encode(),
            f"content-length: {len(body)}".encode(),
            *(name + b": " + value for name, value in shown.items()),
        ]
        wire = b"\r\n".join(lines) + b"\r\n\r\n" + body
        return Hostile(model.surface, f"{model.method} {model.route}: {what}", method, wire)


def _leaves(content):
    """Every member of a JSON object that is no object or list itself, with what holds it."""
    for name, value in list(content.items() if isinstance(content, dict) else enumerate(content)):
        if isinstance(value, dict | list):
            yield from _leaves(value)
        else:
            yield content, name


def _is_guarded(model):
    route = next(it for it in ROUTES if (it.surface, it.route) == (model.surface, model.route))
    return route.needs_a_credential


def _path_of(model):
    path = model.target.partition(b"?")[0].decode()
    return re.sub(r"^/(api/)?v1", "", path)


def _fits(pattern, path):
    return re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(pattern)), path) is not None
