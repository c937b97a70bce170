"""Where a program finds its market and its login, and which of several places wins."""

import json

import pytest

from thegrid.client import Endpoints, Misuse, SigningKey
from thegrid.client.access import find_access
from thegrid.client.endpoints import ENVIRONMENTS

PLANTED = "planted-4f9c2a"
DEV = ENVIRONMENTS["dev"]
KEY = SigningKey.generate().private_key.reveal()
OUR_VARIABLES = {"THEGRID_ACCESS_TOKEN": PLANTED, "THEGRID_TRADING_URL": DEV.trading}


@pytest.fixture
def environ(tmp_path):
    """Makes the environment of a user with these profiles."""

    def make(profiles=None, **variables):
        path = tmp_path / "credentials.json"
        if profiles is not None:
            path.write_text(json.dumps(profiles))
        return {"GRID_CREDENTIALS_FILE": str(path), **variables}

    return make


def file_of(**top):
    profiles = {
        "default": {"access_token": "of default"},
        "team": {"access_token": "of team", "api_url": DEV.trading},
    }
    return {"profiles": profiles, **top}


PLACES = [
    (file_of(current_profile="team"), {}, "default", "profile 'default'"),
    (file_of(current_profile="team"), {"GRID_PROFILE": "default"}, None, "profile 'default'"),
    (file_of(), OUR_VARIABLES, "team", "profile 'team'"),
    (file_of(), OUR_VARIABLES | {"GRID_PROFILE": "team"}, None, "profile 'team'"),
    (file_of(current_profile="team"), OUR_VARIABLES, None, "THEGRID_ACCESS_TOKEN"),
    (file_of(current_profile="team"), {"SIGNING_KEY": KEY}, None, "profile 'team'"),
    (file_of(), {"SIGNING_KEY": KEY}, None, "SIGNING_KEY"),
    (file_of(default_profile="team"), {"PRIVATE_KEY": KEY}, None, "PRIVATE_KEY"),
    (file_of(default_profile="team"), {}, None, "profile 'team'"),
    (file_of(), {}, None, "profile 'default'"),
    (None, OUR_VARIABLES, None, "THEGRID_ACCESS_TOKEN"),
]


@pytest.mark.parametrize(("profiles", "variables", "argument", "source"), PLACES)
def test_the_first_place_wins(environ, profiles, variables, argument, source):
    access = find_access(environ(profiles, **variables), profile=argument)
    assert access.source.endswith(source)
    at_dev = {"profile 'team'", "THEGRID_ACCESS_TOKEN"}
    assert access.endpoints == (DEV if source in at_dev else Endpoints())


def test_a_signing_key_in_the_environment_goes_where_the_vendors_variables_say(environ):
    access = find_access(environ(SIGNING_KEY=KEY, API_URL=DEV.trading))
    assert access.endpoints.trading == DEV.trading
    assert access.endpoints.platform == DEV.platform
    assert access.trading_login is access.signing_key


def test_a_profiles_login_never_goes_where_a_variable_points(environ):
    with pytest.raises(Misuse, match=r"^THEGRID_PLATFORM_URL: names another market than .*'team'"):
        find_access(environ(file_of(current_profile="team"), THEGRID_PLATFORM_URL="https://a.test"))


def test_a_variable_that_agrees_with_the_profile_is_no_trouble(environ):
    given = environ(file_of(current_profile="team"), THEGRID_TRADING_URL=DEV.trading + "/")
    assert find_access(given).endpoints == DEV


def test_the_vendors_address_alone_does_not_move_a_login(environ):
    access = find_access(environ(file_of(), API_URL="https://somebody-elses.test/v1"))
    assert access.endpoints == Endpoints()


def test_without_anything_it_is_said_how_to_log_in(environ):
    with pytest.raises(Misuse, match=r"there is no login in .*thegrid login$"):
        find_access(environ())


def test_a_profile_without_anything_to_log_in_by_is_told(environ):
    with pytest.raises(Misuse, match=r"holds neither .*thegrid login --profile x$"):
        find_access(environ({"profiles": {"x": {"api_key": PLANTED}}}), profile="x")


def test_a_wrong_signing_key_is_named_but_not_shown(environ):
    with pytest.raises(Misuse, match=r"^SIGNING_KEY: not base64") as caught:
        find_access(environ(SIGNING_KEY=PLANTED))
    assert PLANTED not in str(caught.value)


LOGINS = [
    ({"access_token": "a", "signing_key": KEY, "auth_type": "oauth"}, "bearer", "bearer"),
    ({"access_token": "a", "signing_key": KEY, "auth_type": "signing_key"}, "bearer", "key"),
    ({"access_token": "a", "signing_key": KEY}, "bearer", "key"),
    ({"access_token": "a"}, "bearer", "bearer"),
    ({"signing_key": KEY, "auth_type": "oauth"}, None, "key"),
]


@pytest.mark.parametrize(("fields", "platform", "trading"), LOGINS)
def test_each_host_is_opened_by_what_the_profile_has(environ, fields, platform, trading):
    access = find_access(environ({"profiles": {"default": fields}}))
    ways = {"bearer": access.bearer, "key": access.signing_key}
    assert access.trading_login is ways[trading]
    if platform:
        assert access.platform_login is ways[platform]
    else:
        with pytest.raises(Misuse, match=r"holds a trading key only.*thegrid login"):
            _ = access.platform_login


def test_an_access_shows_no_secret(environ):
    fields = {"access_token": PLANTED, "refresh_token": PLANTED, "api_key": PLANTED}
    access = find_access(environ({"profiles": {"default": fields}}))
    assert PLANTED not in repr(access)
    assert PLANTED not in repr(find_access(environ(THEGRID_ACCESS_TOKEN=PLANTED)))
