"""What is about to be done, recorded first. Resources that move money make one by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid._providers import IntentProvider


class Intent(Resource, module="thegrid", name="Intent"):
    """Random digits, recorded in the state before something is done that must not be done twice.

    For an instrument it records too what the history of its transfers showed, so that what came
    after is known. It is never changed: another `request` or `instrument` is another intent.
    Programs have no need to make one: the resources that move money do.

    Args:
        resource_name: The resource's name in the program.
        request: Any values; a change of one is another intent.
        instrument: Symbol or id of the instrument whose history is looked at, or None.
        opts: Pulumi's options; `provider` may be a `pulumi_thegrid.Provider`.
    """

    request: pulumi.Output[Sequence[Any]]
    """The values whose change is another intent."""
    instrument: pulumi.Output[str | None]
    """The instrument as declared."""
    nonce: pulumi.Output[str]
    """32 hexadecimal digits, which are the resource's id too."""
    recorded_at: pulumi.Output[str]
    """When it was recorded, ISO 8601 in UTC."""
    account_id: pulumi.Output[str | None]
    """The user id of the account whose history was looked at."""
    instrument_id: pulumi.Output[str | None]
    """The market's id of the instrument."""
    watermark: pulumi.Output[Mapping[str, Any] | None]
    """`since`: what is older came before it; `seen`: ids of newer transfers that came before it."""

    def __init__(
        self,
        resource_name: str,
        *,
        request: pulumi.Input[Sequence[pulumi.Input[Any]]],
        instrument: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        outputs: dict[str, Any] = dict.fromkeys(Intent.__annotations__)
        inputs = {"request": request, "instrument": instrument}
        super().__init__(IntentProvider(), resource_name, outputs | inputs, opts)


def intent_of(
    kind: str,
    resource_name: str,
    opts: pulumi.ResourceOptions | None,
    *,
    request: pulumi.Input[Sequence[pulumi.Input[Any]]],
    instrument: pulumi.Input[str] | None = None,
) -> Intent:
    """Make the intent of a resource that is about to be registered.

    It stands beside that resource and goes through the same provider, so that one process does
    both, and it waits for the same dependencies, so that its watermark is as late as can be.

    Args:
        kind: The resource's kind, which with its name makes the intent's name.
        resource_name: The resource's name.
        opts: The resource's options.
        request: Values of which each change is another intent.
        instrument: Symbol or id of the instrument whose history is looked at, or None.
    """
    beside = pulumi.ResourceOptions()
    if opts is not None:
        beside = pulumi.ResourceOptions(
            parent=opts.parent, provider=opts.provider, depends_on=opts.depends_on
        )
    name = f"{resource_name}-{kind}"
    return Intent(name, request=request, instrument=instrument, opts=beside)
