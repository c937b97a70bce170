"""Every use of what Pulumi does not promise to keep, in one place and behind feature detection.

What belongs here: the marks of unknown and secret values on the wire, the engine's log and whether
it lives, what a program's run is. What does not: anything about The Grid.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.output import contains_unknowns
from pulumi.runtime import get_root_resource

DEBUG_VARIABLE = "THEGRID_DEBUG"
"""Set to anything, it keeps tracebacks in errors."""

PROVIDER_KEY = "__provider"
"""The input that holds the pickled provider; Pulumi adds and removes it."""

_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, the same for everybody
_SERVER_MODULE = "pulumi.dynamic.__main__"
_ADDRESS = re.compile(r"[^\s:]+:[0-9]+")
_LOG_SECONDS = 2.0

T = TypeVar("T")
_per_run: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


def known(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a preview cannot know yet, at any depth, and Pulumi's own input."""
    return {
        name: value
        for name, value in properties.items()
        if name != PROVIDER_KEY and not contains_unknowns(value)
    }


def mark_secrets(outputs: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Wrap outputs as the engine's secret values.

    The engine marks an output by itself only where an input of the same name is secret, so a
    generated key would be plain text in the state.

    Args:
        outputs: The outputs of a resource.
        names: Which of them are secret; those that are None stay as they are.

    Returns:
        The outputs for the wire.
    """
    return {
        name: {_SIGNATURE_KEY: _SECRET_SIGNATURE, "value": value}
        if name in names and value is not None
        else value
        for name, value in outputs.items()
    }


def debugging() -> bool:
    """Tell whether the user wants tracebacks and causes in errors."""
    return bool(os.environ.get(DEBUG_VARIABLE))


def quiet_tracebacks() -> None:
    """Let the provider server report an exception by its text alone, unless debugging."""
    if not debugging():
        sys.tracebacklimit = 0


def tell(message: str, severity: Literal["info", "warning"] = "info") -> None:
    """Show a line in the command line's output; do nothing where there is no engine to ask.

    Args:
        message: One line without secrets.
        severity: How the command line shows it.
    """
    address = _engine_address()
    if address is None:
        return
    try:
        import grpc  # noqa: PLC0415 - Pulumi's own dependency, needed only beside an engine
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc  # noqa: PLC0415
    except ImportError:
        return
    level = engine_pb2.INFO if severity == "info" else engine_pb2.WARNING
    try:
        with grpc.insecure_channel(address) as channel:
            request = engine_pb2.LogRequest(severity=level, message=message)
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_LOG_SECONDS)
    except grpc.RpcError:
        return


def engine_has_gone() -> bool:
    """Tell whether this is a provider whose engine has ended, so that nobody records what it does.

    A killed engine leaves its provider running. Where there is no engine to ask, or it cannot be
    told, the answer is no.
    """
    address = _engine_address()
    if address is None:
        return False
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_LOG_SECONDS).close()
    except ConnectionRefusedError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _engine_address() -> str | None:
    """The provider server gets the engine's address as its only argument."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if getattr(spec, "name", None) != _SERVER_MODULE or len(sys.argv) < 2:  # noqa: PLR2004
        return None
    return sys.argv[1] if _ADDRESS.fullmatch(sys.argv[1]) else None


def once_per_run(name: str, make: Callable[[], T]) -> T:
    """Make something once in a run of a program; one process may run several programs in turn.

    Args:
        name: What it is.
        make: Makes it.

    Returns:
        What was made first.
    """
    root = get_root_resource()
    if root is None:
        return make()
    made = _per_run.setdefault(root, {})
    if name not in made:
        made[name] = make()
    result: T = made[name]
    return result


async def urn_of(resource_type: str, name: str, opts: pulumi.ResourceOptions | None) -> str:
    """Compute the URN that a resource is about to get.

    The URN of a parent brings along a dependency on the parent, which stands for all its children:
    the resource would depend on itself. Awaiting it leaves dependencies behind.
    """
    if opts is None or opts.parent is None:  # as `create_urn` writes it, by way of ten outputs
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{resource_type}::{name}"
    return str(await pulumi.create_urn(name, resource_type, opts.parent).future())


def type_token(kind: type[Resource]) -> str:
    """Return the type of a dynamic resource as URNs have it."""
    return f"pulumi-python:{kind._resource_type_name}"


def with_secret_outputs(
    opts: pulumi.ResourceOptions | None, names: Sequence[str]
) -> pulumi.ResourceOptions:
    """Add to a resource's options that some outputs are secret."""
    ours = pulumi.ResourceOptions(additional_secret_outputs=list(names))
    return pulumi.ResourceOptions.merge(opts, ours)


def leave_to_registration(resource: Resource, names: Iterable[str]) -> None:
    """Keep a resource's outputs out of what Pulumi waits for at the end of a program.

    It waits in passes over everything that is not settled, so that outputs cost a large program
    the square of their number. These settle with the resource's URN, for which it waits anyway,
    and the registration tells of its faults itself.

    Args:
        resource: One that is being registered.
        names: Outputs that it declares.
    """
    untrack = getattr(pulumi.Output, "_untrack", None)  # an output itself has every attribute
    if untrack is None:  # older SDKs have no way to take one back
        return
    for name in ("id", *names):
        output = resource.__dict__.get(name)
        if isinstance(output, pulumi.Output):
            untrack(output)


def wait_for(output: pulumi.Output[T]) -> T | None:
    """Wait in the middle of a program, as Pulumi's own plain invokes do.

    Args:
        output: What to wait for; it must not depend on anything that comes later in the program.

    Returns:
        Its value, or None where a preview cannot know it, or this version of Pulumi cannot wait.
    """
    try:
        from pulumi.runtime.sync_await import _sync_await  # noqa: PLC0415 - see above
    except ImportError:
        return None
    value: T | None = _sync_await(output.future())
    return value


def explicit_provider(opts: pulumi.InvokeOptions | None) -> pulumi.ProviderResource | None:
    """Return the provider that a function is to be asked with: its own, or its parent's."""
    if opts is None or opts.provider is not None or opts.parent is None:
        return opts.provider if opts else None
    return opts.parent.get_provider("pulumi-python:dynamic/thegrid:function")


def looked_up(
    opts: pulumi.ResourceOptions | None, id_: pulumi.Input[str]
) -> pulumi.ResourceOptions:
    """Add to a resource's options that it is read by its id and never managed."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id_))


def is_looked_up(opts: pulumi.ResourceOptions | None) -> bool:
    """Tell whether a resource is read by its id, so that no inputs belong to it."""
    return opts is not None and opts.id is not None


def pickled(provider: ResourceProvider) -> str:
    """Return what Pulumi records of a provider."""
    from pulumi.dynamic.dynamic import serialize_provider  # noqa: PLC0415 - only a command asks

    text: str = serialize_provider(provider)
    return text
