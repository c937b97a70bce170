"""Units that are moved to where inference calls spend them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._providers import TransferProvider
from pulumi_thegrid.intent import intent_of


class Transfer(Resource, module="thegrid", name="Transfer"):
    """Whole units moved from trading to consumption, at most once.

    Units in consumption never return, and expire four hours after they came. The market takes no
    name for a transfer, so an `Intent` is recorded in the state before anything is sent: a run that
    follows a killed one looks at the history first, for a minute where nothing shows, and sends
    nothing while a transfer shows that may be this one.

    Another `quantity`, `instrument` or `triggers` is a new transfer: units move again, and the
    preview says so. Deleting the resource moves nothing, and says so.

    There is no `get`: what is looked up is read at every `up`, but the market answers for no single
    transfer, its history may be late or shortened, and nothing in it ever changes. Another stack
    takes the outputs of the one that moved the units.

    Args:
        resource_name: The resource's name in the program.
        instrument: Symbol such as `text-prime`, or the instrument's id.
        quantity: Whole units of a million tokens, from 1; a number or text.
        on_ambiguous: What to do where a transfer of the same instrument and quantity came after
            this one was declared and may be it: `fail` (the default) sends nothing and lists the
            candidates, `adopt` takes the earliest.
        triggers: Any values; a change of one is a new transfer.
        opts: Pulumi's options; `provider` may be a `pulumi_thegrid.Provider`.
    """

    name: pulumi.Output[str]
    """The resource's name, for messages."""
    instrument: pulumi.Output[str]
    """The instrument as declared, in lower case."""
    quantity: pulumi.Output[str]
    """Units moved, as text."""
    on_ambiguous: pulumi.Output[str]
    """What is done in doubt."""
    triggers: pulumi.Output[Sequence[Any]]
    """The values whose change is a new transfer."""
    transfer_id: pulumi.Output[str]
    """The market's id of the transfer, which is the resource's id too."""
    created_at: pulumi.Output[str]
    """When the units moved, ISO 8601 in UTC; while `is_shown` is false, when that was asked for."""
    expires_at: pulumi.Output[str]
    """When the units that are left by then are lost, ISO 8601 in UTC: four hours later."""
    consumption_account_id: pulumi.Output[str | None]
    """The market's id of the account that they came to; None while `is_shown` is false."""
    is_shown: pulumi.Output[bool]
    """Whether the history has shown the transfer, which means that it is done."""
    adopted: pulumi.Output[bool]
    """Whether it was found and taken for this one, not sent."""
    instrument_id: pulumi.Output[str]
    """The market's id of the instrument."""
    account_id: pulumi.Output[str]
    """The user id of the account."""
    intent: pulumi.Output[str]
    """The random digits of its `Intent`."""
    watermark: pulumi.Output[Mapping[str, Any]]
    """What the history showed before it, as its `Intent` recorded that."""

    def __init__(
        self,
        resource_name: str,
        *,
        instrument: pulumi.Input[str],
        quantity: pulumi.Input[int | str],
        on_ambiguous: pulumi.Input[Literal["fail", "adopt"] | str] = "fail",
        triggers: pulumi.Input[Sequence[pulumi.Input[Any]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        units = pulumi.Output.from_input(quantity).apply(_one_spelling)
        request = [units, triggers]
        intent = intent_of("transfer", resource_name, opts, request=request, instrument=instrument)
        outputs: dict[str, Any] = dict.fromkeys(Transfer.__annotations__)
        inputs = {
            "name": resource_name,
            "instrument": instrument,
            "quantity": quantity,
            "on_ambiguous": on_ambiguous,
            "triggers": triggers,
            "intent": intent.nonce,
            "watermark": intent.watermark,
            "instrument_id": intent.instrument_id,
            "account_id": intent.account_id,
        }
        super().__init__(TransferProvider(), resource_name, outputs | inputs, opts)


def _one_spelling(quantity: object) -> Any:
    """Write a quantity in its canonical form; one that is none is refused later, by the check."""
    check = Check({"quantity": quantity}, frozenset({"quantity"}))
    check.units("quantity")
    return check.result().inputs["quantity"]
