"""An API server in memory: what the operator asks of one, and as little more as possible.

It keeps objects as the real one does where the operator can tell: guards by uid and
resourceVersion, finalizers and deletionTimestamp, generation and the status subresource, merge
patches, server-side apply of a status, and watches with their events, bookmarks and 410.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from tests.crash.api_rules import (
    CONFLICT,
    EXISTS,
    FORBIDDEN,
    NOT_FOUND,
    Refusal,
    applied,
    check_change,
    check_guard,
    complete,
    merged,
)

CHART = Path(__file__).parents[2] / "charts" / "thegrid-operator"
_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>v[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>[a-z]+))?"
)


def _schemas():
    """Return the schemas of the chart's custom resources by plural."""
    found = {}
    for path in sorted((CHART / "crds").glob("*.yaml")):
        spec = yaml.safe_load(path.read_text())["spec"]
        found[spec["names"]["plural"]] = spec["versions"][0]["schema"]["openAPIV3Schema"]
    return found


SCHEMAS = _schemas()
HAVING_STATUS = {*SCHEMAS, "deployments", "pods"}


@dataclass(frozen=True)
class Where:
    """The address of an object."""

    plural: str
    namespace: str
    name: str


@dataclass
class Stored:
    """An object and what each field manager applied to its status."""

    item: dict
    applied: dict = field(default_factory=dict)


