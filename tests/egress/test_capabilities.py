"""The page of the documents says what the renderers say."""

from pathlib import Path

from thegrid_operator.egress.capabilities import page

PAGE = Path(__file__).parents[2] / "docs" / "egress-backends.md"


def test_the_page_is_current():
    why = "write it anew: python -m thegrid_operator.egress.capabilities > docs/egress-backends.md"
    assert PAGE.read_text() == page(), why
