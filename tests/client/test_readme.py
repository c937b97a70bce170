"""What the README of the SDK shows runs, against a market on this machine."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

README = Path(__file__).parents[2] / "sdk" / "README.md"


def blocks():
    """The Python examples, by the heading that each stands under."""
    tokens = MarkdownIt().parse(README.read_text(encoding="utf-8"))
    heading, found = "", {}
    for token, text in pairwise(tokens):
        if token.type == "heading_open":
            heading = text.content
        if token.type == "fence" and token.info == "python":
            assert heading not in found, f"two examples under {heading}"
            found[heading] = token.content
    return found


BLOCKS = blocks()
EXAMPLES = {
    "Call a model",
    "List keys",
    "Move units",
    "Place an order",
    "Profiles",
    "Read the market",
    "Sign a request",
    "Stream an answer",
}


@pytest.fixture
def shell(monkeypatch, emulator):
    """The environment that the README asks for."""
    monkeypatch.setenv("THEGRID_ACCESS_TOKEN", emulator.account.access_token)
    for surface in ("platform", "trading", "consumption", "messages"):
        monkeypatch.setenv(f"THEGRID_{surface.upper()}_URL", getattr(emulator, surface))


def run(block):
    exec(compile(block, str(README), "exec"), {"__name__": "__main__"})  # noqa: S102 - our own README


def test_these_are_the_examples():
    assert BLOCKS.keys() == EXAMPLES


def test_a_request_is_signed(shell, capsys, client, emulator, later):
    run(BLOCKS["Sign a request"])
    assert capsys.readouterr().out == f"signed as {emulator.account.email}\n"
    later()
    assert [key.is_active for key in client.list_trading_keys()] == [False]


def test_keys_are_listed(shell, capsys, client, later):
    live = client.create_consumption_key("laptop")
    dead = client.create_consumption_key("old laptop")
    client.revoke_consumption_key(dead.key.id)
    later()
    run(BLOCKS["List keys"])
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        [live.key.prefix, "live", "laptop"],
        [dead.key.prefix, "dead", "old laptop"],
    ]


def test_a_model_is_called(shell, capsys, client, later):
    run(BLOCKS["Call a model"])
    assert capsys.readouterr().out == "You said: Say hello\n"
    later()
    assert [key.is_active for key in client.list_consumption_keys().keys] == [False]


def test_the_market_is_read(shell, capsys):
    run(BLOCKS["Read the market"])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["sell", "sell", "buy", "buy"]
    prices = [Decimal(line[3]) for line in lines]
    assert prices == sorted(prices, reverse=True)


def test_an_order_is_placed(shell, capsys, client, later):
    run(BLOCKS["Place an order"])
    later()
    order = client.find_order("readme-1")
    assert (order.status, order.filled_quantity) == ("filled", 2)
    assert capsys.readouterr().out == "filled: 2 units\n"


def test_units_are_moved(shell, capsys, client, later):
    run(BLOCKS["Place an order"])
    later()
    before = {it.instrument_id: it.uncommitted for it in client.consumption_balances()}
    capsys.readouterr()
    run(BLOCKS["Move units"])
    assert "moving one unit of text-prime\n" in capsys.readouterr().out
    later()
    bought = client.instrument_by_symbol("text-prime").id
    after = {it.instrument_id: it.uncommitted for it in client.consumption_balances()}
    assert after[bought] == before.get(bought, 0) + 1


def test_an_answer_is_streamed(shell, capsys, client, later):
    run(BLOCKS["Stream an answer"])
    assert capsys.readouterr().out == "You said: Count to three\n"
    later()
    assert [key.is_active for key in client.list_consumption_keys().keys] == [False]


def test_a_program_uses_the_login_of_the_environment(shell, capsys, emulator):
    run(BLOCKS["Profiles"])
    assert capsys.readouterr().out == f"logged in as {emulator.account.email}\n"
