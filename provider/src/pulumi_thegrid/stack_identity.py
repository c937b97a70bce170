"""The identity of a stack, which our other resources make by themselves on their first use."""

from __future__ import annotations

import hashlib

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid import _engine
from pulumi_thegrid._providers import StackIdentityProvider
from thegrid.core.identity import Owner, stack_owner

_NAME = "thegrid"
_DIGEST_LENGTH = 12


class StackIdentity(Resource, module="thegrid", name="StackIdentity"):
    """A random nonce, drawn once and recorded in the stack's state.

    With a hash of a resource's URN it names the owner of keys at the market: names alone collide,
    since two stacks may share organisation, project and name, now or one after the other.
    Programs have no need to make one: the first key of a program does.

    Args:
        resource_name: The resource's name; there is one identity per stack.
        opts: Pulumi's options.
    """

    nonce: pulumi.Output[str]
    """20 hexadecimal digits."""

    def __init__(
        self, resource_name: str = _NAME, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(StackIdentityProvider(), resource_name, {"nonce": None}, opts)


def owner_of(
    kind: type[Resource], resource_name: str, opts: pulumi.ResourceOptions | None
) -> pulumi.Output[str]:
    """Derive the owner of a resource that is about to be registered.

    Args:
        kind: The resource's class.
        resource_name: Its name.
        opts: Its options, which tell its parent.

    Returns:
        The owner; unknown in the preview that makes the stack's identity.
    """
    identity = _engine.once_per_run(_NAME, StackIdentity)

    async def owner(nonce: str) -> str:
        urn = await _engine.urn_of(_engine.type_token(kind), resource_name, opts)
        return str(owner_in_stack(nonce, urn))

    return identity.nonce.apply(owner)


def owner_in_stack(nonce: str, resource: str) -> Owner:
    """Name the owner of a resource in a stack.

    Args:
        nonce: The stack's identity.
        resource: What tells the resource from the stack's others, such as its URN.
    """
    return stack_owner(nonce, hashlib.sha256(resource.encode()).hexdigest()[:_DIGEST_LENGTH])