class ApiServer:
    """The objects of one cluster.

    Args:
        clock: Tells when things were made.
    """

    def __init__(self, clock):
        self._clock = clock
        self._stored: dict[Where, Stored] = {}
        self._uids = 0
        self.version = 0
        self.served: dict[str, str] = {}
        """Kinds that not every cluster has, by the path of their group's version."""
        self.forbidden: set[str] = set()
        """Kinds that the operator may neither read nor write."""
        self.forgotten_before = 0
        self.events: list[tuple[int, str, str, dict]] = []
        """Every change so far: version, plural, type and object."""

    # What people and tests look at

    def items(self, plural):
        """Return all objects of a kind."""
        return [it.item for where, it in self._stored.items() if where.plural == plural]

    def find(self, plural, namespace, name):
        stored = self._stored.get(Where(plural, namespace, name))
        return stored and stored.item

    def everything(self):
        """Return every object by its address."""
        return {where: stored.item for where, stored in self._stored.items()}

    def write_status(self, where, status):
        """Write a status as another part of the cluster does, without a word about it."""
        stored = self._stored[where]
        self._store(where, stored, {**stored.item, "status": status})

    # The verbs

    def request(self, method, path, *, content_type="application/json", body=None, query=None):
        """Answer one request.

        Returns:
            The object. Nobody changes it: each write puts another in its place.

        Raises:
            Refusal: The answer is no.
        """
        if path in self.served:
            return {"kind": "APIResourceList", "resources": [{"name": self.served[path]}]}
        match = _PATH.fullmatch(path)
        if match is None:
            raise Refusal(NOT_FOUND, path)
        plural, name = match["plural"], match["name"] or ""
        if plural in self.forbidden:
            raise Refusal(FORBIDDEN, plural)
        where = Where(plural, match["namespace"] or "", name)
        if plural == "namespaces":
            where = Where(plural, "", match["name"] or "")
        if method == "POST":
            return self._create(where, body)
        if method == "GET" and not name:
            return self._listed(plural, where.namespace)
        stored = self._stored.get(where)
        applies = method == "PATCH" and "apply" in content_type
        if applies and not match["sub"]:
            return self._apply(where, stored, body)
        if stored is None:
            raise _missing(method, plural, name)
        self._change(where, stored, method, body, query["fieldManager"] if applies else None)
        return stored.item

    def _change(self, where, stored, method, body, applied_by):
        if applied_by:
            self._apply_status(where, stored, body, applied_by)
        elif method == "PATCH":
            self._update(where, stored, merged(stored.item, body), body["metadata"])
        elif method == "PUT":
            kept = {
                name: it
                for name, it in stored.item["metadata"].items()
                if name in ("uid", "creationTimestamp", "generation", "deletionTimestamp")
                or name == "deletionGracePeriodSeconds"
            }
            whole = {**body, "metadata": body["metadata"] | kept}
            self._update(where, stored, whole, body["metadata"])
        elif method == "DELETE":
            self._delete(where, stored, (body or {}).get("preconditions") or {})

    def since(self, plural, version):
        """Return the changes of a kind after a version."""
        return [(kind, it) for at, of, kind, it in self.events if of == plural and at > version]

    def _listed(self, plural, namespace):
        """Return all objects of a kind in a namespace; one page holds them."""
        items = [
            stored.item
            for where, stored in sorted(self._stored.items(), key=lambda it: it[0].name)
            if (where.plural, where.namespace) == (plural, namespace)
        ]
        return {"items": items, "metadata": {"resourceVersion": str(self.version)}}

    def _create(self, where, body):
        where = Where(where.plural, where.namespace, body["metadata"]["name"])
        if where in self._stored:
            raise Refusal(EXISTS, f"{where.plural} {where.name!r} already exists")
        namespace = self._stored.get(Where("namespaces", "", where.namespace))
        if namespace and "deletionTimestamp" in namespace.item["metadata"]:
            raise Refusal(FORBIDDEN, f"namespace {where.namespace} is being terminated")
        self._uids += 1
        item = {name: it for name, it in body.items() if name != "status"}
        meta = item["metadata"] = {
            **body["metadata"],
            "uid": f"00000000-0000-4000-8000-{self._uids:012d}",
            "creationTimestamp": self._time(),
        }
        if where.namespace:
            meta["namespace"] = where.namespace
        if where.plural in HAVING_STATUS:
            meta["generation"] = 1
        elif where.plural == "secrets":
            item.setdefault("type", "Opaque")
        stored = self._stored[where] = Stored(item)
        self._happened(where, stored, "ADDED", _tidied(self._completed(where, item)))
        return stored.item

    def _update(self, where, stored, after, guard):
        before = stored.item
        check_guard(before, guard)
        version = {"resourceVersion": before["metadata"]["resourceVersion"]}
        after = {**after, "metadata": {**after["metadata"], **version}}
        if where.plural in HAVING_STATUS:
            after = {name: it for name, it in after.items() if name != "status"}
            if "status" in before:
                after["status"] = before["status"]
        after = _tidied(self._completed(where, after))
        check_change(before["kind"], before, after)
        if where.plural in HAVING_STATUS and after.get("spec") != before.get("spec"):
            after["metadata"]["generation"] += 1
        self._store(where, stored, after)

    def _apply(self, where, stored, body):
        """Apply an object by one manager, who alone writes such objects and always the same fields.

        One with a version but no uid is made anew where there is none.
        """
        guard = {name: body["metadata"].get(name) for name in ("uid", "resourceVersion")}
        if stored is None:
            if guard["uid"]:
                raise Refusal(CONFLICT, "there is no such object")
            return self._create(where, body)
        check_guard(stored.item, guard)
        after = merged(stored.item, {**body, "metadata": body["metadata"] | guard})
        after = {**after, "spec": {**stored.item["spec"], **body["spec"]}}
        after["metadata"] = {**after["metadata"], "uid": stored.item["metadata"]["uid"]}
        after["metadata"]["resourceVersion"] = stored.item["metadata"]["resourceVersion"]
        self._store(where, stored, after)
        return stored.item

    def _apply_status(self, where, stored, body, manager):
        # A wrong uid is not minded here; the resourceVersion alone guards a status.
        check_guard(stored.item, {**body["metadata"], "uid": None})
        schema = SCHEMAS[where.plural]["properties"]["status"]
        before = stored.applied.get(manager)
        wanted = complete(schema, body["status"])
        status = applied(schema, stored.item.get("status"), before, wanted)
        stored.applied[manager] = wanted
        self._store(where, stored, {**stored.item, "status": status})

    def _store(self, where, stored, after):
        if after == stored.item:
            return
        meta = after["metadata"]
        goes = "deletionTimestamp" in meta and not meta.get("finalizers")
        self._happened(where, stored, "DELETED" if goes else "MODIFIED", after)

    def _delete(self, where, stored, preconditions):
        check_guard(stored.item, preconditions)
        meta = stored.item["metadata"]
        if not meta.get("finalizers"):
            self._happened(where, stored, "DELETED", stored.item)
        elif "deletionTimestamp" not in meta:
            marks = {"deletionTimestamp": self._time(), "deletionGracePeriodSeconds": 0}
            if "generation" in meta:
                marks["generation"] = meta["generation"] + 1
            self._store(where, stored, {**stored.item, "metadata": meta | marks})

    def _happened(self, where, stored, kind, item):
        self.version += 1
        meta = {**item["metadata"], "resourceVersion": str(self.version)}
        new = {**item, "metadata": meta}
        if kind == "DELETED":
            stored.item = item  # whoever let it go is told of its last version
            del self._stored[where]
        else:
            stored.item = new
        self.events.append((self.version, where.plural, kind, new))

    def _completed(self, where, item):
        schema = SCHEMAS.get(where.plural)
        if schema is None:
            return item
        completed = complete(schema, item)
        return {**completed, "metadata": dict(item["metadata"])}

    def _time(self):
        return self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")


def _missing(method, plural, name):
    """A lease may be made by an update, so one with a version is an update that comes late."""
    late = method == "PUT" and plural == "leases"
    return Refusal(CONFLICT if late else NOT_FOUND, f"{plural} {name!r} not found")


def _tidied(item):
    """Leave empty lists and maps out, as the real server does; what is returned is a new object."""
    optional = ("finalizers", "labels", "annotations", "ownerReferences")
    meta = {name: it for name, it in item["metadata"].items() if it or name not in optional}
    if item["kind"] == "Secret" and not item.get("data"):
        item = {name: it for name, it in item.items() if name != "data"}
    return {**item, "metadata": meta}
