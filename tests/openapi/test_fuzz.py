"""A fuzzer sends what the documents allow, and what they do not, and judges the answers.

The seed is printed with a failure; `THEGRID_TEST_SEED` repeats it.
"""

import os
import random

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from tests.contract.access import CREDENTIALS
from tests.contract.book import read
from tests.contract.venues import EmulatedVenue
from tests.openapi.served import anonymous, served

from thegrid_emulator.openapi import document_of

SEED_VARIABLE = "THEGRID_TEST_SEED"
SEED = int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().randrange(10**9))
EXAMPLES = 25
PREFIXES = {"platform": "/api/v1"}
CALLERS = {
    "platform": "owner",
    "trading": "trader",
    "consumption": "owner",
    "messages": "owner",
    "gateway": "nobody",
}
DOCUMENTED_FAILURES = {("cancelOrder", 500), ("completeChat", 503), ("createMessage", 503)}
CONFORMANCE = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]

SERVED = served()
OPERATIONS = [
    (surface, method, path)
    for surface in CALLERS
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
    origins = {surface: getattr(venue.addresses, surface) for surface in CALLERS}
    documents = {
        surface: base.removesuffix(PREFIXES.get(surface, "/v1")) + "/_emulator/openapi.json"
        for surface, base in origins.items()
    }
    return {
        surface: schemathesis.openapi.from_dict(venue.http.get(document).json())
        for surface, document in documents.items()
    }


def cases_of(operation, alive):
    """What the document allows, what it does not, and both about something that exists."""
    named = {it: value for it, value in alive.items() if f"{{{it}}}" in operation.path}
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.query:
        modes.append(GenerationMode.NEGATIVE)
    return st.one_of(
        [
            strategy
            for mode in modes
            for strategy in (
                operation.as_strategy(mode),
                *([operation.as_strategy(mode, path_parameters=named)] if named else []),
            )
        ]
    )


@pytest.fixture(scope="module")
def alive(venue):
    """Ids of things that exist."""
    can_be_found = ("get", "/markets") in SERVED["trading"]
    return {**venue.market, "symbol": "text-prime"} if can_be_found else {}


@pytest.mark.slow
@pytest.mark.parametrize(("surface", "method", "path"), OPERATIONS, ids=lambda it: it)
def test_the_answers_are_those_of_the_document(
    venue, session, schemas, alive, surface, method, path
):
    operation = schemas[surface][path][method]
    access = venue.access_of(CALLERS[surface], fresh=False)
    venue.equip(access, surface)
    shown = Shown(venue, access, surface)
    base = getattr(venue.addresses, surface)
    name = operation.definition.raw["operationId"]

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases_of(operation, alive))
    def judge(case):
        if isinstance(case.body, dict):
            case.body |= {it: alive[it] for it in alive if case.body.get(it)}
        answer = case.call(base_url=base, session=session, auth=shown)
        if answer.status_code >= 500:
            assert (name, answer.status_code) in DOCUMENTED_FAILURES, answer.text
        case.validate_response(answer, checks=CONFORMANCE)

    try:
        judge()
    except BaseException:
        print(f"{SEED_VARIABLE}={SEED}")  # noqa: T201 -- how to repeat a failure
        raise
