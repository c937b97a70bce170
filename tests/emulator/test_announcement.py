"""What the command says when it is ready."""

from dataclasses import replace

import pytest

from thegrid_emulator.announcement import banner
from thegrid_emulator.running import AccountAccess
from thegrid_emulator.server import Addresses

LOCAL = Addresses(
    platform="http://127.0.0.1:4020",
    trading="http://127.0.0.1:4040/v1",
    consumption="http://127.0.0.1:4000/v1",
    messages="http://127.0.0.1:4002/v1",
    gateway="http://127.0.0.1:4001",
)
ACCOUNT = AccountAccess("user_1", "user-1@emulator.invalid", "grid_at_shown", "grid_rt_kept")
HINT = "thegrid login --environment local"


def said(addresses):
    return banner(addresses, ACCOUNT, "", None)


def test_where_the_vendors_local_environment_leads_a_login_needs_no_variables():
    assert HINT in said(LOCAL)


@pytest.mark.parametrize("other", ["http://127.0.0.1:4041/v1", "https://127.0.0.1:4040/v1"])
def test_elsewhere_it_is_not_promised(other):
    assert HINT not in said(replace(LOCAL, trading=other))


def test_a_person_is_led_to_the_dashboard_and_never_shown_the_refresh_token():
    assert "http://127.0.0.1:4020/dashboard" in said(LOCAL)
    assert "grid_rt_kept" not in said(LOCAL)
