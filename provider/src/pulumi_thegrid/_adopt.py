"""What of an account can be taken over by a stack, read without changing anything.

Adopting is the creation of a resource that finds its key or its order at the market and makes none,
so the same lifecycle tells what an `up` would record.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.dynamic import Resource, ResourceProvider

from pulumi_thegrid._adoption import Found
from pulumi_thegrid._amounts import amount_text
from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.account_settings import AccountSettingsLifecycle
from pulumi_thegrid._lifecycles.consumption_key import ConsumptionKeyLifecycle
from pulumi_thegrid._lifecycles.intent import IntentLifecycle
from pulumi_thegrid._lifecycles.key_market import KeyMarket
from pulumi_thegrid._lifecycles.order_adoption import can_be_kept, is_ours, symbol_in
from pulumi_thegrid._lifecycles.rotating_key import RotatingKeyLifecycle
from pulumi_thegrid._lifecycles.stack_identity import StackIdentityLifecycle
from pulumi_thegrid._lifecycles.standing_order import StandingOrderLifecycle
from pulumi_thegrid._lifecycles.trading_key import TradingKeyLifecycle
from pulumi_thegrid._providers import (
    AccountSettingsProvider,
    ConsumptionKeyProvider,
    IntentProvider,
    StackIdentityProvider,
    StandingOrderProvider,
    TradingKeyProvider,
)
from pulumi_thegrid.account_settings import AccountSettings
from pulumi_thegrid.consumption_key import ConsumptionKey
from pulumi_thegrid.intent import Intent
from pulumi_thegrid.stack_identity import StackIdentity, owner_in_stack
from pulumi_thegrid.standing_order import StandingOrder
from pulumi_thegrid.trading_key import TradingKey
from thegrid.client import GridError
from thegrid.core.identity import KeyTag
from thegrid.core.model import ListedKey, Order

_LONGEST_NAME = 60
_INTENT_SUFFIX = "-order"
"""What `StandingOrder` adds to its name for its intent."""

_ORDER_DEFAULTS = {"auto_transfer": False, "renew": "never", "repair": True, "fee_rate": "0"}
"""What `StandingOrder` declares where a program says nothing."""

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class _Keys:
    """One kind of key, and how a program declares an adopted one."""

    kind: type[Resource]
    provider: ResourceProvider
    lifecycle: RotatingKeyLifecycle
    declared: Mapping[str, str]
    recorded: Mapping[str, Any]
    comment: str


_KINDS = (
    _Keys(
        ConsumptionKey,
        ConsumptionKeyProvider(),
        ConsumptionKeyLifecycle(),
        {"rotate_after": "14d", "overlap": "2d"},
        {"triggers": None},
        "Its secret is not known here until the first rotation, which ends it after the overlap.",
    ),
    _Keys(
        TradingKey,
        TradingKeyProvider(),
        TradingKeyLifecycle(),
        {},
        {"public_key": None, "rotate_after": None, "overlap": "2d", "triggers": None},
        "Its private half stays with its owner until a rotation is asked for.",
    ),
)


def found_settings(connection: Connection) -> Found:
    """Read the settings of the account.

    Auto-buy is left out, since the mode dictates it, and so is what a program may not declare.

    Raises:
        GridError: They cannot be read.
    """
    lifecycle = AccountSettingsLifecycle()
    account_id = connection.account_id()
    outputs = lifecycle.read(connection, {"account_id": account_id})
    if outputs is None:
        raise GridError(f"account {account_id} has no settings")
    unsaid = dict.fromkeys(lifecycle.inputs)
    seen = {
        name: outputs[name]
        for name in AccountSettings.__annotations__
        if name in lifecycle.inputs - {"auto_buy_enabled"} and outputs[name] is not None
    }
    refused = {problem.field for problem in lifecycle.check({**unsaid, **seen}).problems}
    said = {name: value for name, value in seen.items() if name not in refused}
    return Found(
        kind=AccountSettings,
        provider=AccountSettingsProvider(),
        name="account",
        id=account_id,
        arguments=said,
        inputs={**unsaid, **said},
        outputs=outputs,
        comment="What the account may do by itself.",
    )


def found_keys(connection: Connection) -> list[Found]:
    """Read the live keys that no stack and no cluster manages yet, and the identity of their stack.

    Raises:
        GridError: They cannot be read.
    """
    nonce, identity = StackIdentityLifecycle().create(connection, {})
    found: list[Found] = []
    client = connection.client()
    for keys in _KINDS:
        listed = tuple(keys.lifecycle.list_keys(client))
        market = keys.lifecycle.market(connection, client, listed)
        for key in listed:
            if key.is_live(connection.clock.now()) and KeyTag.of(key) is None:
                taken = {it.name for it in found}
                found.append(_adopted(connection, keys, market, key, nonce=nonce, taken=taken))
    if not found:
        return []
    marks = Found(
        kind=StackIdentity,
        provider=StackIdentityProvider(),
        name="thegrid",
        id=nonce,
        arguments=None,
        inputs={},
        outputs=identity,
        comment="",
    )
    return [marks, *found]


def found_orders(connection: Connection, taken: Collection[str]) -> list[Found]:
    """Read the limit orders on the book that no standing order placed, each with its intent.

    Args:
        connection: The login.
        taken: Names that resources of the program have already.

    Raises:
        GridError: They cannot be read, or not all of them.
    """
    client = connection.client()
    found: list[Found] = []
    for listed in client.orders().complete():
        order = client.order(listed.id)  # which is never late
        if can_be_kept(order) and not is_ours(order):
            symbol = order.instrument_symbol or symbol_in(client.market(order.market_id))
            names = {*taken, *(it.name for it in found)}
            found += _adopted_order(connection, order, symbol, names)
    return found


def _adopted_order(
    connection: Connection, order: Order, symbol: str, taken: Collection[str]
) -> list[Found]:
    name = _free_name(f"{symbol}-{order.side}", taken, _INTENT_SUFFIX)
    request = {"request": [symbol, order.side, False, None], "instrument": None}
    nonce, recorded = IntentLifecycle().create(connection, request)
    said = {
        "instrument": symbol,
        "side": order.side,
        "price": amount_text(order.price),
        "quantity": amount_text(order.quantity),
        "adopt": order.id,
    }
    unsaid = {"daily_cap_usd": None, "triggers": None, **_ORDER_DEFAULTS}
    marks = {"name": name, "intent": nonce, "intent_recorded_at": recorded["recorded_at"]}
    lifecycle = StandingOrderLifecycle()
    checked = lifecycle.check({**said, **unsaid, **marks})
    if checked.problems:  # what a program may not declare
        return []
    _, outputs = lifecycle.create(connection, checked.inputs)
    intent = Found(
        kind=Intent,
        provider=IntentProvider(),
        name=f"{name}{_INTENT_SUFFIX}",
        id=nonce,
        arguments=None,
        inputs=request,
        outputs=recorded,
        comment="",
    )
    kept = Found(
        kind=StandingOrder,
        provider=StandingOrderProvider(),
        name=name,
        id=nonce,
        arguments={**said, "quantity": int(order.quantity)},
        inputs=checked.inputs,
        outputs=outputs,
        comment="It keeps its place on the book; `pulumi destroy` cancels it.",
    )
    return [intent, kept]


def _adopted(
    connection: Connection,
    keys: _Keys,
    market: KeyMarket[Any],
    key: ListedKey,
    *,
    nonce: str,
    taken: Collection[str],
) -> Found:
    name = _free_name(key.name, taken)
    field, adopted = keys.lifecycle.label_field, {"adopt": key.id}
    owner = {"owner": owner_in_stack(nonce, f"{keys.kind.__name__}::{name}")}

    def checked(label: str) -> tuple[dict[str, Any], bool]:
        said = {field: label, **keys.declared, **keys.recorded, **adopted, **owner}
        answer = keys.lifecycle.check(said)
        return answer.inputs, not answer.problems

    inputs, allowed = checked(key.name)
    if not allowed:  # a name that a program may not give
        inputs, _ = checked(name)
    id_, outputs = keys.lifecycle.begin(connection, market, inputs)
    return Found(
        kind=keys.kind,
        provider=keys.provider,
        name=name,
        id=id_,
        arguments={field: inputs[field], **keys.declared, **adopted},
        inputs=inputs,
        outputs=outputs,
        comment=keys.comment,
    )


def _free_name(label: str, taken: Collection[str], suffix: str = "") -> str:
    """Make a resource's name of a key's or an order's, free with and without a suffix."""
    plain = _NOT_IN_A_NAME.sub("-", label)[:_LONGEST_NAME].strip("-") or "key"
    names = [plain, *(f"{plain}-{number}" for number in range(2, 2 * len(taken) + 3))]
    return next(name for name in names if not {name, f"{name}{suffix}"} & {*taken})
