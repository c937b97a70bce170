"""Custom resources as values, and which market hosts an operator may talk to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from thegrid.client import Endpoints, Misuse
from thegrid.core.rotation import OnRevoked
from thegrid_operator.record import as_recorded
from thegrid_operator.resources import (
    EMERGENCY_ANNOTATION,
    ROTATE_ANNOTATION,
    ConsumptionKey,
    GridAccount,
    Target,
    disallowed_hosts,
)
from thegrid_operator.templates import DEFAULT_ENTRIES

META = {"namespace": "team-a", "name": "app", "uid": "u", "generation": 4}
KEY_SPEC = {
    "accountRef": {"name": "team"},
    "target": {"name": "app-grid"},
    "rotateAfter": "14d",
    "overlap": "2d",
}


def key(meta=None, **spec):
    return ConsumptionKey.of({"metadata": META | (meta or {}), "spec": KEY_SPEC | spec})


def account(**spec):
    return GridAccount.of({"metadata": META, "spec": {"loginSecretRef": {"name": "login"}, **spec}})


def test_a_key_uses_the_account_of_its_own_namespace_unless_it_names_another():
    assert key().account == ("team-a", "team")
    assert key(accountRef={"name": "team", "namespace": "x"}).account == ("x", "team")


def test_durations_become_the_policy():
    policy = key(rotateAfter="36h", overlap="90s").policy

    assert (policy.rotate_after, policy.overlap) == (timedelta(hours=36), timedelta(seconds=90))


def test_what_is_declared_wrong_can_be_deleted_all_the_same():
    """The API server refuses all of this, but an older one of ours did not."""
    wrong = {
        "rotateAfter": "9999d",
        "overlap": "soon",
        "deadline": "1s",
        "volumeDelay": "",
        "onDeadline": "Pray",
        "target": {"name": "app-grid", "entries": {"model": "$(MODEL)"}},
    }
    with pytest.raises(ValueError, match="unknown placeholder"):
        key(**wrong)

    leaving = key({"deletionTimestamp": "2026-01-01T00:00:00Z"}, deletionPolicy="Orphan", **wrong)

    assert (leaving.meta.deleted, leaving.deletion) == (True, "Orphan")
    assert set(leaving.target.entries) == {"model"}


@pytest.mark.parametrize("annotation", [ROTATE_ANNOTATION, EMERGENCY_ANNOTATION])
def test_a_request_as_long_as_an_annotation_may_be_leaves_room_in_our_own(annotation):
    """Both are of 256 KiB at most, and ours holds a request twice while a key is pending."""
    long = "leaked " * 2**15
    asked = key({"annotations": {annotation: long}})
    other = key({"annotations": {annotation: long + "again"}})
    (request,) = {asked.trigger, asked.emergency} - {""}

    assert len(request) < 100
    assert request not in {other.trigger, other.emergency}
    assert as_recorded(request) == request


@pytest.mark.parametrize("field", ["rotateAfter", "overlap"])
def test_a_duration_that_is_none_is_named_with_its_field(field):
    with pytest.raises(ValueError, match=rf"^spec\.{field}: 'soon' is not a duration"):
        key(**{field: "soon"})


def test_a_target_asks_for_what_programs_read_unless_it_says_otherwise():
    assert key().target == Target("app-grid", DEFAULT_ENTRIES)
    entries, labels, notes = {"token": "$(KEY)"}, {"team": "a"}, {"example.com/note": "n"}
    asked = {"name": "x", "entries": entries, "labels": labels, "annotations": notes}
    assert key(target=asked).target == Target("x", entries, labels, notes)


def test_nothing_that_was_there_before_is_taken_over_unless_told():
    assert not key().target.adopt
    assert not key(target={"name": "x", "creationPolicy": "Create"}).target.adopt
    assert key(target={"name": "x", "creationPolicy": "Adopt"}).target.adopt
    assert key().adopt_key_id == ""
    assert key(adoptKeyId="8E-k").adopt_key_id == "8e-k"


def test_a_template_that_cannot_be_filled_in_is_named_with_its_entry():
    entries = {"token": "$(KEY)", "MODEL": "$(MODEL)"}
    with pytest.raises(ValueError, match=r"^spec\.target\.entries: MODEL .* allowed are \$\(KEY\)"):
        key(target={"name": "x", "entries": entries})


def test_an_overlap_as_long_as_the_interval_is_refused():
    with pytest.raises(ValueError, match="overlap must be shorter"):
        key(rotateAfter="1h", overlap="60m")


def test_keys_are_revoked_on_deletion_unless_told_otherwise():
    assert key().deletion == "Revoke"
    assert key(deletionPolicy="Orphan").deletion == "Orphan"


def test_the_annotation_that_asks_for_a_rotation_is_read():
    assert key().trigger == ""
    assert key({"annotations": {"thegrid.ai/rotate": "now"}}).trigger == "now"


@pytest.mark.parametrize(("text", "forced"), [("true", True), ("false", False), ("", False)])
def test_only_true_forces_a_deletion(text, forced):
    assert key({"annotations": {"thegrid.ai/force-delete": text}}).force_delete == forced
    assert not key().force_delete


def test_the_annotation_that_calls_an_emergency_is_read():
    assert key().emergency == ""
    assert key({"annotations": {"thegrid.ai/emergency-rotate": "leak"}}).emergency == "leak"


def test_a_key_that_somebody_revoked_is_replaced_unless_told_otherwise():
    assert key().policy.on_revoked is OnRevoked.REPLACE
    assert key(onRevoked="Hold").policy.on_revoked is OnRevoked.HOLD


def test_deletion_is_seen_by_its_timestamp():
    assert not key().meta.deleted
    assert key({"deletionTimestamp": "2026-03-01T00:00:00Z"}).meta.deleted


def test_an_account_serves_its_own_namespace_unless_others_are_listed():
    assert account().allowed_namespaces == {"team-a"}
    assert account(allowedNamespaces=[]).allowed_namespaces == {"team-a"}
    assert account(allowedNamespaces=["b", "c"]).allowed_namespaces == {"b", "c"}


def test_addresses_that_are_left_out_are_production():
    assert account().endpoints == Endpoints()
    platform = "https://platform.example.com"
    assert account(endpoints={"platform": platform}).endpoints == Endpoints(platform=platform)


def test_an_address_without_encryption_is_refused():
    with pytest.raises(Misuse, match=r"platform: .* must use https"):
        account(endpoints={"platform": "http://platform.thegrid.ai"})


@pytest.mark.parametrize(
    ("host", "allowed", "permitted"),
    [
        ("api.thegrid.ai", "thegrid.ai", True),
        ("thegrid.ai", "thegrid.ai", True),
        ("API.TheGrid.AI", "thegrid.ai", True),
        ("evilthegrid.ai", "thegrid.ai", False),
        ("thegrid.ai.evil.com", "thegrid.ai", False),
        ("thegrid.ai", "api.thegrid.ai", False),
    ],
)
def test_an_allowed_host_allows_itself_and_what_is_below_it(host, allowed, permitted):
    endpoints = Endpoints(*[f"https://{host}/v1"] * 4)

    assert disallowed_hosts(endpoints, frozenset([allowed])) == (
        [] if permitted else [host.lower()]
    )


def test_one_host_that_is_not_allowed_is_enough_and_is_named():
    endpoints = Endpoints(messages="https://elsewhere.example.com")

    assert disallowed_hosts(endpoints, frozenset(["thegrid.ai"])) == ["elsewhere.example.com"]


def test_how_pods_are_asked_is_read():
    asked = key(adoption="Time", volumeDelay="5m", deadline="7d", onDeadline="Revoke")

    assert (asked.asks_pods, asked.volume_delay) == (False, timedelta(minutes=5))
    assert (asked.policy.deadline, asked.policy.at_deadline.value) == (timedelta(days=7), "Revoke")


def test_what_an_older_version_declared_has_pods_asked_and_no_deadline():
    asked = key()

    assert (asked.asks_pods, asked.volume_delay, asked.restart) == (True, None, ())
    assert (asked.policy.deadline, asked.policy.at_deadline.value) == (None, "Hold")


def test_workloads_are_restarted_in_the_order_in_which_they_are_named():
    named = key(restart=[{"kind": "Deployment", "name": "b"}, {"kind": "DaemonSet", "name": "a"}])

    assert [str(workload) for workload in named.restart] == ["Deployment b", "DaemonSet a"]
