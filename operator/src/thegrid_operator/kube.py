"""The API server as a few raw requests (docs/decisions/0001-own-loop.md).

What belongs here: addresses, guards and errors. What does not: what objects mean, and connections
(`wire`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from thegrid_operator.in_pod import in_pod
from thegrid_operator.kubeconfig import why_unusable
from thegrid_operator.secret_refusals import why_refused
from thegrid_operator.wire import Send, Wire

Json = dict[str, Any]

FIELD_MANAGER = "thegrid-operator"
_TIMEOUT = (5.0, 15.0)
_JSON = "application/json"
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_ALL_FIRST = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
_NOT_FOUND = 404
_GONE = 410
_REFUSED_FROM = 400


class KubeError(Exception):
    """The API server refused, or could not be asked. One line, without the body of a request."""


class KubeUnreachable(KubeError):
    """No usable answer came; what was asked may have happened."""


class KubeRefused(KubeError):
    """The API server answered no.

    Args:
        request: Method and path.
        status: The HTTP status.
        reason: The machine reason of the answer's Status object, such as `Conflict`.
        message: Its text, without secret content; empty where it might quote any.
    """

    def __init__(self, request: str, status: int, reason: str, message: str) -> None:
        self.status = status
        self.reason = reason
        self.message = message
        super().__init__(f"{request} was refused: {status} {reason} {message}".rstrip())


class Conflict(KubeRefused):
    """The object changed, was replaced, or exists already: look again."""


class WatchExpired(KubeError):
    """A watch cannot go on from where it was; list again."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object and where the API server keeps it.

    Attributes:
        group: The API group, empty for the core one.
        version: The version within the group.
        plural: The name in paths.
        kind: The name in objects.
    """

    group: str
    version: str
    plural: str
    kind: str

    @property
    def api_version(self) -> str:
        """Return what objects call their `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the path of a collection, an object or its subresource."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = [root, "namespaces", quote(namespace, safe="")] if namespace else [root]
        named = [quote(part, safe="") for part in (name, subresource) if part]
        return "/".join([*parts, self.plural, *named])


SECRET = Kind("", "v1", "secrets", "Secret")
NAMESPACE = Kind("", "v1", "namespaces", "Namespace")
LEASE = Kind("coordination.k8s.io", "v1", "leases", "Lease")
EVENT = Kind("", "v1", "events", "Event")
GRID_ACCOUNT = Kind("thegrid.ai", "v1alpha1", "gridaccounts", "GridAccount")
CONSUMPTION_KEY = Kind("thegrid.ai", "v1alpha1", "consumptionkeys", "ConsumptionKey")


def connect(kubeconfig: Path | None, *, connections: int, context: str | None = None) -> Kube:
    """Connect to the API server.

    Args:
        kubeconfig: A kubeconfig file, for running outside a cluster; None uses the pod's
            ServiceAccount, whose token is read again as it is renewed.
        connections: How many requests may be open at once.
        context: Which of the file's clusters and users; None takes its current one.

    Returns:
        The API server.

    Raises:
        KubeError: Neither a usable kubeconfig nor a ServiceAccount is there.
    """
    try:
        if kubeconfig is None:
            return Kube(Wire(in_pod(connections=connections)).send)
        # What it imports takes 21 MiB, which no pod needs.
        from thegrid_operator.by_kubeconfig import by_kubeconfig  # noqa: PLC0415

        server = by_kubeconfig(kubeconfig, connections=connections, context=context)
        return Kube(Wire(server).send)
    except Exception as problem:  # noqa: BLE001 - the loader raises all kinds, some quote the file
        raise KubeError(why_unusable(kubeconfig, context, problem)) from None


class Kube:
    """The API server. Safe for several threads.

    Every method raises `KubeRefused` (`Conflict` for 409) when the answer is no and
    `KubeUnreachable` when no usable answer came.

    Args:
        send: Sends requests.
    """

    def __init__(self, send: Send) -> None:
        self._raw = send
        self.asked: Callable[[str, int], None] = lambda _verb, _status: None
        """Told of every request: its method, and the answer's status or 0 for none."""

    def get(self, kind: Kind, namespace: str, name: str) -> Json | None:
        """Read an object, or return None where there is none."""
        try:
            return self._json("GET", kind, kind.path(namespace, name))
        except KubeRefused as refusal:
            if refusal.status == _NOT_FOUND:
                return None
            raise

    def page(self, kind: Kind, namespace: str, **query: str) -> Json:
        """Read a list of objects, as long as the query's `limit` and from its `continue` on."""
        return self._json("GET", kind, kind.path(namespace), query=query)

    def create(self, kind: Kind, namespace: str, body: Json) -> Json:
        """Create an object; one that exists already is a `Conflict`."""
        return self._json("POST", kind, kind.path(namespace), body=body)

    def patch(self, kind: Kind, seen: Json, body: Json) -> Json:
        """Change an object by a merge patch, if it still is what was seen.

        Args:
            kind: The object's kind.
            seen: The object as read; its uid and resourceVersion are the guard.
            body: What to change; None removes a field.

        Returns:
            The object as written.
        """
        meta = seen["metadata"]
        path = kind.path(meta["namespace"], meta["name"])
        guarded = {**body, "metadata": {**body.get("metadata", {}), **_guard(seen)}}
        return self._json("PATCH", kind, path, body=guarded, content_type=_MERGE)

    def set_finalizers(self, kind: Kind, seen: Json, finalizers: list[str]) -> Json:
        """Replace an object's finalizers, if it still is what was seen."""
        return self.patch(kind, seen, {"metadata": {"finalizers": finalizers}})

    def apply_status(self, kind: Kind, seen: Json, status: Json) -> Json:
        """Write an object's status by server-side apply, if it still is what was seen."""
        meta = seen["metadata"]
        known = {"name": meta["name"], "namespace": meta["namespace"], **_guard(seen)}
        return self.apply(kind, {"metadata": known, "status": status}, "status")

    def apply(self, kind: Kind, body: Json, subresource: str = "") -> Json:
        """Apply what is ours of an object; its metadata holds the guard."""
        meta = body["metadata"]
        path = kind.path(meta.get("namespace", ""), meta["name"], subresource)
        body = {"apiVersion": kind.api_version, "kind": kind.kind, **body}
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        return self._json("PATCH", kind, path, body=body, query=query, content_type=_APPLY)

    def replace(self, kind: Kind, body: Json) -> Json:
        """Replace an object as a whole; its resourceVersion is the guard."""
        meta = body["metadata"]
        return self._json("PUT", kind, kind.path(meta["namespace"], meta["name"]), body=body)

    def delete(self, kind: Kind, seen: Json) -> None:
        """Delete an object if it still is the one that was seen; one that is gone is no error."""
        meta = seen["metadata"]
        body = {"preconditions": {"uid": meta["uid"]}}
        try:
            path = kind.path(meta.get("namespace", ""), meta["name"])
            self._json("DELETE", kind, path, body=body)
        except KubeRefused as refusal:
            if refusal.status != _NOT_FOUND:
                raise

    def watch(
        self, kind: Kind, *, since: str, silence: float, namespace: str = "", **query: str
    ) -> Iterator[Json]:
        """Follow the objects of a kind.

        Args:
            kind: What to follow.
            since: The resourceVersion to go on from; empty for all objects first, then a bookmark
                with the annotation `k8s.io/initial-events-end`, then changes.
            silence: Seconds without a word after which the connection counts as lost; the API
                server sends a bookmark about every minute.
            namespace: Theirs; empty for all.
            **query: More of the query, such as `labelSelector`.

        Yields:
            Watch events with `type` and `object`.

        Raises:
            WatchExpired: The version is too old: start anew.
            KubeRefused: The API server said no.
            KubeUnreachable: The connection broke, or was silent for too long.
        """
        query |= {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": "290"}
        query |= {"resourceVersion": since} if since else _ALL_FIRST
        request = f"watch of {kind.plural}"
        path = kind.path(namespace)
        response = self._send("GET", path, query=query, timeout=(5.0, silence), streamed=True)
        try:
            if response.status >= _REFUSED_FROM:
                raise _refusal(kind, request, response.status, response.data)
            for line in _lines(response):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise WatchExpired(f"{request} ended: {event['object'].get('reason', '')}")
                yield event
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as failure:
            raise KubeUnreachable(f"{request} broke off: {type(failure).__name__}") from None
        finally:
            response.close()  # a half-read stream must not go back to the pool

    def _json(self, method: str, kind: Kind, path: str, **sent: Any) -> Json:
        response = self._send(method, path, **sent)
        request = f"{method} {path}"
        if response.status >= _REFUSED_FROM:
            raise _refusal(kind, request, response.status, response.data)
        try:
            decoded: Json = json.loads(response.data)
        except ValueError:
            raise KubeUnreachable(f"{request}: the answer is not JSON") from None
        return decoded

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        query: dict[str, str] | None = None,
        content_type: str = _JSON,
        timeout: tuple[float, float] = _TIMEOUT,
        streamed: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        full = f"{path}?{urlencode(query)}" if query else path
        sent = {"content_type": content_type, "timeout": timeout, "streamed": streamed}
        try:
            response = self._raw(method, full, body=body, **sent)
        except Exception as failure:  # noqa: BLE001 - a bad token file is quoted in its error's text
            self.asked(method, 0)
            raise KubeUnreachable(f"{method} {path}: {type(failure).__name__}") from None
        self.asked(method, response.status)
        return response


def _guard(seen: Json) -> Json:
    """Both are needed: without the uid an object that was made anew under the name would do."""
    return {name: seen["metadata"][name] for name in ("uid", "resourceVersion")}


def _refusal(kind: Kind, request: str, status: int, content: bytes) -> KubeError:
    try:
        told = json.loads(content)
    except ValueError:
        told = None
    told = told if isinstance(told, dict) else {}
    reason = str(told.get("reason", ""))
    if status == _GONE:
        return WatchExpired(f"{request} ended: {reason}")
    message = why_refused(told) if kind == SECRET else str(told.get("message", ""))
    error = Conflict if reason in ("Conflict", "AlreadyExists") else KubeRefused
    return error(request, status, reason, message)


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Split a stream into lines; an incomplete last line is a cut connection and is dropped."""
    rest = b""
    for chunk in response.stream(2**16):
        *complete, rest = (rest + chunk).split(b"\n")
        yield from (line for line in complete if line)
