"""A whole OpenAPI 3.1 document, put together from subjects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thegrid_emulator.openapi import paging, refusals
from thegrid_emulator.openapi.operation import HEADERS, SECURITY_SCHEMES, Operation
from thegrid_emulator.openapi.schema import Schema

Document = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The routes about one thing, and the schemas they speak of.

    Attributes:
        paths: operation by method in lower case, by path after the prefix.
        components: schemas by name.
    """

    paths: Mapping[str, Mapping[str, Operation]]
    components: Mapping[str, Schema] = field(default_factory=dict)


def document(title: str, prefixes: Sequence[str], subjects: Sequence[Subject]) -> Document:
    """Return the document of one surface.

    Args:
        title: name of the surface for a human.
        prefixes: path prefixes under which it serves every route. They stand as relative servers,
            so that the document fits whichever address it was read from.
        subjects: what it is about.
    """
    schemas: dict[str, object] = {**refusals.COMPONENTS, **paging.COMPONENTS}
    paths: dict[str, object] = {}
    for subject in subjects:
        schemas |= subject.components
        paths |= subject.paths
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{title}, as thegrid-emulator serves it",
            "version": "1",
            "description": "The emulator's own dialect; see its README for the alternate one.",
        },
        "servers": [{"url": prefix} for prefix in prefixes],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }
