"""Whose a Secret is: ours, another resource's, or a person's, and what the refused one is told."""

from __future__ import annotations

import pytest

from thegrid_operator.claims import other_keeper, refusal
from thegrid_operator.manifests import companion_name
from thegrid_operator.resources import Meta

MINE = Meta("team-a", "app", "uid-1", 1, deleted=False, finalizers=())


def secret(uid=None, owner="team-a/app", **fields):
    said = {"thegrid.ai/owner-uid": uid, "thegrid.ai/owner": owner} if uid else {}
    return {"metadata": {"name": "app-grid", "annotations": said}, "type": "Opaque", **fields}


def told(found, keeper=None, *, adopt=False):
    refused = refusal(found, MINE, keeper, adopt=adopt)
    return (refused.reason, refused.message) if refused else None


def test_our_own_may_be_written():
    assert told(secret("uid-1")) is None
    assert other_keeper(secret("uid-1"), MINE) is None


def test_one_that_another_resource_keeps_names_it():
    kept = secret("uid-2", "team-a/first")

    assert other_keeper(kept, MINE) == ("first", "uid-2")
    reason, message = told(kept, "first")
    assert reason == "SecretInUse"
    assert "ConsumptionKey team-a/first" in message
    assert "app-grid" in message


def test_one_that_has_the_name_of_our_companion_can_only_be_deleted():
    found = secret()
    found["metadata"]["name"] = companion_name(MINE.name)

    reason, message = told(found)

    assert reason == "SecretNotOurs"
    assert "delete it" in message
    assert "spec.target" not in message


def test_a_keeper_elsewhere_or_without_a_name_is_none():
    assert other_keeper(secret("uid-2", "team-b/first"), MINE) is None
    assert other_keeper(secret("uid-2", "nonsense"), MINE) is None
    assert other_keeper(secret("uid-2", "team-a/"), MINE) is None


def test_a_namesake_that_is_gone_keeps_nothing_but_its_secret_is_not_ours():
    assert other_keeper(secret("uid-0"), MINE) == ("app", "uid-0")
    assert told(secret("uid-0"))[0] == "SecretNotOurs"
    assert "is gone" in told(secret("uid-0"))[1]


def test_one_that_a_person_made_is_left_alone():
    reason, message = told(secret())

    assert reason == "SecretNotOurs"
    assert "was not made by us" in message
    assert "spec.target.creationPolicy: Adopt" in message


@pytest.mark.parametrize("found", [secret(), secret("uid-0"), secret("uid-0", "team-a/gone")])
def test_one_that_is_nobodys_is_taken_over_where_that_is_asked_for(found):
    assert told(found, adopt=True) is None
    assert told(found | {"immutable": True}, adopt=True)[0] == "SecretImmutable"


def test_one_that_another_resource_keeps_is_never_taken_over():
    assert told(secret("uid-2"), "first", adopt=True)[0] == "SecretInUse"


def test_only_an_opaque_secret_is_taken_over():
    reason, message = told(secret() | {"type": "kubernetes.io/tls"}, adopt=True)

    assert reason == "SecretTypeRefused"
    assert "kubernetes.io/tls" in message


def test_our_own_that_cannot_be_changed_is_told():
    assert told(secret("uid-1", immutable=True))[0] == "SecretImmutable"
