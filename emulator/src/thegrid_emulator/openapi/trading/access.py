"""How callers of the Trading API are recognised, and the shapes of ids in paths and queries."""

from collections.abc import Sequence

from thegrid_emulator.openapi.operation import BEARER, SIGNATURE

SIGNED_OR_BEARER: Sequence[str] = (SIGNATURE, BEARER)
"""Either lets a caller in; a bearer counts if both are there."""
