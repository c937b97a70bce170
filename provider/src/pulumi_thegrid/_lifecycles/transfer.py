"""Units that are moved to consumption, once. What has moved cannot be undone, only recorded."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast, get_args

from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._lifecycles.intent import (
    check_instrument,
    is_another_instrument,
    read_watermark,
    was_drawn_here,
)
from pulumi_thegrid._lifecycles.lifecycle import (
    Checked,
    Difference,
    Lifecycle,
    Properties,
    time_of,
    time_text,
)
from pulumi_thegrid._lifecycles.transfer_memory import MEMORY
from pulumi_thegrid._lifecycles.transfer_sending import Moved, Sender, find
from thegrid.client import WrongAccount
from thegrid.core import watermark
from thegrid.core.transfer import LOT_LIFETIME, OnAmbiguous, Situation

_DECLARED = ("name", "instrument", "quantity", "on_ambiguous", "triggers")
_RECORDED = ("intent", "watermark", "instrument_id", "account_id")
"""What the intent recorded before; a change of these alone is no other transfer."""


class TransferLifecycle(Lifecycle):
    """Another quantity, instrument or trigger is another transfer."""

    kind = "Transfer"
    label_field = "name"
    inputs = frozenset({*_DECLARED, *_RECORDED})

    def check(self, inputs: Properties) -> Checked:
        """Check the instrument, the quantity and what to do in doubt."""
        check = Check(inputs, self.inputs)
        for name in ("instrument", "quantity"):
            if name in inputs and inputs[name] is None:
                check.refuse(name, "must be given")
        check_instrument(check, inputs)
        check.units("quantity")
        _check_positive(check)
        wish = inputs.get("on_ambiguous", "fail")
        if wish not in get_args(OnAmbiguous):
            check.refuse("on_ambiguous", f"{wish!r} is not allowed: write fail or adopt")
        return check.result()

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:  # noqa: ARG002
        """Compare what is declared; say in plain words when units would move again.

        Raises:
            WrongAccount: They would move in another account than before.
            ValueError: Likewise, since the intent was recorded by another login.
        """
        _remember(old)
        replaces = []
        if is_another_instrument(old, new):
            replaces.append("instrument")
        if new.get("quantity") != old["quantity"]:
            replaces.append("quantity")
        if "triggers" not in new or _text(new["triggers"]) != _text(old.get("triggers")):
            replaces.append("triggers")
        if replaces:
            _refuse_another_account(old, new)
        respelled = any(new.get(name) != old.get(name) for name in ("instrument", "on_ambiguous"))
        return Difference(
            changes=bool(replaces) or respelled,
            replaces=tuple(replaces),
            notices=(_again(old, new, replaces),) if replaces else (),
        )

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Move the units, unless they have moved already by this intent."""
        client = connection.client_of(inputs["account_id"])
        asked = Situation(
            intent=inputs["intent"],
            watermark=read_watermark(inputs["watermark"]),
            instrument_id=inputs["instrument_id"],
            quantity=int(inputs["quantity"]),
            on_ambiguous=cast("OnAmbiguous", inputs.get("on_ambiguous") or "fail"),
        )
        with MEMORY.turn(inputs["account_id"], inputs["instrument_id"]):
            moved = Sender(client, connection.clock, asked).move()
        return moved.transfer_id, _outputs(inputs, moved)

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:
        """Find the transfer in the history.

        One that is not shown is not gone: what has moved has moved, and the history may be late,
        broken off or shortened. Were it gone here, the next `up` would move the units again.
        """
        _remember(old)
        client = connection.client_of(old["account_id"])
        made_at = cast("datetime", time_of(old["created_at"]))
        row = find(client, old["instrument_id"], old["transfer_id"], made_at)
        if row is None:
            return dict(old)
        moved = Moved(row.id, watermark.time_of(row) or made_at, row, bool(old.get("adopted")))
        return _outputs(old, moved)

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Take over another spelling, or another wish for doubts; nothing moves."""
        _remember(old)
        return {**old, **{name: new.get(name) for name in _DECLARED}}

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:  # noqa: ARG002
        """Leave what has moved where it is, and say so."""
        _remember(old)
        return (
            f"nothing was undone: {_amount(old)} stay in consumption, where they can be used until "
            f"{old['expires_at']}",
        )


def _check_positive(check: Check) -> None:
    checked = check.result()
    given = checked.inputs.get("quantity")
    if given is not None and not checked.problems and int(given) < 1:
        check.refuse("quantity", f"{given} is not a number of units from 1")


def _remember(old: Properties) -> None:
    """Let this process know whose a recorded transfer is, so that no other takes it for its own."""
    MEMORY.note(old["transfer_id"], old["intent"], adopted=bool(old.get("adopted")))


def _refuse_another_account(old: Properties, new: Properties) -> None:
    """Units that move in another account by mistake never return."""
    before, after = old["account_id"], new.get("account_id")
    if after is None or after == before:
        return
    if was_drawn_here(new["intent"]):
        raise WrongAccount(before, after)
    raise ValueError(
        f"it moved units of account {before}, but its next intent was recorded by a login to "
        f"account {after}: change triggers to have it recorded anew"
    )


def _again(old: Properties, new: Properties, replaces: list[str]) -> str:
    units = new.get("quantity", "an unknown number of")
    instrument = new.get("instrument", "an unknown instrument")
    return (
        f"a changed {' and '.join(replaces)} is a new transfer: {units} units of {instrument} will "
        f"move to consumption, and {_amount(old)} that moved before do not come back"
    )


def _amount(properties: Properties) -> str:
    return f"the {properties['quantity']} units of {properties['instrument']}"


def _text(triggers: object) -> str:
    return json.dumps(triggers or [], sort_keys=True)


def _outputs(inputs: Properties, moved: Moved) -> dict[str, Any]:
    repeated = {name: inputs.get(name) for name in (*_DECLARED, *_RECORDED)}
    return {
        **repeated,
        "triggers": list(inputs.get("triggers") or ()),
        "transfer_id": moved.transfer_id,
        "created_at": time_text(moved.created_at),
        "expires_at": time_text(moved.created_at + LOT_LIFETIME),
        "consumption_account_id": moved.row.account_id if moved.row else None,
        "is_shown": moved.row is not None,
        "adopted": moved.adopted,
    }
