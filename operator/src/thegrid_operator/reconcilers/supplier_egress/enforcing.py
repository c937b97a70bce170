"""The objects that enforce a list: read fresh, written where they differ, deleted when not needed.

An object that was not made for the resource is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from thegrid_operator.effects import Effects
from thegrid_operator.egress.objects import (
    KINDS,
    guarded,
    is_ours,
    named,
    namespace_of,
    objects_in,
    owned,
    says,
)
from thegrid_operator.kube import Json, Kube, KubeRefused
from thegrid_operator.status import Stalled

NOT_ALLOWED = "NotAllowed"
_FORBIDDEN, _INVALID = 403, 422


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that does not say what it should.

    Attributes:
        wanted: What it should say.
        seen: The object as read, or None where there is none.
    """

    wanted: Json
    seen: Json | None


class Enforcer:
    """Reads and writes the objects of resources.

    Args:
        kube: The API server.
        effects: The door for effects.
        written: Called for every object that was written.
    """

    def __init__(self, kube: Kube, effects: Effects, written: Callable[[], None]) -> None:
        self._kube = kube
        self._effects = effects
        self._written = written

    def differences(self, owner: Json, objects: Sequence[Json]) -> list[Difference]:
        """Find what has to be written.

        Args:
            owner: The resource, as read.
            objects: What is to be there, in the order of writing.

        Raises:
            Stalled: An object of that name is not ours, or may not be read.
            KubeError: The API server refused otherwise, or could not be asked.
        """
        found = []
        for rendered in objects:
            wanted = owned(rendered, owner)
            seen = self._read(wanted)
            if seen is not None and not is_ours(seen, owner):
                raise Stalled(
                    "ObjectNotOurs",
                    f"{named(wanted)} exists and was not made for this resource, so it is left "
                    "alone: delete it, or give this resource another name",
                    ready=None,
                )
            if seen is None or not says(seen, wanted):
                found.append(Difference(wanted, seen))
        return found

    def still_there(self, owner: Json) -> list[Json]:
        """Return those objects of ours that a resource's status names and that are there.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        return [reference for reference, _ in self._before(owner)]

    def remove(self, owner: Json, but: Sequence[Json] = ()) -> None:
        """Delete those objects of ours that a resource's status names and that are not needed.

        Args:
            owner: The resource, as read.
            but: References of what stays.

        Raises:
            Stalled: The operator may not delete one.
            KubeError: The API server refused otherwise, or could not be asked.
        """
        for reference, seen in self._before(owner):
            if reference in but:
                continue
            delete = partial(self._kube.delete, KINDS[reference["kind"]], seen)
            try:
                self._effects("egress.object.delete", delete)
            except KubeRefused as refusal:
                raise _told(refusal, seen) from None
            self._written()

    def _before(self, owner: Json) -> list[tuple[Json, Json]]:
        """Return what a status names and what of it is there and ours."""
        found = []
        for it in objects_in(owner):
            meta = {"name": it["name"], "namespace": namespace_of(it, owner)}
            seen = self._read({"kind": it["kind"], "metadata": meta})
            if seen is not None and is_ours(seen, owner):
                found.append((it, seen))
        return found

    def write(self, differences: Sequence[Difference]) -> None:
        """Write what differs.

        Raises:
            Stalled: The API server does not take it.
            KubeError: The API server refused otherwise, or could not be asked.
        """
        for each in differences:
            kind = KINDS[each.wanted["kind"]]
            body = guarded(each.wanted, each.seen)
            try:
                self._effects("egress.object", partial(self._kube.apply, kind, body))
            except KubeRefused as refusal:
                raise _told(refusal, each.wanted) from None
            self._written()

    def _read(self, wanted: Json) -> Json | None:
        meta = wanted["metadata"]
        try:
            return self._kube.get(KINDS[wanted["kind"]], meta.get("namespace", ""), meta["name"])
        except KubeRefused as refusal:
            raise _told(refusal, wanted) from None


def _told(refusal: KubeRefused, wanted: Json) -> Stalled | KubeRefused:
    """Return what a person must mend as such; all else passes by itself."""
    if refusal.status == _FORBIDDEN:
        return Stalled(
            NOT_ALLOWED,
            f"the operator may not write {named(wanted)}: allow it in the chart's values under "
            "egress, or choose another backend",
            ready=None,
        )
    if refusal.status == _INVALID:
        return Stalled("ObjectRefused", str(refusal), ready=None)
    return refusal
