"""A real account is only read, whatever a case says."""

import json

import httpx
import pytest
from tests.contract.account import VARIABLE, chosen_account
from tests.contract.book import Case, Expectation, Step
from tests.contract.conversation import Conversation
from tests.contract.derived import all_cases
from tests.contract.venues import ForbiddenRequest, RealVenue
from tests.emulation import emulated


@pytest.fixture(scope="module")
def steady_emulator():
    """One of our own: nobody moves the clock of a real market."""
    with emulated() as running:
        yield running


@pytest.fixture
def environment(steady_emulator):
    """What a user sets to name an account, here one of the emulator."""
    account = steady_emulator.create_account()
    return {
        VARIABLE: "environment",
        "THEGRID_PLATFORM_URL": steady_emulator.platform,
        "THEGRID_TRADING_URL": steady_emulator.trading,
        "THEGRID_CONSUMPTION_URL": steady_emulator.consumption,
        "THEGRID_MESSAGES_URL": steady_emulator.messages,
        "THEGRID_ACCESS_TOKEN": account.access_token,
    }


@pytest.fixture
def wire():
    """What reached the network."""
    return []


@pytest.fixture
def real(environment, wire):
    class Noting(httpx.HTTPTransport):
        def handle_request(self, request):
            wire.append(request.method)
            return super().handle_request(request)

    addresses, access = chosen_account(environment)
    with RealVenue(addresses, access, inner=Noting()) as venue:
        yield venue


def test_no_account_is_named_unless_somebody_names_one():
    assert chosen_account({"THEGRID_ACCESS_TOKEN": "planted"}) is None


def test_its_read_only_cases_run_and_only_read(real, wire):
    cases = [case for case in all_cases() if case.read_only]
    assert len(cases) > 10
    problems = [Conversation(real, case).hold() for case in cases]
    assert [problem for problem in problems if problem] == []
    assert set(wire) == {"GET"}
    assert len(wire) >= len(cases)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_else_can_be_sent(real, wire, method):
    case = Case(
        name="Something changes",
        ask=Step(surface="platform", route=f"{method} /api-keys", body={"api_key": {}}),
        expect=Expectation(status=[200], shape="Anything"),
        read_only=True,
    )
    with pytest.raises(ForbiddenRequest, match="only reads go to a real account"):
        Conversation(real, case).hold()
    assert wire == []


def test_a_read_cannot_carry_a_body(real, wire):
    with pytest.raises(ForbiddenRequest, match="only reads"):
        real.http.request("GET", f"{real.addresses.platform}/api-keys", json={})
    assert wire == []


def test_no_other_host_is_asked(real, wire):
    with pytest.raises(ForbiddenRequest, match="own hosts"):
        real.http.get("http://127.0.0.1:1/v1/me")
    assert wire == []


def test_a_report_shows_no_secret(real, environment):
    case = Case(
        name="The answer is wrong",
        ask=Step(surface="platform", route="GET /users/self"),
        expect=Expectation(status=[418], shape="Anything"),
    )
    problem = Conversation(real, case).hold()
    assert "the status is 200" in problem
    assert environment["THEGRID_ACCESS_TOKEN"] not in problem


def test_a_report_shows_no_secret_of_an_answer(venue):
    case = Case(
        name="The answer is wrong",
        ask=Step(surface="platform", route="POST /api-keys", body={"api_key": {"name": "shown"}}),
        expect=Expectation(status=[200, 201], shape="Anything", equal={"/data/name": "other"}),
    )
    problem = Conversation(venue, case).hold()
    answered = next(line for line in problem.splitlines() if "answered" in line)
    assert json.loads(answered[answered.index("{") :])["data"]["key"] == "***"
