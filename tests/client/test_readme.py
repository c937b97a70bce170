"""What the README of the SDK shows runs, against a market on this machine."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

README = Path(__file__).parents[2] / "sdk" / "README.md"
BLOCKS = [
    token.content
    for token in MarkdownIt().parse(README.read_text(encoding="utf-8"))
    if token.type == "fence" and token.info == "python"
]


@pytest.fixture
def shell(monkeypatch, emulator):
    """The environment that the README asks for."""
    monkeypatch.setenv("THEGRID_ACCESS_TOKEN", emulator.account.access_token)
    for surface in ("platform", "trading", "consumption", "messages"):
        monkeypatch.setenv(f"THEGRID_{surface.upper()}_URL", getattr(emulator, surface))


def run(block):
    exec(compile(block, str(README), "exec"), {"__name__": "__main__"})  # noqa: S102 - our own README


def test_there_are_three_examples():
    assert len(BLOCKS) == 3


def test_a_request_is_signed(shell, capsys, client, emulator):
    run(BLOCKS[0])
    assert capsys.readouterr().out == f"signed as {emulator.account.email}\n"
    assert [key.is_active for key in client.list_trading_keys()] == [False]


def test_keys_are_listed(shell, capsys, client):
    live = client.create_consumption_key("laptop")
    dead = client.create_consumption_key("old laptop")
    client.revoke_consumption_key(dead.key.id)
    run(BLOCKS[1])
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        [live.key.prefix, "live", "laptop"],
        [dead.key.prefix, "dead", "old laptop"],
    ]


def test_a_model_is_called(shell, capsys, client):
    run(BLOCKS[2])
    assert capsys.readouterr().out == "You said: Say hello\n"
    assert [key.is_active for key in client.list_consumption_keys().keys] == [False]
