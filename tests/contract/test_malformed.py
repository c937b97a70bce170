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
        model = model_of(route, cases)
        if not route.awaited and model.expect.status and route.surface != "gateway":
            request, access = Conversation(venue, model).rehearse()
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
    """Everything that the accounts behind the requests have."""
    seen = {}
    for model in models:
        if model.access.user_id and model.access.user_id not in seen:
            seen[model.access.user_id] = [
                venue.send(
                    venue.http.build_request("GET", getattr(venue.addresses, surface) + path),
                    model.access,
                    surface,
                    "bearer",
                ).json()
                for surface, path in STATES
            ]
    return seen


STATES = (
    ("platform", "/api-keys"),
    ("platform", "/self/system-settings"),
)


def problems_of(venue, number):
    """Send so many hostile requests; return what was not refused as it must be."""
    models = list(wellformed(venue))
    before = owned(venue, models)
    chosen = seed()
    chance = random.Random(chosen)  # noqa: S311 -- replayable choices
    mill = Mill(chance, models, lambda: int(venue.now().timestamp()))
    with Assault(venue.addresses) as assault:
        answers = [assault.send(hostile) for hostile in mill.requests(number)]
    assert owned(venue, models) == before
    problems = [answer for answer in answers if answer]
    return [f"{SEED_VARIABLE}={chosen}", *problems[:SHOWN_PROBLEMS]] if problems else []


def test_five_hundred_malformed_requests_are_refused_and_change_nothing(emulator, http, callers):
    assert problems_of(EmulatedVenue(emulator, http, callers), 500) == []


@pytest.mark.slow
def test_ten_thousand_malformed_requests_leave_no_trace(http, callers):
    with command() as (process, ready):
        venue = EmulatedVenue(Commanded(ready, http), http, callers)
        assert problems_of(venue, 10_000) == []
        process.terminate()
        _, complaints = process.communicate(timeout=10)
        assert set(complaints.splitlines()) <= {"Invalid HTTP request received."}
