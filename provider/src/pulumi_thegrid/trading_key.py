"""A key that signs trades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid._engine import with_secret_outputs
from pulumi_thegrid._providers import TradingKeyProvider
from pulumi_thegrid.stack_identity import owner_of

_SECRETS = ("private_key",)


class TradingKey(Resource, module="thegrid", name="TradingKey"):
    """A registered Ed25519 key. Another label or public key is another key.

    Without `public_key` a pair is generated, and its private half stands encrypted in the state; a
    replacement is then registered before the old key is revoked. With `public_key` the private half
    never comes near Pulumi. The market takes an active public key once, so where it stays the same
    (under a new label), the old registration is revoked in the moment before the new one.

    Args:
        resource_name: The resource's name in the program.
        label: The readable part of the key's label at the market, one line of at most 100
            characters; the resource's name if not given.
        public_key: Base64 of the 32 raw bytes of an Ed25519 public key (no PEM), or None to
            generate a pair.
        opts: Pulumi's options; `provider` may be a `pulumi_thegrid.Provider`.
    """

    label: pulumi.Output[str]
    """The readable part of the label."""
    public_key: pulumi.Output[str]
    """Base64 of the public key."""
    private_key: pulumi.Output[str | None]
    """Base64 of the 32-byte seed (secret), or None where the public key was brought along."""
    fingerprint: pulumi.Output[str]
    """What signed requests name the key by: 43 characters of unpadded base64."""
    key_id: pulumi.Output[str]
    """The market's id of the key, a UUID."""
    number: pulumi.Output[int]
    """Counts the keys that this resource has registered."""
    strays: pulumi.Output[Sequence[str]]
    """Ids of live keys of this resource whose private keys were lost; `up` revokes them."""
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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        outputs: dict[str, Any] = dict.fromkeys(TradingKey.__annotations__)
        inputs = {
            "label": resource_name if label is None else label,
            "public_key": public_key,
            "owner": owner_of(type(self), resource_name, opts),
        }
        super().__init__(
            TradingKeyProvider(),
            resource_name,
            outputs | inputs,
            with_secret_outputs(opts, _SECRETS),
        )
