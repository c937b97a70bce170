"""A target that is changed on its way into the API server: by a mutating admission policy. Pure.

What is written is then never what is there, and to write it again at once would go on for ever,
ahead of every rotation. A label or an annotation that is not as asked does no harm, so it is borne,
and tried again now and then. Entries, or our own record, are what all else rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from thegrid_operator.kube import Json
from thegrid_operator.manifests import OWNER, OWNER_UID
from thegrid_operator.record import RECORD

TRY_AGAIN_AFTER = timedelta(minutes=5)

_ESSENTIAL = frozenset({RECORD, OWNER, OWNER_UID})


@dataclass(frozen=True, slots=True)
class Altered:
    """What others make of a target.

    Attributes:
        lacks: What it lacked right after it was written, as the patch that would mend it.
        at: When, by the market's clock.
    """

    lacks: Json
    at: datetime

    @property
    def can_be_borne(self) -> bool:
        """Whether the key that workloads read, and whose the Secret is, is as it was written."""
        return can_be_borne(self.lacks)

    def is_borne(self, lacks: Json | None, now: datetime) -> bool:
        """Tell whether what a target lacks is no reason to write it, for now.

        Args:
            lacks: What it lacks.
            now: The market's time.
        """
        return self.can_be_borne and lacks == self.lacks and now < self.at + TRY_AGAIN_AFTER


def words_for(target: str, altered: Altered) -> str:
    """Say what is changed, without its content.

    Args:
        target: The name of the Secret.
        altered: What is made of it.
    """
    return (
        f"Secret {target} is changed whenever it is written, as by an admission policy, so that "
        f"this is not as it should be: {', '.join(parts_of(altered.lacks))}"
    )


def parts_of(lacks: Json) -> list[str]:
    """Name what a target lacks, without its content.

    Args:
        lacks: The patch that would mend it.
    """
    meta = lacks.get("metadata", {})
    parts = {"entry": lacks.get("data"), "label": meta.get("labels")}
    parts["annotation"] = meta.get("annotations")
    return [f"{kind} {name}" for kind, names in parts.items() for name in sorted(names or ())]


def can_be_borne(lacks: Json) -> bool:
    """Tell whether the key that workloads read, and whose the Secret is, is as it was written.

    Args:
        lacks: The patch that would mend it.
    """
    annotations = lacks.get("metadata", {}).get("annotations") or {}
    return "data" not in lacks and not _ESSENTIAL & annotations.keys()
