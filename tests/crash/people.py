"""What people do to a cluster and a market, by hand."""

from __future__ import annotations

import base64
import json
from contextlib import suppress

from tests.crash.api_rules import Refusal
from tests.crash.market import ENDPOINTS
from tests.crash.names import SPEC

from thegrid_emulator.errors import MarketError
from thegrid_operator.manifests import companion_name
from thegrid_operator.resources import EMERGENCY_ANNOTATION, ROTATE_ANNOTATION

NAMESPACE = "apps"
RECORD = "thegrid.ai/record"
_GRID = f"/apis/thegrid.ai/v1alpha1/namespaces/{NAMESPACE}"
_NETWORKING = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}"
_CORE = f"/api/v1/namespaces/{NAMESPACE}"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def decoded(entry):
    return base64.b64decode(entry).decode(errors="replace")


class People:
    """Everybody but the operator.

    Args:
        world: Where they live.
    """

    def __init__(self, world):
        self._world = world
        self.alarmed_at = None
        """When they read that the login is lost, until they have logged in."""
        self.missed_at = None
        """When they read that a key stays revoked, or asked for another, until there is one."""
        self.restarted_at = None
        """When they restarted a workload that was waited for, until that is over."""
        self.stranger_came = False
        """Whether somebody else has approved a login."""
        self.unwanted: set[str] = set()
        """What nobody declares again."""

    def log_in(self, name="login", **entries):
        """Give a login, as `thegrid login --manifest` does; at first the account's own."""
        entries = entries or {"refreshToken": self._world.market.account.refresh_token}
        data = {entry: encoded(value) for entry, value in entries.items()}
        body = _object("v1", "Secret", name) | {"type": "thegrid.ai/login", "data": data}
        if self._world.api.find("secrets", NAMESPACE, name):
            self._do("PATCH", f"{_CORE}/secrets/{name}", {"metadata": {}, "data": data})
        else:
            self._do("POST", f"{_CORE}/secrets", body)

    def declare_account(self, name="team", **spec):
        names = ("platform", "trading", "consumption", "messages")
        endpoints = {each: getattr(ENDPOINTS, each) for each in names}
        spec = {"loginSecretRef": {"name": "login"}, "endpoints": endpoints} | spec
        body = _object("thegrid.ai/v1alpha1", "GridAccount", name) | {"spec": spec}
        self._do("POST", f"{_GRID}/gridaccounts", body)

    def declare_key(self, name="app", annotations=None, **spec):
        spec = {"accountRef": {"name": "team"}, "target": {"name": f"{name}-grid"}} | spec
        body = _object("thegrid.ai/v1alpha1", "ConsumptionKey", name) | {"spec": spec}
        body["metadata"]["annotations"] = annotations or {}
        self._do("POST", f"{_GRID}/consumptionkeys", body)

    def declare_egress(self, name="suppliers", **spec):
        body = _object("thegrid.ai/v1alpha1", "SupplierEgress", name) | {"spec": SPEC | spec}
        self._do("POST", f"{_GRID}/supplieregresses", body)

    def annotate(self, name, annotation, value, plural="consumptionkeys"):
        change = {"metadata": {"annotations": {annotation: value}}}
        self._do("PATCH", f"{_GRID}/{plural}/{name}", change)

    def ask_again(self, name):
        """Ask for a rotation in other words than the last time."""
        item = self._world.api.find("consumptionkeys", NAMESPACE, name) or {"metadata": {}}
        before = (item["metadata"].get("annotations") or {}).get(ROTATE_ANNOTATION)
        self.annotate(name, ROTATE_ANNOTATION, f"{before} again" if before else "now")

    def edit_spec(self, plural, name, **spec):
        self._do("PATCH", f"{_GRID}/{plural}/{name}", {"metadata": {}, "spec": spec})

    def change_spec(self, name, change, plural="consumptionkeys"):
        """Edit a declaration; what is None goes."""
        self._do("PATCH", f"{_GRID}/{plural}/{name}", {"metadata": {}, "spec": change})

    def delete(self, name, plural="consumptionkeys", *, for_good=True):
        if for_good:
            self.unwanted.add(name)
        self._do("DELETE", f"{_GRID}/{plural}/{name}", None)

    def delete_secret(self, name):
        self._do("DELETE", f"{_CORE}/secrets/{name}", None)

    def keep_secret(self, name, **entries):
        """Make a Secret of their own."""
        data = {entry: encoded(value) for entry, value in entries.items()}
        body = _object("v1", "Secret", name) | {"type": "Opaque", "data": data}
        self._do("POST", f"{_CORE}/secrets", body)

    def policies(self):
        """Return the names of the NetworkPolicies."""
        return [it["metadata"]["name"] for it in self._world.api.items("networkpolicies")]

    def delete_policy(self, name):
        self._do("DELETE", f"{_NETWORKING}/networkpolicies/{name}", None)

    def edit_policy(self, name, **spec):
        self._do("PATCH", f"{_NETWORKING}/networkpolicies/{name}", {"metadata": {}, "spec": spec})

    def edit_secret(self, name, **entries):
        data = {entry: encoded(value) for entry, value in entries.items()}
        self._do("PATCH", f"{_CORE}/secrets/{name}", {"metadata": {}, "data": data})

    def put_secret_back(self, saved):
        """Write a Secret as it was once, as who restores a backup does."""
        change = {"metadata": {"annotations": saved["metadata"]["annotations"]}}
        path = f"{_CORE}/secrets/{saved['metadata']['name']}"
        self._do("PATCH", path, change | {"data": saved["data"]})

    def restart(self, name):
        """Do what `kubectl rollout restart` does."""
        at = str(self._world.clock.seconds)
        template = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}}
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{name}"
        self._do("PATCH", path, {"metadata": {}, "spec": {"template": template}})

    def exists(self, plural, name):
        return self._world.api.find(plural, NAMESPACE, name) is not None

    def reads(self, plural, name, condition="Ready"):
        """Return the reason that an object tells, as `kubectl get` shows it."""
        item = self._world.api.find(plural, NAMESPACE, name) or {}
        conditions = (item.get("status") or {}).get("conditions", ())
        return next((it["reason"] for it in conditions if it["type"] == condition), "")

    def sees_held(self, domain, name="suppliers"):
        """Tell whether a status says that a domain waits for approval."""
        item = self._world.api.find("supplieregresses", NAMESPACE, name) or {}
        domains = (item.get("status") or {}).get("domains", ())
        return any((it["name"], it["state"]) == (domain, "Held") for it in domains)

    def read_code(self, name):
        """Return the code that an account's status tells, or None."""
        item = self._world.api.find("gridaccounts", NAMESPACE, name) or {}
        return ((item.get("status") or {}).get("deviceLogin") or {}).get("userCode")

    def read_account(self, name):
        """Return which account a status tells, or None."""
        item = self._world.api.find("gridaccounts", NAMESPACE, name) or {}
        return (item.get("status") or {}).get("accountId")

    def see_it_done(self, name):
        """Tell whether a resource says that it is as it was asked to be last."""
        item = self._world.api.find("consumptionkeys", NAMESPACE, name)
        if item is None:
            return True  # somebody has deleted it
        companion = self._world.api.find("secrets", NAMESPACE, companion_name(name)) or {}
        annotations = companion.get("metadata", {}).get("annotations") or {}
        record = json.loads(annotations.get(RECORD, "{}"))
        asked = item["metadata"].get("annotations") or {}
        done = all(
            record.get(field) == asked.get(annotation)
            for field, annotation in (
                ("trigger", ROTATE_ANNOTATION),
                ("emergency", EMERGENCY_ANNOTATION),
            )
        )
        return done and self.reads("consumptionkeys", name) == "UpToDate"

    def see_work_under_way(self):
        """Tell whether a resource says that it will go on by itself."""
        kinds = ("gridaccounts", "consumptionkeys")
        items = [it for kind in kinds for it in self._world.api.items(kind)]
        conditions = [c for it in items for c in (it.get("status") or {}).get("conditions", ())]
        return any(c["type"] == "Reconciling" and c["status"] == "True" for c in conditions)

    def key_in(self, name):
        """Return the id of the key in a Secret.

        Raises:
            LookupError: There is none.
        """
        secret = self._world.api.find("secrets", NAMESPACE, name) or {}
        key = base64.b64decode(secret["data"]["OPENAI_API_KEY"]).decode()
        return self._world.market.secrets[key]

    def sees_a_key_in(self, name):
        """Tell whether a Secret holds a key of the market's."""
        try:
            return bool(self.key_in(name))
        except LookupError:
            return False

    def forge_record(self, name, key_id):
        """Write into a companion's record that a key was the previous one, long ago."""
        companion = self._world.api.find("secrets", NAMESPACE, name) or {}
        record = json.loads(companion["metadata"]["annotations"][RECORD])
        since = "2029-01-01T00:00:00+00:00"
        record["previous"] = {"id": key_id, "number": 1, "since": since, "expiresAt": None}
        change = {"metadata": {"annotations": {RECORD: json.dumps(record)}}}
        self._do("PATCH", f"{_CORE}/secrets/{name}", change)

    def kill_what_is_in(self, name):
        """Expect that the key in a Secret ends, and return its id.

        Raises:
            LookupError: There is none.
        """
        key_id = self.key_in(name)
        self._world.killed.add(key_id)
        self._world.note(None, f"the key in {name} ends")
        return key_id

    def revoke_what_is_in(self, name):
        """Revoke at the market what a Secret holds, as one does with a key that leaked."""
        key_id = self.kill_what_is_in(name)
        with suppress(MarketError):  # the market does not know it any more
            self._world.market.revoke(key_id)

    def touch(self, plural, name, annotation, value):
        """Change nothing but the version of an object."""
        root = {"secrets": _CORE, "networkpolicies": _NETWORKING}.get(plural, _GRID)
        change = {"metadata": {"annotations": {annotation: value}}}
        self._do("PATCH", f"{root}/{plural}/{name}", change)

    def drop_finalizers(self, name):
        self._do("PATCH", f"{_CORE}/secrets/{name}", {"metadata": {"finalizers": []}})

    def _do(self, method, path, body):
        """Do something, or read that it cannot be done."""
        try:
            self._world.api.request(method, path, body=body)
            self._world.note(None, f"people: {method} {path}")
        except Refusal as refusal:
            self._world.note(None, f"people: {method} {path} is refused: {refusal}")
        self._world.watchman.see_changes(by_hand=True)
        self._world.allow_lists.see_changes_by_hand()


def _object(version, kind, name):
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
    }
