"""A fuzzer sends what the documents allow, and what they do not, and judges the answers.

The seed is printed with a failure; `THEGRID_TEST_SEED` repeats it.
"""

import os
import random
import re
from http import HTTPStatus

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from tests.contract.access import CREDENTIALS
from tests.contract.book import ROUTES, read
from tests.contract.conversation import Conversation
from tests.contract.derived import all_cases, model_of
from tests.contract.venues import EmulatedVenue
from tests.openapi.served import SURFACES, anonymous, served

from thegrid_emulator.openapi import document_of

SEED_VARIABLE = "THEGRID_TEST_SEED"
SEED = int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().randrange(10**9))
EXAMPLES = 25
PREFIXES = {"platform": "/api/v1"}
DOCUMENTED_FAILURES = {("cancelOrder", 500), ("completeChat", 503), ("createMessage", 503)}
KNOWN = {"client_id": "grid-cli-public", "scope": "keys:manage"}
CONFORMANCE = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
SERVED = served()
OPERATIONS = [
    (surface, method, path)
    for surface in SURFACES
    for path, operations in document_of(surface, ["/v1"])["paths"].items()
    for method in operations
    if (method, anonymous(path)) in SERVED[surface]
]


class Shown(requests.auth.AuthBase):
    """Shows the credential that a surface expects, a signature of the very bytes included."""

    def __init__(self, venue, access, surface):
        self._venue, self._access, self._kinds = venue, access, CREDENTIALS[surface]

    def __call__(self, request):
        body = request.body or b""
        shown = self._access.shown(
            self._kinds,
            request.method,
            request.path_url.partition("?")[0].encode(),
            body if isinstance(body, bytes) else body.encode(),
            int(self._venue.now().timestamp()),
        )
        request.headers.update(shown)
        return request


@pytest.fixture(scope="module")
def venue(emulator, http):
    return EmulatedVenue(emulator, http, read("callers.json")["callers"])


@pytest.fixture(scope="module")
def session():
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture(scope="module")
def schemas(venue):
    """The documents as the listeners serve them."""
    origins = {
        surface: getattr(venue.addresses, surface).removesuffix(PREFIXES.get(surface, "/v1"))
        for surface in SURFACES
    }
    return {
        surface: schemathesis.openapi.from_dict(
            venue.http.get(f"{origin}/_emulator/openapi.json").json()
        )
        for surface, origin in origins.items()
    }


def accepted(venue, surface, method, path):
    """A request to a route that the contract's cases know to be accepted, and who sends it."""
    for route in ROUTES:
        wanted = (surface, method, anonymous(path))
        if (route.surface, route.method.lower(), anonymous(route.path)) == wanted:
            return Conversation(venue, model_of(route, all_cases())).rehearse()
    raise LookupError(f"{method} {path} on {surface} is no route of the contract")


def values_in(request, path):
    """The values that a request has for the parameters of its path."""
    pattern = re.sub(r"\\\{([^}]*)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
    return re.search(f"{pattern}$", request.url.path).groupdict() if "{" in path else {}


def cases_of(operation):
    """What the document allows, and what it does not."""
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.query:
        modes.append(GenerationMode.NEGATIVE)
    return st.one_of([operation.as_strategy(mode) for mode in modes])


def lead_to_something(case, alive):
    """Put values that exist where the fuzzer made some up, and leave the credential to `Shown`."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part |= {name: alive[name] for name in alive.keys() & part.keys()}
    for header in ("authorization", "x-api-key", "x-thegrid-signature"):
        case.headers.pop(header, None)


@pytest.mark.slow
@pytest.mark.parametrize(("surface", "method", "path"), OPERATIONS, ids=lambda it: it)
def test_the_answers_are_those_of_the_document(venue, session, schemas, surface, method, path):
    operation = schemas[surface][path][method]
    request, access = accepted(venue, surface, method, path)
    alive = {**KNOWN, **values_in(request, path), **venue.market}
    shown = Shown(venue, access, surface)
    name = operation.definition.raw["operationId"]

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases_of(operation), exists=st.booleans())
    def judge(case, exists):
        lead_to_something(case, alive if exists else {})
        base = getattr(venue.addresses, surface)
        answer = case.call(base_url=base, session=session, auth=shown)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            assert (name, answer.status_code) in DOCUMENTED_FAILURES, answer.text
        case.validate_response(answer, checks=CONFORMANCE)

    try:
        judge()
    except BaseException:
        print(f"{SEED_VARIABLE}={SEED}")  # noqa: T201 -- how to repeat a failure
        raise
