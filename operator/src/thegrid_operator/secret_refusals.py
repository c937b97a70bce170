"""Why the API server refused to write a Secret, without its content. Pure.

A refusal may quote what it refuses: a malformed Secret as a whole, and a policy whatever its author
likes. So nothing is passed on but the names of who refused, where the rest is of a known form.
"""

from __future__ import annotations

import re
from typing import Any

_NAME = r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
_WHOSE = rf'(?:secrets "{_NAME}" is forbidden: )?'
_AWAY = "cannot be called"

_FORMS = tuple(
    (re.compile(form), words)
    for form, words in (
        (rf"{_WHOSE}exceeded quota: ({_NAME}), ", "ResourceQuota {} is used up"),
        (
            rf"{_WHOSE}ValidatingAdmissionPolicy '({_NAME})' with binding ",
            "ValidatingAdmissionPolicy {} denies it",
        ),
        (rf"{_WHOSE}policy '({_NAME})' with binding ", "MutatingAdmissionPolicy {} denies it"),
        (rf'admission webhook "({_NAME})" denied ', "admission webhook {} denies it"),
        (
            rf'Internal error occurred: failed calling webhook "({_NAME})": ',
            f"admission webhook {{}} {_AWAY}",
        ),
        (r"etcdserver: mvcc: database space exceeded$()", "etcd is out of space"),
        (r"etcdserver: request is too large$()", "it is too large for etcd"),
        (r"Request entity too large: ()", "it is too large"),
    )
)
_LIMITED = ("metadata.annotations", "data")
"""The fields that the API server limits as a whole: 256 KiB and 1 MiB."""


def why_refused(told: dict[str, Any]) -> str:
    """Say why a Secret was refused.

    Args:
        told: The answer's Status object.

    Returns:
        A few words, or nothing where they might quote the Secret.
    """
    causes = (told.get("details") or {}).get("causes") or ()
    too_long = {it.get("field") for it in causes if it.get("reason") == "FieldValueTooLong"}
    for field in _LIMITED:
        if field in too_long:
            return f"{field} would be too long"
    message = str(told.get("message", ""))
    for form, words in _FORMS:
        if found := form.match(message):
            return words.format(found[1])
    return ""


def is_up_to_others(why: str) -> bool:
    """Tell whether a server error comes from somebody else than the API server, and may last.

    Args:
        why: As `why_refused` returned it.
    """
    return why.endswith(_AWAY)
