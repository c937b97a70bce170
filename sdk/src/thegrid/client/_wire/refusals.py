"""What a refusal says, in any of the market's shapes.

The shapes and their order follow The Grid's documentation, "Errors and rate limits", and its own
client.
"""

from __future__ import annotations

import re

from thegrid.client._wire.fields import decode

_MACHINE_CODE = re.compile(r"[a-z0-9_]+")


def error_code(body: bytes) -> str:
    """Read the machine code of a refusal; empty where none is."""
    return error_texts(body)[0]


def error_texts(body: bytes) -> tuple[str, str]:
    """Read a refusal's machine code and its text for people; both may be empty."""
    decoded = decode(body)
    if not isinstance(decoded, dict):
        return "", ""
    inner = decoded.get("error")
    outer = decoded.get("errors")
    nested = inner if isinstance(inner, dict) else {}
    errors = outer if isinstance(outer, dict) else {}
    detail = errors.get("detail")
    codes = (nested.get("code"), errors.get("code"), decoded.get("code"), _as_code(detail), inner)
    messages = (
        decoded.get("error_description"),
        nested.get("message"),
        errors.get("message"),
        detail,
        _field_messages(detail),
        decoded.get("message"),
        inner,
    )
    return _first_text(codes), _first_text(messages)


def _as_code(detail: object) -> str | None:
    return detail if isinstance(detail, str) and _MACHINE_CODE.fullmatch(detail) else None


def _field_messages(detail: object) -> str | None:
    if not isinstance(detail, dict):
        return None
    rows = ((name, told if isinstance(told, list) else [told]) for name, told in detail.items())
    return "; ".join(f"{name}: {', '.join(map(str, told))}" for name, told in rows)


def _first_text(candidates: tuple[object, ...]) -> str:
    return next((text for text in candidates if isinstance(text, str) and text), "")
