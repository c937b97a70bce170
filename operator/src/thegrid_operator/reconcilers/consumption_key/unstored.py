"""A key that was made and could not be written down yet. Pure.

Its secret was told once, so the process keeps it and stores it at a later look. To make another one
instead would use up the few that may be made in vain, just when the API server refuses writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from thegrid.core.identity import Owner, owned_by
from thegrid.core.model import KeyListing
from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.manifests import Holding
from thegrid_operator.record import Requests


@dataclass(frozen=True, slots=True)
class Unstored:
    """A new key that only this process knows.

    Attributes:
        key: The key.
        secret: Its secret.
        handles: The requests that it handles.
    """

    key: HeldKey
    secret: Secret
    handles: Requests

    def put_into(self, holding: Holding) -> Holding:
        """Return the holding with the key as pending."""
        record = replace(holding.record, pending=self.key)
        return Holding(record, {**holding.secrets, self.key.id: self.secret}, self.handles)

    def is_wanted(self, owner: Owner, record: Record, listing: KeyListing) -> bool:
        """Tell whether the key still is the next one.

        Args:
            owner: Whose key it is.
            record: What is written down by now; another replica may have gone on.
            listing: What the market lists, which may not show the key yet.
        """
        written = [held.number for held in record.held()]
        ours = owned_by(owner, listing.keys).values()
        others = [tag.number for tag, key in ours if key.id != self.key.id]
        ended = any(
            key.id == self.key.id and not key.is_live(listing.as_of) for key in listing.keys
        )
        return (
            record.pending is None and not ended and self.key.number > max([0, *written, *others])
        )
