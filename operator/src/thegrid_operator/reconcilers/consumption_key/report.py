"""Saying how a key stands once nothing more is to be done."""

from __future__ import annotations

from thegrid.core.rotation import RotationPlan, next_rotation_at
from thegrid_operator.reconcilers.consumption_key.look import Look
from thegrid_operator.status import Report, State, time_text


def report_on(look: Look, plan: RotationPlan) -> Report:
    """Tell the outcome of a look whose plan asks for nothing.

    Args:
        look: What was found.
        plan: Why nothing is to be done now.

    Returns:
        The outcome to write down.

    Raises:
        GridError: The market could not be asked whether its catalogue checks keys.
    """
    situation, record = look.situation, look.stored.holding.record
    current = record.current
    works = current is not None and not situation.is_dead(current) and situation.target_is_right
    due = next_rotation_at(situation.policy, record)
    message = plan.message
    if works and current and due and plan.reason == "UpToDate":
        message = f"the Secret holds key #{current.number}; next rotation at {time_text(due)}"
    return Report(
        State.SETTLED if plan.reason == "UpToDate" else State.PROGRESSING,
        plan.reason,
        message,
        ready=works,
        facts={
            "keyId": current.id if current else None,
            "rotation": current.number if current else None,
            "rotatedAt": time_text(current.since) if current else None,
            "expiresAt": time_text(current.expires_at) if current and current.expires_at else None,
            "nextRotationAt": time_text(due) if due else None,
            "previousKeyId": record.previous.id if record.previous else None,
        },
        tested=_tested(look) if current and current.id != look.key.adopt_key_id else None,
    )


def _tested(look: Look) -> tuple[str, str, str]:
    if look.session.checks_keys():
        return "True", "Accepted", "the market accepted the key before it was swapped in"
    return (
        "Unknown",
        "CatalogueOpen",
        "the market's catalogue accepts any key, so nothing was proven",
    )
