"""A market that changes its mind about what it has told."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from tests.crash.people import NAMESPACE
from tests.crash.state import entries
from tests.operator.worlds import declare, worlds_end

HOUR = 3600


def works(world):
    held = entries(world.api.find("secrets", NAMESPACE, "app-grid"))
    return world.market.accepts(held["OPENAI_API_KEY"])


def test_a_life_that_the_market_shortens_ends_in_no_secret():
    """The answer to its making promised a month; the listing tells the truth two hours ahead."""
    worked = []

    def story(world, people):
        declare(people, rotateAfter="14d", overlap="30m")
        yield 60
        (row,) = world.market.rows()
        row.expires_at = world.market.clock.now() + timedelta(hours=2)
        for _ in range(3 * 60):
            yield 60
            worked.append(works(world))

    world = worlds_end(story)

    assert all(worked)
    assert len(world.market.rows()) == 2


@pytest.mark.parametrize(
    "change", [lambda name: name[:100], lambda name: name.replace("<", "&lt;")]
)
@pytest.mark.parametrize("methods", [("GET", "POST"), ("GET",)])
def test_a_market_that_keeps_no_names_gets_one_key_and_not_one_after_the_other(change, methods):
    def story(world, people):
        answer = world.market.answer

        def renamed(request):
            told = answer(request)
            if (
                told.is_error
                or "/api-keys" not in request.url.path
                or request.method not in methods
            ):
                return told
            body = told.json()
            for row in body["data"] if isinstance(body["data"], list) else [body["data"]]:
                row["name"] = change(row["name"])
            return httpx.Response(
                told.status_code, headers={"date": told.headers["date"]}, json=body
            )

        world.market.answer = renamed
        declare(people)
        yield HOUR

    world = worlds_end(story)

    assert len(world.market.rows()) == 1
    assert world.people.reads("consumptionkeys", "app") == "KeyNameLost"
