"""How a program asks the market: in its own process, with the login that resources would have.

A dynamic provider answers no invokes, so there is nobody else to ask (docs/decisions/0009). What
belongs here: which login, when, and how a failure ends the program. What does not: what is asked
(`functions`) and what comes back (`results`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi

from pulumi_thegrid import _engine
from pulumi_thegrid.provider import Provider

if TYPE_CHECKING:
    from pulumi_thegrid._connection import Connection

T = TypeVar("T")
Arguments = Mapping[str, Any]
Reader = Callable[["Connection", Arguments], T]


def ask(name: str, read: Reader[T], arguments: Arguments, opts: pulumi.InvokeOptions | None) -> T:
    """Ask now, and hold the program up until the answer is there.

    Args:
        name: The function, for messages.
        read: Asks the market.
        arguments: Plain values by name.
        opts: With which provider.

    Returns:
        What `read` returned.

    Raises:
        pulumi.RunError: It failed, or the provider's settings are not known yet; one line.
    """
    provider = _provider_of(name, opts)
    if provider is None:
        return _answer(name, read, arguments, None)
    settings = _engine.wait_for(provider.known_settings())
    if settings is None:
        raise pulumi.RunError(f"{name}: the provider's settings are not known yet: {_LATER}")
    return _answer(name, read, arguments, settings)


def ask_later(
    name: str,
    read: Reader[T],
    arguments: Mapping[str, pulumi.Input[Any]],
    opts: pulumi.InvokeOptions | None,
) -> pulumi.Output[T]:
    """Ask once everything that it depends on is known.

    Args:
        name: The function, for messages.
        read: Asks the market.
        arguments: Values by name, plain or not.
        opts: With which provider, and what must be there before.

    Returns:
        What `read` returns; unknown in a preview that cannot know an argument, and secret if an
        argument is.

    Raises:
        pulumi.RunError: The provider cannot be one; one line.
    """
    provider = _provider_of(name, opts)
    settings = provider.known_settings() if provider else pulumi.Output.from_input(None)

    async def answer(known: list[Any]) -> T:
        return await asyncio.to_thread(_answer, name, read, known[0], known[1])

    gathered = pulumi.Output.all(pulumi.Output.all(**arguments), settings, *_before(opts))
    return gathered.apply(answer)


_LATER = "ask by the form that ends in _output"


def _provider_of(name: str, opts: pulumi.InvokeOptions | None) -> Provider | None:
    provider = _engine.explicit_provider(opts)
    if provider is None or isinstance(provider, Provider):
        return provider
    raise pulumi.RunError(f"{name}: provider: must be a pulumi_thegrid.Provider")


def _before(opts: pulumi.InvokeOptions | None) -> list[pulumi.Output[Any]]:
    """Wait for the resources of `depends_on`; the id of one that is yet to be made is unknown."""
    wanted = getattr(opts, "depends_on", None) or ()
    resources = [wanted] if isinstance(wanted, pulumi.Resource) else wanted
    return [
        resource.id if isinstance(resource, pulumi.CustomResource) else resource.urn
        for resource in resources
    ]


def _answer(
    name: str, read: Reader[T], arguments: Arguments, settings: Mapping[str, str] | None
) -> T:
    from pulumi_thegrid._answering import answer  # noqa: PLC0415 - most programs ask nothing

    return answer(name, lambda connection: read(connection, arguments), settings)
