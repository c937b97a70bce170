"""The examples, and the output that their READMEs show."""

from collections.abc import Callable
from pathlib import Path

from markdown_it import MarkdownIt

EXAMPLES = Path(__file__).parents[2] / "examples"


def shown_by(name: str, alike: Callable[[str], str] = str) -> list[str]:
    """Return the blocks of output in an example's README, which are those without a language.

    Args:
        name: The example's folder.
        alike: Makes alike what is another one in each run.
    """
    text = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark").parse(text)
    return [alike(it.content) for it in tokens if it.type == "fence" and not it.info]
