"""The Pulumi programs that the documents show work as they stand, on the real CLI."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import pulumi_thegrid
from thegrid.client import Client, Endpoints
from thegrid.core.model import NewOrder
from thegrid.core.secret import Secret

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "provider/README.md")
OF_OURS = re.compile(rf"\b(thegrid|pulumi_thegrid)\.({'|'.join(pulumi_thegrid.__all__)})\b")


def blocks(document: Path) -> list[tuple[str, str]]:
    """Return what stands in fences, with the language."""
    tokens = MarkdownIt("commonmark").parse(document.read_text(encoding="utf-8"))
    return [(token.info, token.content) for token in tokens if token.type == "fence"]


def programs(document: Path) -> list[str]:
    shown = [text for language, text in blocks(document) if language == "python"]
    return [text for text in shown if "import pulumi_thegrid" in text]


@pytest.fixture
def account(market):
    """An account with units to move and money to buy some, in the mode that does so by hand."""
    return market.create_account(
        mode="advanced", access_token_seconds=3600, units={"text-prime": 5}, usd=Decimal(10)
    )


@pytest.fixture
def hand(market, account):
    """The owner, who acts without the stack."""
    addresses = (market.platform, market.trading, market.consumption, market.messages)
    with Client(Endpoints(*addresses), Secret(account.access_token)) as client:
        yield client


@pytest.fixture
def there(hand):
    """The ids of a key and an order that somebody made by hand, by what programs call them."""
    bid = NewOrder(hand.market_of("text-prime").id, "buy", 3, Decimal("0.02"))
    return {
        "key": hand.create_consumption_key("by hand").key.id,
        "order": hand.place_order(bid).id,
    }


def test_no_program_hides_from_the_tests_in_another_language_or_in_a_part():
    run = [text for document in DOCUMENTS for text in programs(ROOT / document)]
    pages = [*ROOT.glob("*.md"), *ROOT.glob("*/*.md"), *ROOT.glob("*/*/*.md")]
    shown = [text for page in pages for _, text in blocks(page) if OF_OURS.search(text)]
    assert [text for text in shown if text not in run] == []
    assert shown


@pytest.mark.engines
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_programs_of(
    document, tmp_path, pulumi, addresses, account, hand, there, live_keys, profiles, log_in
):
    shown = programs(ROOT / document)
    assert shown
    log_in("research", account)
    environment = {"GRID_CREDENTIALS_FILE": str(profiles.path)}
    secret = {"thegrid:accessToken": account.access_token}
    for number, program in enumerate(shown):
        folder = tmp_path / f"program-{number}"
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: shown\nruntime: python\n")
        (folder / "__main__.py").write_text(program)
        project = pulumi.project(folder, config=addresses | there, secret_config=secret)
        adopts, before = "adopt=" in program, live_keys()

        project.up(env=environment)

        if 'pulumi.export("env"' in program:
            assert project.outputs(show_secrets=True)["env"]["OPENAI_API_KEY"]
        if adopts:
            assert live_keys() == before
            assert not hand.order(there["order"]).is_terminal
        project.destroy(env=environment)
        assert live_keys() == (before - {there["key"]} if adopts else before)
        assert hand.order(there["order"]).is_terminal or not adopts
