"""Entries of a target Secret as templates, in the language of Kubernetes' own references. Pure.

`$(NAME)` stands for a value and `$$` for one dollar, as in a container's `env`. What Kubernetes
would leave as it is, an unknown name, is refused here: it would reach a program as a wrong key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from thegrid.client import Endpoints
from thegrid.client.environment import variables_for
from thegrid.core.secret import Secret

KEY = "$(KEY)"

DEFAULT_ENTRIES: Mapping[str, str] = {
    "OPENAI_API_KEY": KEY,
    "OPENAI_BASE_URL": "$(OPENAI_BASE_URL)",
    "ANTHROPIC_API_KEY": KEY,
    "ANTHROPIC_CUSTOM_HEADERS": f"x-api-key: {KEY}",
    "ANTHROPIC_BASE_URL": "$(ANTHROPIC_BASE_URL)",
}
"""What a target holds unless it is told otherwise: `thegrid.client.environment` as templates."""

PLACEHOLDERS = ("KEY", "KEY_ID", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL")

_PIECE = re.compile(r"\$\$|\$\((?:" + "|".join(PLACEHOLDERS) + r")\)")
_ALLOWED = ", ".join(f"$({name})" for name in PLACEHOLDERS)


def check_entries(entries: Mapping[str, str]) -> None:
    """Refuse templates that cannot be filled in.

    Args:
        entries: Templates by the names of entries.

    Raises:
        ValueError: A template holds an unknown placeholder, or none holds the key. It names the
            entry and what is allowed.
    """
    for entry, template in entries.items():
        if "$(" in _PIECE.sub(" ", template):
            raise ValueError(
                f"{entry} has an unknown placeholder: allowed are {_ALLOWED}, and $$ for a dollar"
            )
    if not any(map(_tells_the_key, entries.values())):
        raise ValueError(f"no entry holds {KEY}")


def _tells_the_key(template: str) -> bool:
    return KEY in template.replace("$$", " ")


def without_the_key(entries: Mapping[str, str]) -> frozenset[str]:
    """Return the entries that do not tell the key: who reads only these never holds one."""
    return frozenset(entry for entry, it in entries.items() if not _tells_the_key(it))


def key_entry(entries: Mapping[str, str]) -> str:
    """Return the entry that is the key itself and nothing else; empty where there is none."""
    plain = sorted(entry for entry, template in entries.items() if template == KEY)
    return next((entry for entry in DEFAULT_ENTRIES if entry in plain), (*plain, "")[0])


def fill_in(
    entries: Mapping[str, str], *, endpoints: Endpoints, key_id: str, secret: Secret
) -> dict[str, str]:
    """Fill in templates.

    Args:
        entries: Templates by the names of entries, checked before.
        endpoints: The market.
        key_id: The key's identifier.
        secret: The key itself.

    Returns:
        The content of a Secret, by entry; it holds the key.
    """
    known = variables_for(endpoints, secret)
    values = {
        "$$": "$",
        KEY: secret.reveal(),
        "$(KEY_ID)": key_id,
        "$(OPENAI_BASE_URL)": known["OPENAI_BASE_URL"],
        "$(ANTHROPIC_BASE_URL)": known["ANTHROPIC_BASE_URL"],
    }
    return {
        entry: _PIECE.sub(lambda piece: values[piece.group()], template)
        for entry, template in entries.items()
    }
