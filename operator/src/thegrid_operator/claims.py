"""Whose a Secret is, and whether a `ConsumptionKey` may write it. Pure.

A Secret says by annotations which resource keeps it. The first to write it has it; a second one is
refused and told who the first is.
"""

from __future__ import annotations

from thegrid_operator.kube import Json
from thegrid_operator.manifests import OWNER, OWNER_UID, TARGET_TYPE, companion_name, is_ours
from thegrid_operator.resources import Meta
from thegrid_operator.status import Stalled

IN_USE = "SecretInUse"
"""Another resource keeps the Secret, which may end by itself."""


def other_keeper(secret: Json, meta: Meta) -> tuple[str, str] | None:
    """Return name and uid of the other resource that says it keeps a Secret, or None.

    Args:
        secret: The Secret, as read.
        meta: The resource that asks.
    """
    annotations = secret["metadata"].get("annotations") or {}
    uid, owner = annotations.get(OWNER_UID), annotations.get(OWNER, "")
    namespace, _, name = owner.partition("/")
    if not uid or uid == meta.uid or not name or namespace != meta.namespace:
        return None
    return name, uid


def refusal(secret: Json, meta: Meta, keeper: str | None, *, adopt: bool) -> Stalled | None:
    """Say why a Secret cannot be written, or return None where it can.

    Args:
        secret: The Secret, as read.
        meta: The resource that asks.
        keeper: The name of the other resource that keeps it and is there, or None.
        adopt: Whether one that is nobody's may be taken over.
    """
    name = secret["metadata"]["name"]
    if name == companion_name(meta.name):
        way_out = "delete it, since new keys are kept under this name before they are in use"
    else:
        way_out = (
            "delete it, name another one in spec.target.name of a new resource, or have it taken "
            "over by spec.target.creationPolicy: Adopt"
        )
    if keeper:
        return Stalled(
            IN_USE,
            f"Secret {name} is kept by ConsumptionKey {meta.namespace}/{keeper}: delete either "
            "of the two; this one goes on by itself when the other is gone",
        )
    if not is_ours(secret, meta):
        if not adopt:
            uid = (secret["metadata"].get("annotations") or {}).get(OWNER_UID)
            nobodys = "was not made by us, or was replaced since"
            whose = "belongs to a resource that is gone" if uid else nobodys
            return Stalled(
                "SecretNotOurs",
                f"Secret {name} exists and {whose}, so it is left alone: {way_out}",
            )
        if secret.get("type") != TARGET_TYPE:
            return Stalled(
                "SecretTypeRefused",
                f"Secret {name} is of type {secret.get('type')}; only one of type {TARGET_TYPE} "
                "is taken over",
            )
    if secret.get("immutable"):
        return Stalled("SecretImmutable", f"Secret {name} is immutable: delete it")
    return None
