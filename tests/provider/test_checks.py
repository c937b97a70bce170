"""Bad inputs are refused at preview, in one line that names the field; unknown ones may pass."""

import pulumi
import pytest

from pulumi_thegrid import AccountSettings, ConsumptionKey, TradingKey

BAD_INPUTS = {
    "a duration in words": (ConsumptionKey, {"rotate_after": "soon"}, "rotate_after", "'soon'"),
    "a duration that is a number": (ConsumptionKey, {"overlap": 2}, "overlap", "not a duration"),
    "no time at all": (ConsumptionKey, {"rotate_after": "0s", "overlap": "0s"}, "rotate_after", ""),
    "an overlap as long as the interval": (
        ConsumptionKey,
        {"rotate_after": "2d", "overlap": "48h"},
        "overlap",
        "shorter than rotate_after",
    ),
    "an empty name": (ConsumptionKey, {"name": " "}, "name", "not empty"),
    "a name of two lines": (ConsumptionKey, {"name": "a\nb"}, "name", "one line"),
    "triggers that are no list": (ConsumptionKey, {"triggers": "now"}, "triggers", "a list"),
    "the same of a trading key": (
        TradingKey,
        {"rotate_after": "2d"},
        "overlap",
        "shorter than rotate_after",
    ),
    "rotations by the clock of a key that was brought along": (
        TradingKey,
        {"public_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "rotate_after": "90d"},
        "rotate_after",
        "bringing the next one",
    ),
    "triggers for a key that was brought along": (
        TradingKey,
        {"public_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "triggers": [1]},
        "triggers",
        "bringing the next one",
    ),
    "an id to adopt that is a path": (ConsumptionKey, {"adopt": "../users"}, "adopt", "UUID"),
    "an id to adopt that is empty": (TradingKey, {"adopt": ""}, "adopt", "UUID"),
    "no interval for a key that must expire": (
        ConsumptionKey,
        {"rotate_after": None},
        "rotate_after",
        "not a duration",
    ),
    "a public key that is no base64": (TradingKey, {"public_key": "!"}, "public_key", "base64"),
    "a public key in PEM": (
        TradingKey,
        {"public_key": "-----BEGIN PUBLIC KEY-----"},
        "public_key",
        "PEM",
    ),
    "a public key that is too short": (TradingKey, {"public_key": "AAAA"}, "public_key", "3 bytes"),
    "a mode that there is not": (AccountSettings, {"mode": "hard"}, "mode", "easy and advanced"),
    "what the mode forbids": (
        AccountSettings,
        {"mode": "easy", "auto_buy_enabled": False},
        "auto_buy_enabled",
        "mode easy dictates true",
    ),
    "an amount that is a number": (
        AccountSettings,
        {"auto_reload_amount_usd": 25.0},
        "auto_reload_amount_usd",
        "as text",
    ),
    "an amount that is none": (
        AccountSettings,
        {"auto_reload_amount_usd": "NaN"},
        "auto_reload_amount_usd",
        "not an amount",
    ),
    "an amount below zero": (
        AccountSettings,
        {"auto_reload_threshold_usd": "-1"},
        "auto_reload_threshold_usd",
        "above zero",
    ),
    "a limit below one reload": (
        AccountSettings,
        {"auto_reload_amount_usd": "50", "auto_reload_monthly_limit_usd": "20"},
        "auto_reload_monthly_limit_usd",
        "at least one reload",
    ),
    "a switch that is a text": (
        AccountSettings,
        {"auto_reload_enabled": "yes"},
        "auto_reload_enabled",
        "true or false",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_a_preview_refuses(engine, case):
    kind, arguments, field, text = BAD_INPUTS[case]
    with pytest.raises(RuntimeError) as refusal:
        engine.preview(lambda: kind("bad", **arguments) and None)
    line = str(refusal.value)
    assert line.startswith(f"property {field} has a problem: ")
    assert text in line
    assert "\n" not in line.strip()


def test_inputs_that_are_not_known_yet_pass_the_preview_at_any_depth(engine, account):
    def declare():
        first = TradingKey("first")
        ConsumptionKey(
            "second",
            name=first.fingerprint.apply(lambda text: text[:8]),
            triggers=[{"deep": [first.key_id]}],
        )
        AccountSettings("settings", mode=first.label.apply(lambda _: "advanced"))

    assert set(engine.preview(declare).steps.values()) == {"create"}
    engine.up(declare)
    assert engine.outputs("second")["name"] == engine.outputs("first")["fingerprint"][:8]
    assert set(engine.preview(declare).steps.values()) == {"same"}


def test_a_key_whose_trigger_is_not_known_yet_may_be_rotated(engine):
    def declare(label):
        key = TradingKey("first", label=label)
        ConsumptionKey("second", triggers=[key.key_id])

    engine.up(lambda: declare("one"))
    assert engine.preview(lambda: declare("two")).steps == {
        "thegrid": "same",
        "first": "update",
        "second": "update",
    }


def test_outputs_are_unknown_at_the_first_preview(engine):
    seen = []

    def declare():
        key = ConsumptionKey("ci")
        pulumi.Output.all(key.key, key.env, key.previous_key).apply(seen.append)

    engine.preview(declare)
    assert seen == []
    engine.up(declare)
    assert len(seen) == 1
