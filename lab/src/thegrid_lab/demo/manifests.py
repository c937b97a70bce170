"""What a team declares in its namespace: a login, an account, a key, and who may read the key."""

from __future__ import annotations

from typing import Any

from thegrid.client import Endpoints
from thegrid.core.secret import Secret

TEAM = "team-a"
ACCOUNT = "team"
KEY = "assistant"
TARGET = "assistant-grid"
WORKLOAD = "assistant"
ROTATE_AFTER, OVERLAP = "8s", "4s"
_LOGIN = "grid-login"
_OURS = "thegrid.ai/v1alpha1"
_RBAC = "rbac.authorization.k8s.io"

Json = dict[str, Any]


def login(refresh_token: Secret) -> Json:
    """The Secret with the account's login."""
    entries = {"refreshToken": refresh_token.reveal()}
    return _object("v1", "Secret", _LOGIN, type="thegrid.ai/login", stringData=entries)


def resources(endpoints: Endpoints) -> list[Json]:
    """The account and the key; the times are short so that the demo is."""
    addresses = {
        "platform": endpoints.platform,
        "trading": endpoints.trading,
        "consumption": endpoints.consumption,
        "messages": endpoints.messages,
    }
    account = {"loginSecretRef": {"name": _LOGIN}, "endpoints": addresses}
    key = {
        "accountRef": {"name": ACCOUNT},
        "target": {"name": TARGET},
        "rotateAfter": ROTATE_AFTER,
        "overlap": OVERLAP,
    }
    return [
        _object(_OURS, "GridAccount", ACCOUNT, spec=account),
        _object(_OURS, "ConsumptionKey", KEY, spec=key),
    ]


def workload_rights() -> list[Json]:
    """A ServiceAccount that may read its one Secret."""
    rule = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": [TARGET],
        "verbs": ["get"],
    }
    role = {"apiGroup": _RBAC, "kind": "Role", "name": WORKLOAD}
    subject = {"kind": "ServiceAccount", "name": WORKLOAD, "namespace": TEAM}
    return [
        _object("v1", "ServiceAccount", WORKLOAD),
        _object(f"{_RBAC}/v1", "Role", WORKLOAD, rules=[rule]),
        _object(f"{_RBAC}/v1", "RoleBinding", WORKLOAD, roleRef=role, subjects=[subject]),
    ]


def _object(version: str, kind: str, name: str, **rest: Any) -> Json:
    metadata = {"name": name, "namespace": TEAM}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
