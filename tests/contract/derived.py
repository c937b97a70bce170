"""Cases that follow from what a route is, built from its first case that succeeds.

Wherever a credential is asked for, none and an unknown one are refused, and so is one request too
many; wherever a scope is, a login without it; an id in the path must exist; a body must be JSON.
"""

import re
import uuid
from dataclasses import replace

from tests.contract.book import ROUTES, Case, Expectation, Step, written

_UNAUTHORIZED = {
    "platform": Expectation(status=[401, 403], shape="OAuthRefusal", code="invalid_token"),
    "trading": Expectation(status=[401], shape="ApiRefusal"),
    "consumption": Expectation(status=[401], shape="ApiRefusal"),
    "messages": Expectation(status=[401], shape="MessagesRefusal"),
}
_LIMIT_HEADERS = ["retry-after|x-ratelimit-retry-after"]


def all_cases():
    """Every case of the contract: the written ones and those that follow from the routes."""
    cases = list(written())
    return [*cases, *(it for route in ROUTES for it in derived(route, model_of(route, cases)))]


def model_of(route, cases):
    """The first case of a route that succeeds, from which others are derived.

    Raises:
        LookupError: if there is none though the route can succeed.
    """
    for case in cases:
        is_of_route = (case.ask.surface, case.ask.route) == (route.surface, route.route)
        if is_of_route and set(case.expect.status) <= set(route.ok):
            return case
    if route.ok:
        raise LookupError(f"{route.surface}: {route.route} has no case that succeeds")
    return Case(
        name="never succeeds",
        ask=Step(surface=route.surface, route=route.route, body={} if route.body else None),
        expect=Expectation(status=[], shape="Refusal"),
    )


def derived(route, model):
    """The cases that follow from a route."""
    if route.needs_a_credential:
        yield from _without_a_right(route, model)
    if "{" in route.path and route.ok:
        yield _with_an_unknown_id(route, model)
    if route.body and route.ok:
        yield from _with_a_bad_body(route, model)
    if route.auth == "signature" and route.ok:
        yield _by_bearer(route, model)


def _without_a_right(route, model):
    asked = _with_made_up_values(model.ask)
    refused = _UNAUTHORIZED[route.surface]
    if route.auth != "optional_key":
        yield Case(
            name=f"{route.route} without a credential is refused",
            ask=replace(asked, asks="nobody"),
            expect=refused,
            read_only=model.read_only,
        )
    yield Case(
        name=f"{route.route} with an unknown credential is refused",
        ask=replace(asked, asks="stranger"),
        expect=refused,
        read_only=model.read_only,
    )
    by_stranger = replace(asked, asks="stranger")
    yield Case(
        name=f"{route.route} once too often is refused",
        ask=by_stranger,
        expect=Expectation(status=[429], shape=_error_shape(route), headers=_LIMIT_HEADERS),
        given=[replace(by_stranger, refused=True)],
        limited=True,
    )
    if route.scope:
        yield Case(
            name=f"{route.route} by a login without {route.scope} is refused",
            ask=replace(asked, asks=f"without {route.scope}", by="bearer"),
            expect=Expectation(
                status=[403],
                shape=refused.shape,
                code=None if route.supplier else "insufficient_scope",
            ),
        )


def _with_an_unknown_id(route, model):
    return Case(
        name=f"{route.route} of something that does not exist is refused",
        ask=_with_made_up_values(model.ask),
        expect=Expectation(status=[404], shape="Refusal"),
        read_only=model.read_only,
    )


def _with_a_bad_body(route, model):
    for what, text in (("broken JSON", '{"'), ("a list", "[]"), ("nothing at all", "")):
        yield replace(
            model,
            name=f"{route.route} with {what} as its body is refused",
            ask=replace(model.ask, body=None, text=text),
            expect=Expectation(status=[400], shape=_error_shape(route)),
            read_only=False,
        )


def _by_bearer(route, model):
    return replace(model, name=f"{model.name}, by bearer too", ask=replace(model.ask, by="bearer"))


def _error_shape(route):
    return "MessagesRefusal" if route.surface == "messages" else "Refusal"


def _with_made_up_values(step):
    """The request with ids of its path that nothing has."""
    kind = re.search(r"/([a-z]+)s/\{", step.route)
    prefix = f"{kind[1]}-" if kind and kind[1] in {"market", "instrument", "order"} else ""
    unknown = f"{prefix}{uuid.UUID(int=0xDEAD, version=4)}"
    return replace(step, path=dict.fromkeys(re.findall(r"\{([^}]*)\}", step.route), unknown))
