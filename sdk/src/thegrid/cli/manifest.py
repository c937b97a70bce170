"""A login as a manifest for Kubernetes, in the shape that the operator's `GridAccount` reads. Pure.

The type and the entries of the Secret are those that the chart's README documents.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from thegrid.client import Misuse
from thegrid.core.model import TokenPair

LOGIN_SECRET_TYPE = "thegrid.ai/login"  # noqa: S105 - a type's name
NEEDED_SCOPES = ("account:read", "keys:manage")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class SecretName:
    """The namespace and the name of a Secret."""

    namespace: str
    name: str

    @classmethod
    def parse(cls, text: str) -> SecretName:
        """Read `NAMESPACE/NAME` (RFC 1123 label and subdomain, as Kubernetes wants them).

        Raises:
            Misuse: It is none.
        """
        namespace, slash, name = text.partition("/")
        labels = name.split(".")
        if (
            not slash
            or not _LABEL.fullmatch(namespace)
            or len(name) > _LONGEST_NAME
            or not all(_LABEL.fullmatch(label) for label in labels)
        ):
            raise Misuse(
                f"--manifest: {text!r} is not NAMESPACE/NAME in lower-case letters, digits, "
                "hyphens and, in the name, dots"
            )
        return cls(namespace, name)


def login_secret(name: SecretName, pair: TokenPair) -> dict[str, Any]:
    """Make the manifest of a login.

    Args:
        name: Where it shall be.
        pair: The login.

    Returns:
        A Secret with the refresh token, which the operator renews by itself; where the market gave
        none, with the access token, which lasts until it expires.
    """
    entry = (
        {"refreshToken": pair.refresh.reveal()}
        if pair.refresh
        else {"accessToken": pair.access.reveal()}
    )
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name.name, "namespace": name.namespace},
        "type": LOGIN_SECRET_TYPE,
        "stringData": entry,
    }


def as_yaml(manifest: dict[str, Any]) -> str:
    """Write a manifest of texts and objects of texts; a JSON text is a YAML text too (YAML 1.2)."""
    lines = []
    for key, value in manifest.items():
        if isinstance(value, dict):
            lines.append(f"{key}:")
            lines += [f"  {name}: {json.dumps(text)}" for name, text in value.items()]
        else:
            lines.append(f"{key}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"
