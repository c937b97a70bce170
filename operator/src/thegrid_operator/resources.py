"""Custom resources as frozen values: what the API server has checked, read once.

What belongs here: the shape of `spec` and the annotations that people set. What does not: status,
which `status` writes, and defaults, which the custom resource definitions give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, cast

from thegrid.client import Endpoints
from thegrid.core.duration import parse_duration
from thegrid.core.rotation import AtDeadline, OnRevoked, RotationPolicy
from thegrid_operator.jitter import rotation_spread
from thegrid_operator.kube import Json
from thegrid_operator.record import as_recorded
from thegrid_operator.restarts import Workload
from thegrid_operator.templates import DEFAULT_ENTRIES, KEY, check_entries

FINALIZER = "thegrid.ai/finalizer"
ROTATE_ANNOTATION = "thegrid.ai/rotate"
"""Setting it to another text asks for one rotation."""

FORCE_DELETE_ANNOTATION = "thegrid.ai/force-delete"
"""Set to `true`, a deletion does not wait until the keys can be revoked."""

EMERGENCY_ANNOTATION = "thegrid.ai/emergency-rotate"
"""Setting it to another text asks for a rotation that revokes what came before at once."""

LOG_IN_ANNOTATION = "thegrid.ai/log-in"
"""Setting it to another text asks for a device login's code at once."""

LOGIN_SECRET_TYPE = "thegrid.ai/login"  # noqa: S105 - a type's name

DeletionPolicy = Literal["Revoke", "Orphan"]


@dataclass(frozen=True, slots=True)
class Meta:
    """What every object has."""

    namespace: str
    name: str
    uid: str
    generation: int
    deleted: bool
    finalizers: tuple[str, ...]

    @classmethod
    def of(cls, item: Json) -> Meta:
        """Read an object's metadata."""
        meta = item["metadata"]
        return cls(
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            generation=meta.get("generation", 0),
            deleted="deletionTimestamp" in meta,
            finalizers=tuple(meta.get("finalizers", ())),
        )


@dataclass(frozen=True, slots=True)
class GridAccount:
    """A `GridAccount`: a login to one account of the market.

    Attributes:
        meta: The object.
        login_secret: The name of the Secret with the bootstrap login, in the same namespace.
        endpoints: Where the market is.
        allowed_namespaces: Where resources may use the account from.
        suspended: Whether to leave everything as it is.
        log_in: The text of the annotation that asks for a device login; empty for none.
    """

    meta: Meta
    login_secret: str
    endpoints: Endpoints
    allowed_namespaces: frozenset[str]
    suspended: bool
    log_in: str = ""

    @classmethod
    def of(cls, item: Json) -> GridAccount:
        """Read the object.

        Raises:
            Misuse: An address cannot be used.
        """
        meta, spec = Meta.of(item), item["spec"]
        addresses = spec.get("endpoints") or {}
        known = {
            "platform": addresses.get("platform"),
            "trading": addresses.get("trading"),
            "consumption": addresses.get("consumption"),
            "messages": addresses.get("messages"),
            "platform_prefix": addresses.get("platformPrefix"),
        }
        return cls(
            meta=meta,
            login_secret=spec["loginSecretRef"]["name"],
            endpoints=Endpoints(**{name: value for name, value in known.items() if value}),
            allowed_namespaces=frozenset(spec.get("allowedNamespaces") or [meta.namespace]),
            suspended=bool(spec.get("suspend")),
            log_in=(item["metadata"].get("annotations") or {}).get(LOG_IN_ANNOTATION, ""),
        )


@dataclass(frozen=True, slots=True)
class Target:
    """The Secret that workloads read, as a `ConsumptionKey` asks for it.

    Attributes:
        name: Its name, in the same namespace.
        entries: Templates by the names of entries.
        labels: Labels beside ours.
        annotations: Annotations beside ours.
        adopt: Whether a Secret that is nobody's is taken over.
    """

    name: str
    entries: Mapping[str, str] = field(default_factory=lambda: DEFAULT_ENTRIES)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    adopt: bool = False

    @classmethod
    def of(cls, spec: Json) -> Target:
        """Read `spec.target`.

        Raises:
            ValueError: A template cannot be filled in; the API server refuses it too.
        """
        entries = spec.get("entries") or DEFAULT_ENTRIES
        try:
            check_entries(entries)
        except ValueError as problem:
            raise ValueError(f"spec.target.entries: {problem}") from None
        return cls(
            name=spec["name"],
            entries=entries,
            labels=spec.get("labels") or {},
            annotations=spec.get("annotations") or {},
            adopt=spec.get("creationPolicy") == "Adopt",
        )


