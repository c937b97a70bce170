"""The Platform API: every route, under both of its prefixes."""

from thegrid_emulator.openapi import diagnostics, refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import BEARER
from thegrid_emulator.openapi.platform import (
    api_keys,
    catalogue,
    oauth,
    settings,
    signing_keys,
    statistics,
    users,
)

SUBJECTS: tuple[Subject, ...] = (
    oauth.SUBJECT,
    api_keys.SUBJECT,
    signing_keys.SUBJECT,
    settings.SUBJECT,
    statistics.SUBJECT,
    users.SUBJECT,
    diagnostics.subject(refusals.of_platform(), [BEARER]),
    catalogue.SUBJECT,
)
"""What the platform's document consists of."""
