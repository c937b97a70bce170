"""A dynamic resource that does nothing, with a consumption key's properties: what they cost."""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

TIME = "2026-01-01T00:00:00Z"
IDENTIFIER = "00000000-0000-4000-8000-000000000000"
INPUTS = {
    "name": "shaped",
    "rotate_after": "14d",
    "overlap": "2d",
    "triggers": None,
    "adopt": None,
    "owner": "pulumi:00000000000000000000:000000000000",
}
OUTPUTS = {
    "key": "0" * 40,
    "key_id": IDENTIFIER,
    "key_number": 1,
    "key_since": TIME,
    "expires_at": TIME,
    "key_is_dead": None,
    "previous_key": None,
    "previous_key_id": None,
    "previous_key_number": None,
    "previous_key_since": None,
    "previous_expires_at": None,
    "first_created_at": TIME,
    "next_rotation": TIME,
    "strays": [],
    "env": {f"VARIABLE_{number}": "0" * 40 for number in range(4)},
    "account_id": IDENTIFIER,
}
SECRETS = ["key", "previous_key", "env"]


class ShapedProvider(ResourceProvider):
    """Does nothing."""

    serialize_as_secret_always = False

    def create(self, _props: dict[str, Any]) -> CreateResult:
        """Make nothing."""
        return CreateResult("shaped", {**INPUTS, **OUTPUTS})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Find nothing changed."""
        return DiffResult(changes=False)


class Shaped(Resource, module="bench", name="Shaped"):
    """A resource with the properties of a consumption key, the same ones secret."""

    def __init__(self, name: str) -> None:
        options = pulumi.ResourceOptions(additional_secret_outputs=SECRETS)
        super().__init__(ShapedProvider(), name, INPUTS | dict.fromkeys(OUTPUTS), options)
