"""What `pulumi-thegrid adopt` writes about an account: a program, and Pulumi's import file. Pure.

The import file gives inputs and outputs, so that Pulumi takes them into its state as they are and
asks the provider nothing. The next preview shows no change if both maps are what an `up` of the
program would have recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.dynamic import Resource, ResourceProvider

from pulumi_thegrid import _engine

_LINE = 100
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Found:
    """Something of an account that a stack can take over.

    Attributes:
        kind: The resource's class.
        provider: Its provider.
        name: Its name in the program.
        id: The resource's id in the state.
        arguments: What the program says, by the names of the arguments; None for what declares
            itself.
        inputs: What an `up` of it would have recorded as inputs.
        outputs: Likewise as outputs.
        comment: A line for the program.
    """

    kind: type[Resource]
    provider: ResourceProvider
    name: str
    id: str
    arguments: Mapping[str, Any] | None
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    comment: str


def import_file(found: Iterable[Found]) -> str:
    """Write the file that `pulumi import --file` reads."""
    return json.dumps({"resources": [_entry(it) for it in found]}, indent=2) + "\n"


def program(account_id: str, found: Iterable[Found]) -> str:
    """Write the program that declares what was found.

    Args:
        account_id: Whose it is.
        found: What was found, in the order of the program.

    Returns:
        Python, formatted.
    """
    head = f'"""What was found in account {account_id}."""\n\nimport pulumi_thegrid as thegrid\n'
    return head + "".join(
        f"\n# {it.comment}\n{_declaration(it, it.arguments)}\n"
        for it in found
        if it.arguments is not None
    )


def _entry(found: Found) -> dict[str, Any]:
    provider = {_engine.PROVIDER_KEY: _engine.pickled(found.provider)}
    return {
        "type": _engine.type_token(found.kind),
        "name": found.name,
        "id": found.id,
        "inputs": {**found.inputs, **provider},
        "outputs": {**found.outputs, **provider},
    }


def _declaration(found: Found, arguments: Mapping[str, Any]) -> str:
    values = [_literal(found.name)]
    values += [f"{name}={_literal(value)}" for name, value in arguments.items()]
    opening = f"thegrid.{found.kind.__name__}("
    line = f"{opening}{', '.join(values)})"
    if len(line) <= _LINE:
        return line
    return "\n".join([opening, *(f"{_INDENT}{value}," for value in values), ")"])


def _literal(value: object) -> str:
    """Write a text as JSON does, whose quotes are the usual ones; Python reads both alike."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
