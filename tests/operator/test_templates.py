"""Templates are filled in as Kubernetes fills in references, and never with a wrong key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.client import Endpoints
from thegrid.client.environment import variables_for
from thegrid.core.secret import Secret
from thegrid_operator.templates import (
    DEFAULT_ENTRIES,
    check_entries,
    fill_in,
    key_entry,
    without_the_key,
)

MARKET = Endpoints()


def filled(template, secret="sk-1"):  # noqa: S107 - no real one
    return fill_in({"x": template}, endpoints=MARKET, key_id="key-1", secret=Secret(secret))["x"]


def test_left_out_entries_are_what_the_sdks_read():
    content = fill_in(DEFAULT_ENTRIES, endpoints=MARKET, key_id="key-1", secret=Secret("sk-1"))

    assert content == variables_for(MARKET, Secret("sk-1"))
    check_entries(DEFAULT_ENTRIES)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("$(KEY)", "sk-1"),
        ("Bearer $(KEY)", "Bearer sk-1"),
        ("$(KEY_ID)=$(KEY)", "key-1=sk-1"),
        ("$(OPENAI_BASE_URL)/models", "https://api.thegrid.ai/v1/models"),
        ("$(ANTHROPIC_BASE_URL)", MARKET.messages.removesuffix("/v1")),
        ("$$(KEY)", "$(KEY)"),
        ("$$$(KEY)", "$sk-1"),
        ("5$", "5$"),
        ("5$$", "5$"),
        ("$KEY", "$KEY"),
        ("", ""),
    ],
)
def test_a_template_becomes(template, value):
    check_entries({"key": "$(KEY)", "x": template})

    assert filled(template) == value


def test_a_key_that_looks_like_a_placeholder_is_not_filled_in_again():
    assert filled("$(KEY)", secret="$(KEY_ID)$$") == "$(KEY_ID)$$"


@pytest.mark.parametrize("template", ["$(MODEL)", "$(key)", "$(KEY", "$()", "$$$(X)", "$($(KEY))"])
def test_what_cannot_be_filled_in_is_refused_with_its_entry_and_what_is_allowed(template):
    with pytest.raises(ValueError, match=r"^x has an unknown placeholder: allowed are \$\(KEY\),"):
        check_entries({"key": "$(KEY)", "x": template})


@pytest.mark.parametrize("template", ["", "text", "$$(KEY)", "$(KEY_ID)"])
def test_a_secret_without_the_key_is_refused(template):
    with pytest.raises(ValueError, match=r"no entry holds \$\(KEY\)"):
        check_entries({"x": template})


def expanded(template, values):
    """Expand as Kubernetes documents it, a character at a time; None for an unknown reference."""
    result, rest = "", template
    while rest:
        if rest.startswith("$$"):
            result, rest = result + "$", rest[2:]
        elif rest.startswith("$("):
            name, closed, rest = rest[2:].partition(")")
            if not closed or name not in values:
                return None
            result += values[name]
        else:
            result, rest = result + rest[0], rest[1:]
    return result


@given(st.lists(st.sampled_from(["$", "(", ")", "KEY", "_ID", "x"]), max_size=12).map("".join))
def test_any_template_is_expanded_as_kubernetes_does_or_refused(template):
    expected = expanded(template, {"KEY": "sk-1", "KEY_ID": "key-1"})
    try:
        check_entries({"key": "$(KEY)", "x": template})
    except ValueError:
        assert expected is None
    else:
        assert filled(template) == expected


def test_the_entry_that_is_the_key_is_known():
    assert key_entry(DEFAULT_ENTRIES) == "OPENAI_API_KEY"
    assert key_entry({"b": "$(KEY)", "a": "$(KEY)"}) == "a"
    assert key_entry({"header": "x-api-key: $(KEY)"}) == ""


def test_what_does_not_tell_the_key_is_known():
    entries = {"key": "$(KEY)", "header": "x: $(KEY)", "price": "$$(KEY)", "url": "http://x"}

    assert without_the_key(entries) == {"price", "url"}
    assert without_the_key(DEFAULT_ENTRIES) == {"OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"}
