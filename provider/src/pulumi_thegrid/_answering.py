"""How a question of a program is answered. A program that asks nothing never imports this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import get_config

from pulumi_thegrid import _engine
from pulumi_thegrid._connection import Connection, connect
from pulumi_thegrid._failure import failed
from thegrid.client import GridError

T = TypeVar("T")


def answer(name: str, read: Callable[[Connection], T], settings: Mapping[str, str] | None) -> T:
    """Ask the market.

    Args:
        name: The function, for messages.
        read: Asks it.
        settings: What an explicit provider was given, or None for the stack's configuration.

    Returns:
        What `read` returned.

    Raises:
        pulumi.RunError: It failed; one line.
    """
    login = None
    try:
        connection = connect(settings.get if settings is not None else _configured)
        login = connection.login
        return read(connection)
    except (GridError, ValueError) as error:
        told = failed(name, "invoke", error, login)
        raise pulumi.RunError(str(told)) from (error if _engine.debugging() else None)


def _configured(key: str) -> Any:
    return get_config(f"thegrid:{key}")
