"""A key that signs trades."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid import _engine
from pulumi_thegrid._providers import TradingKeyProvider
from pulumi_thegrid.stack_identity import owner_of

_SECRETS = ("private_key", "previous_private_key", "profile")


# Annotations are values in this file, not texts, which Pulumi would evaluate for every resource.
class TradingKey(Resource, module="thegrid", name="TradingKey"):
    """A registered Ed25519 key, which can be replaced in place while the old one works on.

    Without `public_key` a pair is generated, and its private half stands encrypted in the state. A
    new key is registered and has signed a request before it becomes the current one; the key before
    it works on for `overlap`, and the first `up` after that revokes it. Registered keys never
    expire: one that nobody rotates lives until the resource is deleted.

    With `public_key` the private half never comes near Pulumi. Another `public_key` is a rotation;
    it cannot be proven here, so sign with it before the overlap ends. The label of a public key
    cannot change while it is registered.

    Args:
        resource_name: The resource's name in the program.
        label: The readable part of the key's label at the market, one line of at most 100
            characters; the resource's name if not given. A changed label is a rotation.
        public_key: Base64 of the 32 raw bytes of an Ed25519 public key (no PEM), or None to
            generate a pair.
        rotate_after: The age at which a generated key is replaced: a whole number and `s`, `m`, `h`
            or `d`, as in `90d`; None for never.
        overlap: How long the key before it works on, in the same form; shorter than
            `rotate_after`.
        triggers: Any values; a change of one asks for a new generated key.
        adopt: The market's id of a key that is there already, to take it over at the creation. Its
            private half is not known, so `private_key` is None until the first rotation, which
            counts from the adoption. With `public_key` its registration is checked against that.
        opts: Pulumi's options; `provider` may be a `pulumi_thegrid.Provider`.
    """

    label: pulumi.Output[str]
    """The readable part of the label."""
    rotate_after: pulumi.Output[str | None]
    """The age at which the key is replaced, in its shortest form, or None for never."""
    overlap: pulumi.Output[str]
    """How long the key before it works on, in its shortest form."""
    triggers: pulumi.Output[Sequence[Any]]
    """The values whose change asks for a rotation."""
    adopt: pulumi.Output[str | None]
    """The id of the key that was taken over at the creation, or None."""
    public_key: pulumi.Output[str | None]
    """Base64 of the public key; None after an adoption without it, until the first rotation."""
    private_key: pulumi.Output[str | None]
    """Base64 of the 32-byte seed (secret), or None where only its owner or nobody has it."""
    fingerprint: pulumi.Output[str | None]
    """What signed requests name the key by: 43 characters of unpadded base64."""
    key_id: pulumi.Output[str]
    """The market's id of the key, a UUID."""
    key_number: pulumi.Output[int]
    """The rotation that made the key."""
    key_since: pulumi.Output[str]
    """When it became the current key, ISO 8601 in UTC."""
    key_is_dead: pulumi.Output[bool | None]
    """True once a refresh found that the key works no longer while another one of this resource
    does; the next `up` replaces it. Else None."""
    previous_public_key: pulumi.Output[str | None]
    """The public key before it while its overlap lasts, else None."""
    previous_private_key: pulumi.Output[str | None]
    """The private key before it (secret)."""
    previous_fingerprint: pulumi.Output[str | None]
    """The fingerprint of the key before it."""
    previous_key_id: pulumi.Output[str | None]
    """The market's id of the key before it."""
    previous_key_number: pulumi.Output[int | None]
    """The rotation that made the key before it."""
    previous_key_since: pulumi.Output[str | None]
    """When the key before it had become the current one."""
    first_created_at: pulumi.Output[str]
    """When the first key was made, ISO 8601 in UTC. Rotation times lie on a grid from here."""
    next_rotation: pulumi.Output[str | None]
    """When the next rotation is due, ISO 8601 in UTC, or None for never."""
    strays: pulumi.Output[Sequence[str]]
    """Ids of live keys of this resource whose private keys were lost; `up` revokes them."""
    profile: pulumi.Output[Mapping[str, str] | None]
    """A profile for the file of The Grid's command line (the whole map is secret), or None where
    there is no private key."""
    account_id: pulumi.Output[str]
    """The user id of the account that the key was registered in."""
    owner: pulumi.Output[str]
    """The tag in the labels of this resource's keys at the market."""

    def __init__(
        self,
        resource_name: str,
        *,
        label: pulumi.Input[str] | None = None,
        public_key: pulumi.Input[str] | None = None,
        rotate_after: pulumi.Input[str] | None = None,
        overlap: pulumi.Input[str] = "2d",
        triggers: pulumi.Input[Sequence[pulumi.Input[Any]]] | None = None,
        adopt: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props: dict[str, Any] = dict.fromkeys(TradingKey.__annotations__)
        if not _engine.is_looked_up(opts):
            props |= {
                "label": resource_name if label is None else label,
                "public_key": public_key,
                "rotate_after": rotate_after,
                "overlap": overlap,
                "triggers": triggers,
                "adopt": adopt,
                "owner": owner_of(type(self), resource_name, opts),
            }
        options = _engine.with_secret_outputs(opts, _SECRETS)
        super().__init__(TradingKeyProvider(), resource_name, props, options)
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
            The key, with `label`, `key_id` and `account_id`; all else is None.
        """
        return cls(resource_name, opts=_engine.looked_up(opts, id))
