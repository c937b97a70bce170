"""Nothing that is malformed gets anything but a refusal, and nothing changes by it.

The seed is printed with a failure; `THEGRID_TEST_SEED` repeats it.
"""

import os
import random

import pytest
from tests.contract.assault import Assault
from tests.contract.book import ROUTES
from tests.contract.commanded import Commanded, command
from tests.contract.conversation import Conversation
from tests.contract.derived import all_cases, model_of
from tests.contract.hostile import Mill, Wellformed
from tests.contract.venues import EmulatedVenue

SEED_VARIABLE = "THEGRID_TEST_SEED"
SHOWN_PROBLEMS = 20


def seed():
    return int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().randrange(10**9))


def wellformed(venue):
    """A request to each route that the market accepts, and what it is about."""
    cases = all_cases()
    for route in ROUTES:
        if not route.ok or route.surface == "gateway":
            continue
        request, access = Conversation(venue, model_of(route, cases)).rehearse()
        yield Wellformed(
            surface=route.surface,
            route=route.route,
            method=request.method,
            target=request.url.raw_path,
            headers=dict(request.headers),
            body=request.content,
            access=access,
        )


def owned(venue, models):
    """Everything that the accounts behind the requests have, and all that the market holds."""
    venue.settle()
    seen = {"totals": venue.totals()}
    for model in models:
        if model.access.user_id and model.access.user_id not in seen:
            seen[model.access.user_id] = [
                without_last_use(state_of(venue, model.access, surface, path))
                for surface, path in STATES
            ]
    return seen


def state_of(venue, access, surface, path):
    request = venue.http.build_request("GET", getattr(venue.addresses, surface) + path)
    return venue.send(request, access, surface, "bearer").raise_for_status().json()


def without_last_use(content):
    """The same without the times of last use: a signed request counts as one, however wrong."""
    if isinstance(content, list):
        return [without_last_use(it) for it in content]
    if not isinstance(content, dict):
        return content
    return {key: without_last_use(it) for key, it in content.items() if key != "last_used_at"}


STATES = (
    ("platform", "/api-keys"),
    ("platform", "/signing-keys"),
    ("platform", "/self/system-settings"),
    ("trading", "/orders"),
    ("trading", "/trades"),
    ("trading", "/trading-accounts"),
    ("trading", "/consumption-accounts"),
    ("trading", "/transfer-histories"),
)


def problems_of(venue, number):
    """Send so many hostile requests; return what went wrong as a text."""
    models = list(wellformed(venue))
    before = owned(venue, models)
    chosen = seed()
    chance = random.Random(chosen)  # noqa: S311 -- replayable choices
    mill = Mill(chance, models, lambda: int(venue.now().timestamp()))
    with Assault(venue.addresses) as assault:
        answers = [assault.send(hostile) for hostile in mill.requests(number)]
    problems = [answer for answer in answers if answer][:SHOWN_PROBLEMS]
    after = owned(venue, models)
    problems += [f"{owner}: has changed" for owner in before if after[owner] != before[owner]]
    return "\n".join([f"{SEED_VARIABLE}={chosen}", *problems]) if problems else ""


def test_five_hundred_malformed_requests_are_refused_and_change_nothing(emulated_venue):
    assert problems_of(emulated_venue, 500) == ""


@pytest.mark.slow
def test_ten_thousand_malformed_requests_leave_no_trace(http, callers, tmp_path):
    file = tmp_path / "stderr"
    with file.open("wb") as complaints, command(complaints) as (process, ready):
        venue = EmulatedVenue(Commanded(ready, http), http, callers)
        assert problems_of(venue, 10_000) == ""
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert set(file.read_text().splitlines()) <= {"Invalid HTTP request received."}
