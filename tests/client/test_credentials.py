"""Settings from several layers."""

import pytest

from thegrid.client import Endpoints, Misuse
from thegrid.client.credentials import ENVIRONMENT, from_environment, settle, settle_endpoints

PLANTED = "planted-4f9c2a"
ELSEWHERE = "https://example.internal"


def test_the_environment_is_read_by_its_documented_names():
    environ = {key: f"value of {key}" for key in ENVIRONMENT.values()} | {"PATH": "/bin"}
    assert from_environment(environ) == {
        "access_token": "value of THEGRID_ACCESS_TOKEN",
        "platform_url": "value of THEGRID_PLATFORM_URL",
        "trading_url": "value of THEGRID_TRADING_URL",
        "consumption_url": "value of THEGRID_CONSUMPTION_URL",
        "messages_url": "value of THEGRID_MESSAGES_URL",
        "platform_prefix": "value of THEGRID_PLATFORM_PREFIX",
    }


def test_an_empty_variable_counts_as_unset():
    assert from_environment({"THEGRID_ACCESS_TOKEN": ""}) == {}


def test_without_layers_the_market_is_production():
    assert settle_endpoints() == Endpoints()


def test_the_first_layer_that_has_a_setting_wins_for_that_setting_alone():
    credentials = settle(
        {"access_token": "first", "platform_url": ""},
        {"access_token": "second", "platform_url": ELSEWHERE},
    )
    assert credentials.access_token.reveal() == "first"
    assert credentials.endpoints == Endpoints(platform=ELSEWHERE)


def test_a_trading_address_brings_its_platform_along():
    endpoints = settle_endpoints({"trading_url": "https://trading.api.dev.thegrid.ai/v1"})
    assert endpoints.platform == "https://platform.api.dev.thegrid.ai"


def test_a_platform_address_wins_over_the_derived_one():
    layers = {"platform_url": ELSEWHERE}, {"trading_url": "https://trading.api.dev.thegrid.ai/v1"}
    assert settle_endpoints(*layers).platform == ELSEWHERE


def test_without_a_token_it_is_said_where_to_give_it():
    with pytest.raises(Misuse, match=r"^access_token: not set.*THEGRID_ACCESS_TOKEN"):
        settle({"access_token": ""})


def test_a_refresh_token_is_refused_with_the_reason_and_not_shown():
    with pytest.raises(Misuse, match=r"^refresh_token: .*uses it up") as caught:
        settle({"access_token": PLANTED}, {"refresh_token": PLANTED})
    assert PLANTED not in str(caught.value)


def test_a_wrong_address_is_refused_in_the_name_of_its_field():
    with pytest.raises(Misuse, match=r"^consumption: "):
        settle({"access_token": PLANTED, "consumption_url": "http://example.internal"})


def test_a_malformed_trading_address_is_refused_before_a_platform_is_derived():
    with pytest.raises(Misuse, match=r"^trading: "):
        settle_endpoints({"trading_url": "http://127.0.0.1:port/v1"})


def test_credentials_do_not_show_the_token():
    assert PLANTED not in repr(settle({"access_token": PLANTED}))
