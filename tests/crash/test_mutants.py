"""The list of mutants keeps up with the source; `make crash` shows that each is found."""

from __future__ import annotations

import ast

import pytest
from tests.crash.kinds import KINDS
from tests.crash.mutants import MUTANTS, ROOT, broken
from tests.crash.scenarios import SCENARIOS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_made(mutant):
    text = broken(ROOT / mutant.file, mutant)

    ast.parse(text)
    assert mutant.kind in KINDS
    assert mutant.scenario in {scenario.name for scenario in SCENARIOS}
