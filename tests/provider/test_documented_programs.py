"""The Pulumi programs that the documents show work as they stand, on the real CLI."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

pytestmark = pytest.mark.engines

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "provider/README.md")


def programs(document: Path) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(document.read_text(encoding="utf-8"))
    blocks = [token.content for token in tokens if token.type == "fence" and token.info == "python"]
    return [block for block in blocks if "import pulumi_thegrid" in block]


@pytest.fixture
def account(market):
    """An account with units to move, in the mode that moves them by hand."""
    return market.create_account(
        mode="advanced", access_token_seconds=3600, units={"text-prime": 5}
    )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_programs_of(
    document, tmp_path, pulumi, addresses, account, live_keys, profiles, log_in
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
        project = pulumi.project(folder, config=addresses, secret_config=secret)

        project.up(env=environment)

        if 'pulumi.export("env"' in program:
            assert project.outputs(show_secrets=True)["env"]["OPENAI_API_KEY"]
        project.destroy(env=environment)
        assert live_keys() == set()
