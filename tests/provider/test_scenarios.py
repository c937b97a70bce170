"""Which test shows which scenario of which resource on the real Pulumi CLI: no cell is empty."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.provider.whole_accounts.programs import NAMES

HERE = Path(__file__).parent
PICKLES = json.loads((HERE / "golden_pickles.json").read_text())
KINDS = {name.removesuffix("Provider") for name in PICKLES}
"""Every resource has a pickled provider, so that a new one has to have its cells."""

LIFE = "whole_accounts/test_life.py::test_everything_goes_through_its_life"
BY_HAND = "whole_accounts/test_life.py::test_what_is_replaced_by_hand_is_there_once"
MENDED = "whole_accounts/test_life.py::test_what_somebody_changed_or_ended_by_hand_is_mended"
INTERVALS = (
    "whole_accounts/test_intervals.py::"
    "test_a_longer_interval_spares_the_keys_and_a_shorter_one_rotates_them"
)
NAMESAKES = (
    "whole_accounts/test_accounts.py::"
    "test_namesakes_under_two_parents_and_in_two_accounts_keep_off_each_other"
)
WRONG = (
    "whole_accounts/test_accounts.py::"
    "test_with_the_login_of_another_account_nothing_is_changed_here_or_there"
)
LOGIN = (
    "whole_accounts/test_accounts.py::test_a_login_that_ran_out_is_replaced_and_everything_goes_on"
)
MACHINES = "whole_accounts/test_team.py::test_two_machines_manage_one_stack_in_turn"
RENAMED = (
    "whole_accounts/test_team.py::"
    "test_a_renamed_stack_and_the_next_one_of_its_old_name_keep_off_each_other"
)
ON_HOLD = (
    "whole_accounts/test_team.py::test_with_rotation_on_hold_a_preview_says_the_same_on_every_day"
)
VERSIONS = (
    "whole_accounts/test_versions.py::"
    "test_a_whole_account_lives_on_each_and_the_next_one_finds_no_change"
)
KEPT = "test_kept_states.py::test_neither_a_preview_nor_an_up_of_a_kept_state_finds_a_change"
IMPORTED = "test_real_accounts.py::test_an_account_is_adopted_and_the_next_preview_shows_no_change"
KEYS_IMPORTED = "test_real_accounts.py::test_keys_are_adopted_and_the_next_preview_shows_no_change"
ORDERS_IMPORTED = (
    "standing_orders/test_real_adoption.py::"
    "test_orders_that_the_command_found_show_no_change_after_their_import"
)
ORDER_ADOPTED = (
    "standing_orders/test_real_adoption.py::"
    "test_an_adopted_order_is_changed_in_place_and_one_that_is_looked_up_outlives_the_stack"
)
ADOPTED = "test_real_adoption.py::test_adopted_keys_show_no_change_until_a_rotation_brings_a_secret"


@dataclass(frozen=True)
class CannotBe:
    """Why a scenario does not exist for a resource."""

    reason: str


ONCE = CannotBe("it is a record of the state, which nobody else has")
NEVER_CHANGED = CannotBe("it is never changed")
NOT_TAKEN_OVER = CannotBe("units that moved cannot be moved by anybody else's declaration")
NO_KEY = CannotBe("it is no key")
NOT_DELETED = CannotBe("the market lets nobody take it away")
KEYS = ("ConsumptionKey", "TradingKey")
RECORDS = ("Intent", "StackIdentity")


def each(test, *others):
    """Let one test show a scenario for all resources, but for `others`: names, then their cell."""
    return dict.fromkeys(KINDS, test) | {kind: cell for *kinds, cell in others for kind in kinds}


SCENARIOS = {
    "preview": each(LIFE),
    "up": each(LIFE),
    "up again, without a change": each(LIFE),
    "update in place": each(LIFE, (*RECORDS, NEVER_CHANGED)),
    "replace, by a change of what is declared": each(
        LIFE,
        ("AccountSettings", "StackIdentity", *KEYS, CannotBe("every change of it is in place")),
    ),
    "replace, by hand": each(BY_HAND, (*RECORDS, CannotBe("what acts by it would lose its own"))),
    "refresh after drift": each(
        MENDED, (*RECORDS, ONCE), ("Transfer", CannotBe("what has moved stays as it moved"))
    ),
    "import": each(
        KEYS_IMPORTED,
        ("AccountSettings", IMPORTED),
        ("StandingOrder", "Intent", ORDERS_IMPORTED),
        ("Transfer", NOT_TAKEN_OVER),
    ),
    "adopt": each(
        ADOPTED,
        ("StandingOrder", ORDER_ADOPTED),
        ("AccountSettings", CannotBe("creating it takes the account's settings over")),
        ("Transfer", NOT_TAKEN_OVER),
        (*RECORDS, ONCE),
    ),
    "ended outside Pulumi": each(
        MENDED, (*RECORDS, ONCE), ("AccountSettings", "Transfer", NOT_DELETED)
    ),
    "destroy with the program": each(LIFE),
    "destroy without the program": each(ON_HOLD),
    "another login of the account in between": each(LOGIN),
    "two accounts in one stack": each(NAMESAKES),
    "the wrong account": each(
        WRONG, (*RECORDS, CannotBe("once it is recorded, it asks the market nothing"))
    ),
    "two machines in turn": each(MACHINES),
    "stack renamed, and its old name used again": each(RENAMED),
    "the same name under two parents": each(
        NAMESAKES, ("StackIdentity", CannotBe("there is one in a stack"))
    ),
    "rotate_after lengthened and shortened": each(
        INTERVALS, (*RECORDS, "AccountSettings", "StandingOrder", "Transfer", NO_KEY)
    ),
    "no change expected while rotation is on hold": each(ON_HOLD),
    "package upgraded from a kept state": each(KEPT),
    "Python and SDK upgraded": each(VERSIONS),
}


def test_the_program_of_whole_accounts_declares_every_resource():
    assert set(NAMES.values()) == KINDS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_resource_has_its_cell_and_what_is_named_there_runs_on_the_real_cli(scenario):
    cells = SCENARIOS[scenario]
    assert cells.keys() == KINDS
    for test in {cell for cell in cells.values() if not isinstance(cell, CannotBe)}:
        assert runs_on_the_real_cli(*test.split("::")), test


def runs_on_the_real_cli(file, name):
    """Tell whether a test exists and carries the mark of real engines, itself or by its module."""
    module = ast.parse((HERE / file).read_text())
    marks = [it.value for it in module.body if is_assigned(it, "pytestmark")]
    for function in module.body:
        if isinstance(function, ast.FunctionDef) and function.name == name:
            return any(
                "pytest.mark.engines" in ast.unparse(it) for it in marks + function.decorator_list
            )
    return False


def is_assigned(statement, name):
    return isinstance(statement, ast.Assign) and name in map(ast.unparse, statement.targets)
