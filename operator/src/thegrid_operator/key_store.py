"""The two Secrets of a `ConsumptionKey` in the API server: read fresh, written with a guard.

What belongs here: gets and writes by name. What does not: what the Secrets look like
(`manifests`) and when they change (`thegrid.core.rotation`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from thegrid.client import Endpoints
from thegrid.core.rotation import HeldKey
from thegrid_operator import claims, manifests
from thegrid_operator.effects import Effects
from thegrid_operator.kube import CONSUMPTION_KEY, SECRET, Json, Kube, KubeError
from thegrid_operator.manifests import Holding
from thegrid_operator.record import read_target_record
from thegrid_operator.resources import ConsumptionKey
from thegrid_operator.status import Stalled
from thegrid_operator.templates import fill_in, without_the_key
from thegrid_operator.told import told_before

STORE_TRIES = 10
STORE_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Stored:
    """The two Secrets as they are in the API server.

    Attributes:
        companion: The one that no workload mounts, or None.
        target: The one that workloads read, or None.
        holding: What the two hold together.
        refused: Why the target may not be written, or None.
    """

    companion: Json | None
    target: Json | None
    holding: Holding
    refused: Stalled | None = None


class KeyStore:
    """The Secrets of one resource.

    Args:
        kube: The API server.
        effects: The door for effects.
        key: The resource.
        endpoints: The market, for the entries that tell programs where to go; None where nothing
            is to be put into the target.
    """

    def __init__(
        self, kube: Kube, effects: Effects, key: ConsumptionKey, endpoints: Endpoints | None
    ) -> None:
        self._kube = kube
        self._effects = effects
        self._key = key
        self._endpoints = endpoints

    def read(self, answered: Stored | None = None) -> Stored:
        """Read both Secrets; a swap whose second write was lost is finished.

        Args:
            answered: The same as the answers to our own writes tell them, to be taken for a read;
                None reads afresh.

        Raises:
            Stalled: The companion exists and is not ours, or cannot be changed.
            KubeError: The API server refused or could not be asked.
        """
        if answered:
            companion, target, refused = answered.companion, answered.target, answered.refused
        else:
            companion = self._companion()
            target, refused = self._get(self._key.target.name)
        ours = target if target and manifests.is_ours(target, self._key.meta) else None
        holding = manifests.read_holding(companion, ours)
        stored = Stored(companion, target, holding, refused)
        return self.write_companion(stored, holding) if holding.record.held() else stored

    def recorded(self) -> Holding:
        """Read what our Secrets hold; Secrets that are not ours are passed over.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        companion = self._ours(manifests.companion_name(self._key.meta.name))
        return manifests.read_holding(companion, self._ours(self._key.target.name))

    def target_lacks(self, stored: Stored) -> Json | None:
        """Return what of the target is not as it should be, as the patch that would mend it.

        None where it holds the current key, or there is none to hold. A target that is not there
        lacks all.
        """
        current = stored.holding.record.current
        if current is None:
            return None
        wanted = self._target_manifest(stored, stored.holding, current)
        if stored.target is None:
            return wanted
        return manifests.change(stored.target, wanted, whole=False)

    def with_companion(self, stored: Stored) -> Stored:
        """Make the companion if it is not there, before the first key that goes into it.

        So an API server that takes no Secret, as for a quota, costs no key, however often the
        operator starts. Later keys have their place.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        return stored if stored.companion else self.write_companion(stored, stored.holding)

    def store_new_key(self, stored: Stored, holding: Holding) -> Stored:
        """Write a key that was just made, trying on for a while whatever the API server says.

        Raises:
            KubeError: It could not be stored; the caller keeps the key for a later look.
            Stalled: The same, since the companion is not ours any more.
        """
        for _ in range(STORE_TRIES - 1):
            try:
                return self.write_companion(stored, holding)
            except KubeError:
                self._effects.pause(STORE_PAUSE_SECONDS)
            with suppress(KubeError):
                stored = replace(stored, companion=self._companion())
        return self.write_companion(stored, holding)

    def write_companion(self, stored: Stored, holding: Holding) -> Stored:
        """Make the companion hold this.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        wanted = manifests.companion(self._key.meta, holding)
        companion = self._write("key.companion", stored.companion, wanted, whole=True)
        return replace(stored, companion=companion, holding=holding)

    def write_target(self, stored: Stored, holding: Holding, current: HeldKey) -> Stored:
        """Make the target hold the current key.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        wanted = self._target_manifest(stored, holding, current)
        target = self._write("key.target", stored.target, wanted, whole=False)
        return replace(stored, target=target, holding=holding)

    def delete(self) -> None:
        """Delete both Secrets where they are ours; a target with entries of others only loses ours.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        target = self._ours(self._key.target.name)
        if target:
            theirs = manifests.entries_of_others(target, self._key.target.entries.keys())
            if theirs:
                patch = manifests.untied(target, (target["data"].keys() - theirs))
                self._effects("key.target.untie", partial(self._kube.patch, SECRET, target, patch))
            else:
                self._effects("key.target.delete", partial(self._kube.delete, SECRET, target))
        self._delete_companion()

    def orphan(self) -> None:
        """Make the target nobody's, with all that it holds, and delete the companion.

        The companion is of no use to a person, and its name would be in the way of a later
        resource of the same name.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        target = self._ours(self._key.target.name)
        if target:
            patch = manifests.untied(target)
            self._effects("key.target.orphan", partial(self._kube.patch, SECRET, target, patch))
        self._delete_companion()

    def _delete_companion(self) -> None:
        companion = self._ours(manifests.companion_name(self._key.meta.name))
        if companion:
            self._effects("key.companion.delete", partial(self._kube.delete, SECRET, companion))

    def _ours(self, name: str) -> Json | None:
        secret = self._kube.get(SECRET, self._key.meta.namespace, name)
        return secret if secret and manifests.is_ours(secret, self._key.meta) else None

    def _companion(self) -> Json | None:
        companion, refused = self._get(manifests.companion_name(self._key.meta.name))
        if refused:
            raise refused
        return companion

    def _get(self, name: str) -> tuple[Json | None, Stalled | None]:
        """Read a Secret, and why it may not be written."""
        meta = self._key.meta
        secret = self._kube.get(SECRET, meta.namespace, name)
        if secret is None:
            return None, None
        adopt = self._key.target.adopt and name == self._key.target.name
        return secret, claims.refusal(secret, meta, self._keeper(secret), adopt=adopt)

    def _keeper(self, secret: Json) -> str | None:
        """Return the other resource that keeps a Secret, if it is there and not a namesake."""
        said = claims.other_keeper(secret, self._key.meta)
        if said is None:
            return None
        name, uid = said
        other = self._kube.get(CONSUMPTION_KEY, self._key.meta.namespace, name)
        return name if other and other["metadata"]["uid"] == uid else None

    def _target_manifest(self, stored: Stored, holding: Holding, current: HeldKey) -> Json:
        if self._endpoints is None:
            raise TypeError("nothing is put into a target without a market")
        emergency = holding.record.emergency
        content = fill_in(
            self._key.target.entries,
            endpoints=self._endpoints,
            key_id=current.id,
            secret=holding.secrets[current.id],
        )
        meta, wanted = self._key.meta, self._key.target
        ours = stored.target if stored.target and manifests.is_ours(stored.target, meta) else None
        shown = read_target_record(ours)  # by an older version it does not say the trigger
        same = shown is not None and shown.key.id == current.id
        trigger = shown.trigger if shown and same else holding.record.trigger
        told = told_before(ours, without_the_key(wanted.entries), holding.secrets)
        return manifests.target(
            meta, wanted, current, content, emergency, trigger=trigger, told=told
        )

    def _write(self, site: str, seen: Json | None, wanted: Json, *, whole: bool) -> Json:
        """Write a Secret if it differs. One that is not there is created, never applied."""
        if seen is None:
            namespace = self._key.meta.namespace
            return self._effects(site, lambda: self._kube.create(SECRET, namespace, wanted))
        patch = manifests.change(seen, wanted, whole=whole)
        if patch is None:
            return seen
        return self._effects(site, lambda: self._kube.patch(SECRET, seen, patch))