@dataclass(frozen=True, slots=True)
class ConsumptionKey:
    """A `ConsumptionKey`: one key, kept in one Secret.

    Attributes:
        meta: The object.
        account: Namespace and name of the `GridAccount`.
        target: The Secret that workloads read, in the same namespace.
        policy: How to rotate.
        suspended: Whether to leave everything as it is.
        deletion: What becomes of the key when the object goes.
        trigger: The text of the annotation that asks for a rotation; empty for none.
        emergency: The same for an emergency rotation.
        force_delete: Whether a deletion does not wait until the keys can be revoked.
        adopt_key_id: The key that a person put into the target, to be taken over; empty for none.
        asks_pods: Whether pods are asked before an older key is revoked; else time alone decides.
        volume_delay: How long a volume may show an older key, or None for the operator's default.
        restart: What is restarted after each swap, in this order.
    """

    meta: Meta
    account: tuple[str, str]
    target: Target
    policy: RotationPolicy
    suspended: bool
    deletion: DeletionPolicy
    trigger: str
    force_delete: bool = False
    emergency: str = ""
    adopt_key_id: str = ""
    asks_pods: bool = True
    volume_delay: timedelta | None = None
    restart: tuple[Workload, ...] = ()

    @classmethod
    def of(cls, item: Json) -> ConsumptionKey:
        """Read the object.

        Raises:
            ValueError: A duration cannot be read, `overlap` is not shorter than `rotateAfter`,
                `deadline` is not longer than `overlap`, or a template cannot be filled in; the API
                server refuses all of them.
        """
        meta, spec = Meta.of(item), item["spec"]
        if meta.deleted:
            spec = _what_its_end_needs(spec, meta.uid)
        reference = spec["accountRef"]
        annotations = item["metadata"].get("annotations") or {}
        return cls(
            meta=meta,
            account=(reference.get("namespace") or meta.namespace, reference["name"]),
            target=Target.of(spec["target"]),
            policy=_policy(spec, meta.uid),
            suspended=bool(spec.get("suspend")),
            deletion=cast(DeletionPolicy, spec.get("deletionPolicy", "Revoke")),
            trigger=as_recorded(annotations.get(ROTATE_ANNOTATION, "")),
            force_delete=annotations.get(FORCE_DELETE_ANNOTATION) == "true",
            emergency=as_recorded(annotations.get(EMERGENCY_ANNOTATION, "")),
            adopt_key_id=spec.get("adoptKeyId", "").lower(),  # as the market writes them
            asks_pods=spec.get("adoption", "Pods") == "Pods",
            volume_delay=_duration(spec, "volumeDelay") if "volumeDelay" in spec else None,
            restart=tuple(Workload(it["kind"], it["name"]) for it in spec.get("restart") or ()),
        )


def _what_its_end_needs(spec: Json, uid: str) -> Json:
    """Leave out what need not be right any more: else who declared it wrong could not delete it."""
    target = {"name": spec["target"]["name"]}
    entries = dict.fromkeys(spec["target"].get("entries") or (), KEY)
    kept = ("accountRef", "deletionPolicy", "adoptKeyId")
    left = {name: spec[name] for name in kept if name in spec}
    policy = {name: spec[name] for name in _POLICY if name in spec}
    try:
        _policy(policy, uid)
    except (KeyError, ValueError):
        policy = {"rotateAfter": "1d", "overlap": "0s"}
    return left | policy | {"target": target | {"entries": entries}}


_POLICY = ("rotateAfter", "overlap", "deadline", "onDeadline", "onRevoked")


def _policy(spec: Json, uid: str) -> RotationPolicy:
    rotate_after, overlap = _duration(spec, "rotateAfter"), _duration(spec, "overlap")
    return RotationPolicy(
        rotate_after,
        overlap,
        spread=rotation_spread(uid, rotate_after, overlap),
        deadline=_duration(spec, "deadline") if "deadline" in spec else None,
        at_deadline=AtDeadline(spec.get("onDeadline", AtDeadline.HOLD.value)),
        on_revoked=OnRevoked(spec.get("onRevoked", OnRevoked.REPLACE.value)),
    )


def _duration(spec: Json, field: str) -> timedelta:
    try:
        return parse_duration(spec[field])
    except ValueError as problem:
        raise ValueError(f"spec.{field}: {problem}") from None


def disallowed_hosts(endpoints: Endpoints, allowed: frozenset[str]) -> list[str]:
    """Find the hosts of a market that the operator was not told to trust.

    Args:
        endpoints: The addresses that a resource names.
        allowed: Host names; each also allows every name below it.

    Returns:
        The hosts that are not allowed, sorted.
    """
    return sorted(host for host in endpoints.hosts if not _is_allowed(host, allowed))


def _is_allowed(host: str, allowed: frozenset[str]) -> bool:
    return any(host == name or host.endswith("." + name) for name in allowed)
