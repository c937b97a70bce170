"""What the API server does to objects, as pure functions over dictionaries.

The rules are those of "Kubernetes API Concepts" and "Server-Side Apply" in the Kubernetes
documentation, as far as the operator meets them; `test_api_model.py` holds them to a real server.
"""

from __future__ import annotations

import copy

CONFLICT = (409, "Conflict")
EXISTS = (409, "AlreadyExists")
FORBIDDEN = (403, "Forbidden")
GONE = (410, "Expired")
INVALID = (422, "Invalid")
NOT_FOUND = (404, "NotFound")


class Refusal(Exception):
    """The API server says no.

    Args:
        verdict: The status and its machine reason.
        message: Why.
    """

    def __init__(self, verdict, message=""):
        super().__init__(message)
        self.status, self.reason = verdict
        self.body = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "code": self.status,
            "reason": self.reason,
            "message": message,
        }


def complete(schema, value):
    """Fill defaults in and drop what the schema does not know."""
    if isinstance(value, list):
        return [complete(schema.get("items", {}), each) for each in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    known = schema["properties"]
    defaults = {name: inner["default"] for name, inner in known.items() if "default" in inner}
    filled = copy.deepcopy(defaults) | {name: it for name, it in value.items() if name in known}
    return {name: complete(known[name], inner) for name, inner in filled.items()}


def merged(value, patch):
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for name, inner in patch.items():
        if inner is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), inner)
    return result


def applied(schema, value, owned, wanted):
    """Apply a manager's configuration by force.

    Args:
        schema: Of the value.
        value: As it is.
        owned: What this manager applied before.
        wanted: What it applies now; what it owned and no longer wants is removed.
    """
    if schema.get("type") == "object" and isinstance(wanted, dict):
        inner = schema.get("properties", {})
        return _applied_by_name(lambda name: inner.get(name, {}), value, owned, wanted)
    if schema.get("x-kubernetes-list-type") == "map":
        keys = schema["x-kubernetes-list-map-keys"]
        lists = [{tuple(it.get(k) for k in keys): it for it in x or ()} for x in (value, owned)]
        now = {tuple(it.get(k) for k in keys): it for it in wanted}
        return list(_applied_by_name(lambda _: schema["items"], *lists, now).values())
    return wanted


def _applied_by_name(schema_of, value, owned, wanted):
    value, owned = value or {}, owned or {}
    new = {
        name: applied(schema_of(name), value.get(name), owned.get(name), inner)
        for name, inner in wanted.items()
    }
    kept = {name: it for name, it in value.items() if name not in wanted and name not in owned}
    return new | kept


def check_guard(seen, meta):
    """Refuse a write whose uid or resourceVersion is another than the object's."""
    for field in ("uid", "resourceVersion"):
        if meta.get(field) and meta[field] != seen["metadata"][field]:
            raise Refusal(CONFLICT, f"the {field} is another one")


def check_change(kind, before, after):
    """Refuse what an update may not do."""
    old, new = (it["metadata"].get("finalizers") or [] for it in (before, after))
    if "deletionTimestamp" in before["metadata"] and not set(new) <= set(old):
        raise Refusal(INVALID, "no new finalizers while it is being deleted")
    if kind == "Secret":
        if before.get("type") != after.get("type"):
            raise Refusal(INVALID, "type: field is immutable")
        if before.get("immutable") and (
            before.get("data") != after.get("data") or not after.get("immutable")
        ):
            raise Refusal(INVALID, "data: field is immutable when `immutable` is set")
