"""As whom a stack acts: which place wins, and profiles whose login is refreshed."""

import json

import pulumi
import pytest
from tests.provider.refusals import one_line

from pulumi_thegrid import ConsumptionKey, Provider
from pulumi_thegrid._login import find_login
from thegrid.client import Endpoints, Misuse
from thegrid.client.endpoints import ENVIRONMENTS
from thegrid.core.secret import Secret

DEV = ENVIRONMENTS["dev"]
REFRESH = "/api/v1/oauth/token"


def one_key():
    ConsumptionKey("ci")


@pytest.fixture
def environ(tmp_path):
    """Makes the environment of a user with the profiles `team` and `trader`."""
    path = tmp_path / "some-profiles.json"
    profiles = {
        "team": {"access_token": "of team", "api_url": DEV.trading},
        "trader": {"signing_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
    }
    path.write_text(json.dumps({"profiles": profiles, "current_profile": "team"}))
    return lambda **variables: {"GRID_CREDENTIALS_FILE": str(path), **variables}


PLACES = {
    "an explicit provider's own profile comes first": (
        {"own_profile": "team", "profile": "trader", "access_token": "configured"},
        {"THEGRID_ACCESS_TOKEN": "of environment"},
        "of team",
    ),
    "a configured token comes before everything in the environment": (
        {"access_token": "configured"},
        {"THEGRID_ACCESS_TOKEN": "of environment", "THEGRID_PROFILE": "team"},
        "configured",
    ),
    "a configured token comes before a configured profile": (
        {"access_token": "configured", "profile": "team"},
        {},
        "configured",
    ),
    "the environment's token comes before any named profile, as in CI": (
        {"profile": "nobody has this in CI"},
        {"THEGRID_ACCESS_TOKEN": "of environment"},
        "of environment",
    ),
    "a configured profile comes before the environment's": (
        {"profile": "team"},
        {"THEGRID_PROFILE": "trader"},
        "of team",
    ),
    "the environment names a profile": ({}, {"THEGRID_PROFILE": "team"}, "of team"),
    "the vendor's variables and the current profile are not read": (
        {},
        {"GRID_PROFILE": "team", "SIGNING_KEY": "AAEC", "API_URL": DEV.trading},
        None,
    ),
}


@pytest.mark.parametrize("sentence", PLACES)
def test_the_first_place_wins(environ, sentence):
    configured, variables, token = PLACES[sentence]
    login = find_login(configured, environ(**variables))
    if token is None:
        assert login.source is None
        assert "access_token: not set" in login.problem
        assert login.endpoints == Endpoints()
        return
    source = login.source
    assert (source if isinstance(source, Secret) else source.token()).reveal() == token
    assert login.endpoints == (DEV if token == "of team" else Endpoints())
    assert login.recorded is (token == "configured")


PROBLEMS = {
    "there is no such profile": (
        {"profile": "nobody"},
        {},
        "there is no profile 'nobody' (there are: team, trader)",
    ),
    "the profile holds a trading key only": (
        {"profile": "trader"},
        {},
        "holds a trading key only, and this needs an OAuth login: thegrid login",
    ),
    "a configured address would lead the profile's login elsewhere": (
        {"profile": "team", "platform_url": "https://elsewhere.test"},
        {},
        "platform_url: names another market than",
    ),
    "a variable would lead it elsewhere": (
        {"own_profile": "team"},
        {"THEGRID_TRADING_URL": "https://elsewhere.test/v1"},
        "trading_url: names another market than",
    ),
}


@pytest.mark.parametrize("sentence", PROBLEMS)
def test_a_profile_that_cannot_be_used_is_told_when_it_is_needed(environ, sentence):
    configured, variables, told = PROBLEMS[sentence]
    login = find_login(configured, environ(**variables))
    assert login.source is None
    assert told in login.problem


def test_an_address_that_agrees_with_the_profile_is_no_trouble(environ):
    said = {"profile": "team", "trading_url": DEV.trading + "/"}
    assert find_login(said, environ()).problem == ""


def test_without_a_profile_no_home_directory_is_needed(monkeypatch):
    monkeypatch.setenv("HOME", "")
    assert find_login({"access_token": "configured"}, {}).problem == ""


@pytest.mark.parametrize("field", ["access_token", "refresh_token"])
def test_a_refresh_token_is_refused_wherever_it_stands(environ, field):
    with pytest.raises(
        Misuse, match=rf"^{field}: .*a refresh uses it up.*name a profile"
    ) as caught:
        find_login({field: "grid_rt_planted"}, environ())
    assert "planted" not in str(caught.value)


@pytest.fixture
def engine(new_engine, addresses, profiles, monkeypatch):
    """A stack without any login of its own, on a machine with profiles."""
    for variable in ("THEGRID_ACCESS_TOKEN", "THEGRID_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    engine = new_engine(addresses)
    engine.environment["GRID_CREDENTIALS_FILE"] = str(profiles.path)
    return engine


def refreshes(market):
    return sum(it["path"] == REFRESH for it in market.journal())


def test_a_profile_s_login_is_refreshed_in_its_file_and_nowhere_else(
    engine, market, account, profiles, log_in
):
    log_in("team", account, seconds=30)
    engine.config["thegrid:profile"] = "team"
    before = refreshes(market)
    engine.up(one_key)
    assert engine.outputs("ci")["account_id"] == account.user_id
    assert refreshes(market) == before + 1
    kept = profiles.read().profile("team").login
    assert kept.refresh.reveal() != account.refresh_token
    everything = repr([engine.state, engine.config])
    for token in (kept.access, kept.refresh):
        assert token.reveal() not in everything
    engine.end_servers()
    assert engine.refresh().steps["ci"] == "same"
    engine.destroy()
    assert refreshes(market) == before + 1
    assert not [key for key in market.api_keys(account.user_id) if key["is_active"]]


def test_the_environment_names_the_profile(engine, account, log_in):
    log_in("team", account)
    engine.environment["THEGRID_PROFILE"] = "team"
    engine.up(one_key)
    assert engine.outputs("ci")["account_id"] == account.user_id


def test_several_profiles_serve_several_accounts_in_one_stack(engine, market, account, log_in):
    other = market.create_account(access_token_seconds=3600)
    log_in("mine", account)
    log_in("theirs", other)
    engine.config |= {"thegrid:profile": "mine", "thegrid:accessToken": account.access_token}

    def program():
        ConsumptionKey("mine")
        theirs = Provider("theirs", profile="theirs")
        ConsumptionKey("their-key", opts=pulumi.ResourceOptions(provider=theirs))

    engine.up(program)
    assert engine.outputs("mine")["account_id"] == account.user_id
    assert engine.outputs("their-key")["account_id"] == other.user_id
    assert engine.recorded("theirs").inputs == {"thegrid:ownProfile": "theirs"}
    assert set(engine.up(program).steps.values()) == {"same"}
    engine.destroy()


def test_a_preview_needs_no_profile_and_up_says_how_to_get_one(engine):
    engine.config["thegrid:profile"] = "team"
    assert engine.preview(one_key).steps["ci"] == "create"
    with pytest.raises(RuntimeError) as error:
        engine.up(one_key)
    assert "ConsumptionKey 'ci': profile: " in one_line(error)
    assert "there is no profile 'team'" in one_line(error)


def test_a_login_that_is_used_up_is_told_with_the_command_that_makes_another(
    engine, account, log_in
):
    log_in("team", account, seconds=30)
    log_in("copy", account, seconds=30)
    engine.config["thegrid:profile"] = "copy"
    engine.up(one_key)
    engine.end_servers()
    engine.config["thegrid:profile"] = "team"
    with pytest.raises(RuntimeError) as error:
        engine.refresh()
    line = one_line(error)
    assert "log in again: thegrid login --profile team" in line
    assert "a likely cause" not in line, "the state records no login of a profile"


def test_a_rejected_login_is_explained_by_what_the_state_records(engine, account, market):
    engine.config["thegrid:accessToken"] = account.access_token
    engine.up(one_key)
    engine.config["thegrid:accessToken"] = "grid_at_stale"
    for operation in (engine.refresh, engine.destroy):
        with pytest.raises(RuntimeError) as error:
            operation()
        line = one_line(error)
        assert "a likely cause is a login in the state that is out of date" in line
        assert "with --run-program the present one" in line
    with pytest.raises(RuntimeError) as error:
        engine.up(lambda: ConsumptionKey("ci", rotate_after="20d"))
    assert "a likely cause" not in one_line(error), "up uses the present login"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"refresh_token": "grid_rt_planted"}, "refresh_token: not accepted, because a refresh"),
        ({"access_token": "a", "profile": "team"}, "give an access_token or a profile, not both"),
    ],
)
def test_a_provider_refuses_arguments_that_cannot_be(engine, arguments, told):
    with pytest.raises(pulumi.RunError, match=told) as error:
        engine.preview(lambda: Provider("theirs", **arguments))
    assert "planted" not in str(error.value)
