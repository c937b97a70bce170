"""A stack's identity: a nonce that is drawn once and recorded in the state."""

from __future__ import annotations

import secrets
from typing import Any

from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.lifecycle import Difference, Lifecycle, Properties

_NONCE_BYTES = 10


class StackIdentityLifecycle(Lifecycle):
    """Nothing at the market belongs to it; the names of keys carry the nonce."""

    kind = "StackIdentity"

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:  # noqa: ARG002
        """An identity never changes."""
        return Difference(changes=False)

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        """Draw the nonce."""
        nonce = secrets.token_hex(_NONCE_BYTES)
        return nonce, {"nonce": nonce}

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:  # noqa: ARG002
        """Return what is recorded; there is nothing else to ask."""
        return dict(old)

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Keep what is recorded."""
        return dict(old)

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:  # noqa: ARG002
        """Nothing is left anywhere."""
        return ()
