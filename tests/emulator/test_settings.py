import pytest

pytestmark = pytest.mark.plain_words

BASE = "/self/system-settings"


@pytest.fixture
def account_in(emulator, platform_of):
    """Opens an account and returns a caller of the platform for it."""
    return lambda **options: platform_of(emulator.create_account(**options).access_token)


def settings(platform):
    return platform("GET", BASE).json()["data"]


def test_the_mode_dictates_transfer_and_buying(account_in):
    platform = account_in(mode="easy")
    easy = settings(platform)
    assert (easy["account_mode"], easy["auto_transfer_enabled"], easy["auto_buy_enabled"]) == (
        "easy",
        True,
        True,
    )
    answer = platform("POST", f"{BASE}/account-mode", json={"mode": "advanced"})
    assert (answer.status_code, answer.content) == (204, b"")
    advanced = settings(platform)
    assert (advanced["account_mode"], advanced["auto_transfer_enabled"]) == ("advanced", False)
    assert advanced["auto_buy_enabled"] is False
    assert set(advanced["mode_managed_fields"]) == {"auto_transfer_enabled", "auto_buy_enabled"}


@pytest.mark.parametrize(("mode", "dictated"), [("easy", True), ("advanced", False)])
def test_the_dictated_value_may_be_written_and_no_other(account_in, mode, dictated):
    platform = account_in(mode=mode)
    path = f"{BASE}/auto-buy"
    accepted = platform("PATCH", path, json={"auto_buy_enabled": dictated})
    assert accepted.json()["data"]["auto_buy_enabled"] is dictated
    refused = platform("PATCH", path, json={"auto_buy_enabled": not dictated})
    assert refused.status_code == 403
    assert refused.json()["errors"]["detail"] == "mode_managed_setting"
    assert settings(platform)["auto_buy_enabled"] is dictated


def test_any_part_of_auto_reload_can_be_written_and_the_rest_stays(platform):
    path = f"{BASE}/auto_reload"
    platform("PATCH", path, json={"auto_reload_amount_usd": "25", "auto_reload_enabled": True})
    after = platform("PATCH", path, json={"auto_reload_threshold_usd": 2.5}).json()["data"]
    assert after["auto_reload_enabled"] is True
    assert after["auto_reload_amount_usd"] == "25.00"
    assert after["auto_reload_threshold_usd"] == "2.50"
    assert after["auto_reload_monthly_limit_usd"] is None
    assert settings(platform) == after


def test_auto_reload_needs_a_payment_method_to_be_switched_on(account_in):
    platform = account_in(payment_method=False)
    path = f"{BASE}/auto_reload"
    refused = platform("PATCH", path, json={"auto_reload_enabled": True})
    assert refused.status_code == 422
    assert refused.json()["errors"]["detail"] == "payment_method_required"
    assert platform("PATCH", path, json={"auto_reload_amount_usd": "5.00"}).status_code == 200


@pytest.mark.parametrize("missing", ["verified", "accepted_terms"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{BASE}/account-mode", {"mode": "advanced"}),
        ("PATCH", f"{BASE}/auto-buy", {"auto_buy_enabled": False}),
        ("PATCH", f"{BASE}/auto_reload", {"auto_reload_amount_usd": "5.00"}),
    ],
)
def test_nothing_is_written_for_a_user_who_is_not_verified_or_did_not_accept_the_terms(
    account_in, missing, method, path, body
):
    platform = account_in(**{missing: False})
    before = settings(platform)
    answer = platform(method, path, json=body)
    codes = {"verified": "email_not_verified", "accepted_terms": "legal_terms_not_accepted"}
    assert answer.status_code == 403
    assert answer.json()["errors"]["detail"] == codes[missing]
    assert settings(platform) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "account-mode", {"mode": "Easy"}, "mode"),
        ("POST", "account-mode", {}, "mode"),
        ("PATCH", "auto-buy", {"auto_buy_enabled": 1}, "auto_buy_enabled"),
        ("PATCH", "auto_reload", {}, "base"),
        ("PATCH", "auto_reload", {"auto_reload_enabled": "yes"}, "auto_reload_enabled"),
        ("PATCH", "auto_reload", {"auto_reload_amount_usd": "-1"}, "auto_reload_amount_usd"),
        ("PATCH", "auto_reload", {"auto_reload_amount_usd": "NaN"}, "auto_reload_amount_usd"),
        ("PATCH", "auto_reload", {"auto_reload_amount_usd": "1e9"}, "auto_reload_amount_usd"),
        ("PATCH", "auto_reload", {"auto_reload_amount_usd": "0.001"}, "auto_reload_amount_usd"),
        ("PATCH", "auto_reload", {"auto_reload_amount_usd": True}, "auto_reload_amount_usd"),
        ("PATCH", "auto_reload", {"auto_reload_amount_usd": "ten"}, "auto_reload_amount_usd"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(platform, method, path, body, field):
    before = settings(platform)
    answer = platform(method, f"{BASE}/{path}", json=body)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["detail"]) == [field]
    assert settings(platform) == before


def test_the_path_of_auto_reload_is_spelt_with_an_underscore(platform):
    answer = platform("PATCH", f"{BASE}/auto-reload", json={"auto_reload_enabled": False})
    assert answer.status_code == 404


def test_the_profile_tells_whether_the_user_is_verified_and_accepted_the_terms(account_in):
    profile = account_in(email="ada@example.org", verified=False)("GET", "/users/self")
    assert (
        profile.json()["data"].items()
        >= {
            "email": "ada@example.org",
            "verification_status": "pending",
            "has_accepted_legal_documents": True,
        }.items()
    )
