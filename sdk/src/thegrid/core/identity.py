"""Owner tags: how a key at the market says which declaration it belongs to.

The market's only free text on a key is its name, so the tag lives there:
`LABEL <OWNER#NUMBER>`, where NUMBER counts rotations. A tag is derived from what was recorded
before anything was made, so it is the intent: a key whose answer was lost is found by it. Two
keys may carry one tag (the same intent, sent twice); keys are therefore told apart by id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NewType, TypeVar

from thegrid.core.model import ListedKey

Owner = NewType("Owner", str)
"""Who declared a key: text without white space and without the characters `<`, `>` and `#`."""

KeyT = TypeVar("KeyT", bound=ListedKey)

_STACK = "pulumi"
_OWNER = re.compile(r"[^<>#\s]+")
_TAGGED_NAME = re.compile(
    r"(?:(?P<label>.*) )?<(?P<owner>[^<>#\s]+)#(?P<number>[0-9]{1,9})>", re.DOTALL
)


def stack_owner(nonce: str, resource: str) -> Owner:
    """Name the owner of a resource in a Pulumi stack.

    Args:
        nonce: The random identity that the stack recorded once.
        resource: A hash that tells the stack's resources apart.

    Returns:
        The owner, fixed for the life of the resource.

    Raises:
        ValueError: A part holds characters that a tag cannot.
    """
    return _owner(_STACK, nonce, resource)


def in_one_stack(first: Owner, second: Owner) -> bool:
    """Tell whether two owners are resources of one Pulumi stack, or the same one."""
    stacks = {tuple(owner.split(":")[:2]) for owner in (first, second)}
    return len(stacks) == 1 and stacks.pop()[0] == _STACK


def cluster_owner(cluster: str, namespace: str, name: str, uid: str) -> Owner:
    """Name the owner of a custom resource in a cluster.

    Args:
        cluster: The uid of the namespace `kube-system`, which identifies the cluster.
        namespace: The resource's namespace.
        name: The resource's name.
        uid: The resource's uid, so that a namesake made later is another owner.

    Returns:
        The owner, fixed for the life of the resource.

    Raises:
        ValueError: A part holds characters that a tag cannot.
    """
    return _owner("kubernetes", cluster, f"{namespace}/{name}", uid)


def _owner(*parts: str) -> Owner:
    for part in parts:
        if not _OWNER.fullmatch(part):
            raise ValueError(f"{part!r} cannot be part of an owner: no white space, <, > or #")
    return Owner(":".join(parts))


@dataclass(frozen=True, slots=True)
class KeyTag:
    """An owner's claim to one rotation of its key.

    Attributes:
        owner: Who declared the key.
        number: The rotation, counted from 1.
    """

    owner: Owner
    number: int

    def name(self, label: str) -> str:
        """Write the key's name: the label for people, then the tag for programs."""
        return f"{label} <{self.owner}#{self.number}>".lstrip()

    @classmethod
    def of(cls, key: ListedKey) -> KeyTag | None:
        """Read the tag in a key's name, or return None where there is none of ours."""
        return cls.parse(key.name)

    @classmethod
    def parse(cls, name: str) -> KeyTag | None:
        """Read the tag in a name, or return None."""
        match = _TAGGED_NAME.fullmatch(name)
        return match and cls(Owner(match["owner"]), int(match["number"]))


def owned_by(owner: Owner, keys: tuple[KeyT, ...]) -> dict[str, tuple[KeyTag, KeyT]]:
    """Pick the keys that carry an owner's tag, by id, revoked ones included."""
    mark = f"<{owner}#"  # parsing every name of a large account, for each of its keys, takes long
    tagged = ((KeyTag.of(key), key) for key in keys if mark in key.name)
    return {key.id: (tag, key) for tag, key in tagged if tag and tag.owner == owner}
