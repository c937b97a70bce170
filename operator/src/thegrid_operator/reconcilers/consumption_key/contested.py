"""A target that somebody changes back whenever it was put right, as a GitOps tool does. Pure.

Neither side can win: what is written lasts until the other one looks. So it is written with growing
pauses and told once, by whom. Meanwhile nobody can be taken to have read the current key, whatever
pods tell, so that no older key goes and nothing is restarted, but for an emergency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from thegrid_operator.kube import FIELD_MANAGER, Json
from thegrid_operator.reconcilers.consumption_key.altered import can_be_borne, parts_of

CONTESTED = "TargetContested"
TIMES = 3
"""A person may try something twice."""
OVER_AFTER = timedelta(minutes=20)
"""Longer than the longest pause and the ten minutes within which a target is read again."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Contest:
    """How often the same of a target was put right, one time soon after the other.

    Attributes:
        parts: What, such as `entry OPENAI_API_KEY`.
        times: How often.
        at: The last time, by the market's clock.
        by: Who had changed it then, as far as the API server knows; empty for nobody known.
        matters: Whether it is more than a label or an annotation that nothing rests on.
    """

    parts: frozenset[str]
    times: int
    at: datetime
    by: tuple[str, ...]
    matters: bool

    @property
    def begins(self) -> bool:
        """Whether this is the time by which it is clear."""
        return self.times == TIMES

    @property
    def ends_at(self) -> datetime:
        """When it is over, if it is not changed again before."""
        return self.at + OVER_AFTER

    def is_on(self, now: datetime) -> bool:
        """Tell whether somebody is to be expected to change it again."""
        return self.times >= TIMES and now < self.ends_at

    def holds_up(self, now: datetime) -> bool:
        """Tell whether workloads cannot be expected to read the current key."""
        return self.matters and self.is_on(now)

    def is_borne(self, lacks: Json | None, now: datetime) -> bool:
        """Tell whether what a target lacks is no reason to write it, for now.

        Args:
            lacks: What it lacks.
            now: The market's time.
        """
        return lacks is not None and can_be_borne(lacks) and now < self.pauses_until()

    def pauses_until(self) -> datetime:
        """Return before when it is not put right again, but in an emergency."""
        if self.times < TIMES:
            return self.at
        doubled = FIRST_PAUSE * 2.0 ** min(self.times - TIMES, 8)
        return self.at + min(doubled, LONGEST_PAUSE)


def put_right(before: Contest | None, seen: Json | None, lacks: Json, now: datetime) -> Contest:
    """Count one more time that a target was put right.

    Args:
        before: What was known, or None.
        seen: The target as it was found; None where it was not there.
        lacks: What it lacked, as the patch that mended it.
        now: The market's time.
    """
    parts = frozenset(parts_of(lacks) if seen else ["all of it"])
    by, matters = _who_changed(seen, lacks), not (seen and can_be_borne(lacks))
    if before is None or now >= before.ends_at or not parts & before.parts:
        return Contest(parts, 1, now, by, matters)
    return Contest(
        parts | before.parts, before.times + 1, now, by or before.by, matters or before.matters
    )


def words_for_contest(target: str, contest: Contest) -> str:
    """Say what is changed and by whom, and what to do.

    Args:
        target: The name of the Secret.
        contest: What is known of it.
    """
    who = f" by {' and '.join(contest.by)}" if contest.by else ""
    what = ", ".join(sorted(contest.parts))
    return (
        f"Secret {target} is changed{who} again whenever it is put right ({what}): have that left "
        "alone, or name another Secret in spec.target.name of a new resource"
    )


def _who_changed(seen: Json | None, lacks: Json) -> tuple[str, ...]:
    """Return the field managers that own what a target lacked, but for us."""
    managed = seen["metadata"].get("managedFields") or () if seen else ()
    others = (it for it in managed if it.get("manager") != FIELD_MANAGER)
    found = {it.get("manager", "") for it in others if _owns_any(it.get("fieldsV1") or {}, lacks)}
    return tuple(sorted(found - {""}))


def _owns_any(fields: Json, lacks: Json) -> bool:
    """Tell whether fields, written as managedFields does, have anything in common with a patch."""
    meta, wrong = fields.get("f:metadata") or {}, lacks.get("metadata") or {}
    pairs = [(fields.get("f:data"), lacks.get("data"))]
    pairs += [(meta.get(f"f:{part}"), wrong.get(part)) for part in ("labels", "annotations")]
    return any(f"f:{name}" in (owned or {}) for owned, names in pairs for name in names or ())
