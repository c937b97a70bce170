"""A key for inference that rotates itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid import _engine
from pulumi_thegrid._providers import ConsumptionKeyProvider
from pulumi_thegrid.stack_identity import owner_of

_SECRETS = ("key", "previous_key", "env")


# Annotations are values in this file, not texts, which Pulumi would evaluate for every resource.
class ConsumptionKey(Resource, module="thegrid", name="ConsumptionKey"):
    """A consumption key, replaced in place by the first `up` after `rotate_after`.

    After a rotation the key before it works on for `overlap`; the first `up` after that revokes it.
    A rotation that is due or asked for while an overlap lasts revokes the oldest key at once, and
    the preview says so. Keys die by themselves `max(2 * rotate_after + overlap, 7d)` after their
    birth, so an abandoned one does no harm. Deleting the resource revokes all its keys.

    Args:
        resource_name: The resource's name in the program.
        name: The readable part of the key's name at the market, one line of at most 100
            characters; the resource's name if not given. A changed name is a rotation.
        rotate_after: The age at which the key is replaced: a whole number and `s`, `m`, `h` or
            `d`, as in `14d`.
        overlap: How long the key before it works on, in the same form; shorter than
            `rotate_after`.
        triggers: Any values; a change of one asks for a rotation.
        adopt: The market's id of a key that is there already, to take it over at the creation. Its
            secret is not known, so `key` and `env` are None until the first rotation, which counts
            from the adoption.
        opts: Pulumi's options; `provider` may be a `pulumi_thegrid.Provider`.
    """

    name: pulumi.Output[str]
    """The readable part of the key's name at the market."""
    rotate_after: pulumi.Output[str]
    """The age at which the key is replaced, in its shortest form."""
    overlap: pulumi.Output[str]
    """How long the key before it works on, in its shortest form."""
    triggers: pulumi.Output[Sequence[Any]]
    """The values whose change asks for a rotation."""
    adopt: pulumi.Output[str | None]
    """The id of the key that was taken over at the creation, or None."""
    key: pulumi.Output[str | None]
    """The key (secret); None after an adoption, until the first rotation."""
    key_id: pulumi.Output[str]
    """The market's id of the key, a UUID."""
    key_number: pulumi.Output[int]
    """The rotation that made the key."""
    key_since: pulumi.Output[str]
    """When it became the current key, ISO 8601 in UTC."""
    key_is_dead: pulumi.Output[bool | None]
    """True once a refresh found that the key works no longer while another one of this resource
    does; the next `up` replaces it. Else None."""
    expires_at: pulumi.Output[str | None]
    """When the key dies by itself, ISO 8601 in UTC; None for an adopted one that never does."""
    previous_key: pulumi.Output[str | None]
    """The key before it while its overlap lasts (secret), else None."""
    previous_key_id: pulumi.Output[str | None]
    """The market's id of the key before it."""
    previous_key_number: pulumi.Output[int | None]
    """The rotation that made the key before it."""
    previous_key_since: pulumi.Output[str | None]
    """When the key before it had become the current one."""
    previous_expires_at: pulumi.Output[str | None]
    """When the key before it dies by itself."""
    first_created_at: pulumi.Output[str]
    """When the first key was made, ISO 8601 in UTC. Rotation times lie on a grid from here."""
    next_rotation: pulumi.Output[str]
    """When the next rotation is due, ISO 8601 in UTC."""
    strays: pulumi.Output[Sequence[str]]
    """Ids of keys of this resource whose secrets no state holds; the next `up` revokes them."""
    env: pulumi.Output[Mapping[str, str] | None]
    """Environment variables for the SDKs of OpenAI and Anthropic (the whole map is secret); None
    after an adoption, until the first rotation."""
    account_id: pulumi.Output[str]
    """The user id of the account that the key was made in."""
    owner: pulumi.Output[str]
    """The tag in the names of this resource's keys at the market."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str] | None = None,
        rotate_after: pulumi.Input[str] = "14d",
        overlap: pulumi.Input[str] = "2d",
        triggers: pulumi.Input[Sequence[pulumi.Input[Any]]] | None = None,
        adopt: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props: dict[str, Any] = dict.fromkeys(ConsumptionKey.__annotations__)
        if not _engine.is_looked_up(opts):
            props |= {
                "name": resource_name if name is None else name,
                "rotate_after": rotate_after,
                "overlap": overlap,
                "triggers": triggers,
                "adopt": adopt,
                "owner": owner_of(type(self), resource_name, opts),
            }
        options = _engine.with_secret_outputs(opts, _SECRETS)
        super().__init__(ConsumptionKeyProvider(), resource_name, props, options)
        _engine.leave_to_registration(self, props)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as Pulumi calls it everywhere
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Look up a live key that is not managed here, at every `up`; nothing ever revokes it.

        Args:
            resource_name: The resource's name in the program.
            id: The market's id of the key: `key_id`, where a stack manages it.
            opts: Pulumi's options.

        Returns:
            The key, with `name` as it is at the market, `key_id`, `expires_at` and `account_id`;
            all else is None.
        """
        return cls(resource_name, opts=_engine.looked_up(opts, id))
