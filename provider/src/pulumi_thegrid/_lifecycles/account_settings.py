"""The settings of an account. The market has one set per account, and it can only be changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pulumi_thegrid._amounts import amount_text
from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._lifecycles.lifecycle import Checked, Difference, Lifecycle, Properties
from thegrid.client import Client, InDoubt, Misuse, perform
from thegrid.core.model import AccountSettings
from thegrid.core.settings import (
    WantedSettings,
    gives_up_trading,
    orders_in_the_way,
    plan_settings,
    problems_with,
)

_MODES = ("easy", "advanced")
_SWITCHES = ("auto_buy_enabled", "auto_reload_enabled")
_AMOUNTS = (
    "auto_reload_threshold_usd",
    "auto_reload_amount_usd",
    "auto_reload_monthly_limit_usd",
)


class AccountSettingsLifecycle(Lifecycle):
    """What is not declared stays as it is, and so does everything at the end."""

    kind = "AccountSettings"
    inputs = frozenset({"mode", *_SWITCHES, *_AMOUNTS})

    def check(self, inputs: Properties) -> Checked:
        """Check each setting, then what the settings together prove impossible."""
        check = Check(inputs, self.inputs)
        if check.known("mode") and inputs["mode"] not in _MODES:
            check.refuse("mode", f"{inputs['mode']!r} is not a mode: easy and advanced are allowed")
        for name in _SWITCHES:
            if check.known(name) and not isinstance(inputs[name], bool):
                check.refuse(name, "must be true or false")
        for name in _AMOUNTS:
            check.decimal(name, kind="an amount of US dollars", example="25.00")
        checked = check.result()
        if not checked.problems:
            checked.problems.extend(problems_with(_wanted(checked.inputs)))
        return checked

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:  # noqa: ARG002
        """Compare what is declared with what was seen last."""
        unknown = self.inputs - new.keys()
        differs = any(
            new[name] is not None and new[name] != old.get(name) for name in self.inputs - unknown
        )
        return Difference(changes=bool(unknown) or differs)

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Write what differs; the account itself is there already."""
        account_id = connection.account_id()
        return account_id, _converge(connection.client(), inputs, account_id)

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:
        """Read the settings."""
        account_id = old["account_id"]
        return _outputs(connection.client_of(account_id).settings(), account_id)

    def look_up(self, connection: Connection, id_: str, inputs: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Read the settings of the login's account, which must be the one that is asked for."""
        return _outputs(connection.client_of(id_).settings(), id_)

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:
        """Write what differs from the declaration now, whatever was recorded."""
        account_id = old["account_id"]
        return _converge(connection.client_of(account_id), new, account_id)

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:  # noqa: ARG002
        """Leave the settings as they are, and say so."""
        return ("the account keeps its settings as they are; nothing was restored",)


def _wanted(inputs: Properties) -> WantedSettings:
    amounts = {name: inputs.get(name) for name in _AMOUNTS}
    return WantedSettings(
        mode=inputs.get("mode"),
        auto_buy_enabled=inputs.get("auto_buy_enabled"),
        auto_reload_enabled=inputs.get("auto_reload_enabled"),
        **{name: None if text is None else Decimal(text) for name, text in amounts.items()},
    )


def _converge(client: Client, inputs: Properties, account_id: str) -> dict[str, Any]:
    """Write what differs, one setting after the other, and read back what came of it.

    Every write is an assignment: one whose answer was lost is looked up and, where it did not
    happen, made again; a run that was cut short is carried on by the next one.
    """
    wanted, seen = _wanted(inputs), client.settings()
    if gives_up_trading(wanted, seen):
        _refuse_to_strand_orders(client)
    for action in plan_settings(wanted, seen).actions:
        try:
            perform.write_setting(client, action)
        except InDoubt:
            if action in plan_settings(wanted, client.settings()).actions:
                perform.write_setting(client, action)
    return _outputs(client.settings(), account_id)


def _refuse_to_strand_orders(client: Client) -> None:
    """Look for open orders before anything is written.

    Raises:
        Misuse: There are some; names them.
        Truncated: Not all orders could be seen, and none of those that could is open.
    """
    orders = client.orders()
    problem = orders_in_the_way(orders.all())
    if problem:
        raise Misuse(f"{problem.field}: {problem.message}")
    orders.complete()


def _outputs(seen: AccountSettings, account_id: str) -> dict[str, Any]:
    return {
        "mode": seen.mode,
        "auto_buy_enabled": seen.auto_buy_enabled,
        "auto_transfer_enabled": seen.auto_transfer_enabled,
        "auto_reload_enabled": seen.auto_reload_enabled,
        **{name: amount_text(getattr(seen, name)) for name in _AMOUNTS},
        "account_id": account_id,
    }
