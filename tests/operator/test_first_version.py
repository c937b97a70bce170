"""Secrets as the first version left them are read as they were meant, and an upgrade writes none.

The texts below are frozen: they are never brought up to date.
"""

from __future__ import annotations

import base64
import copy
from datetime import UTC, datetime, timedelta

import pytest

from thegrid.client import Endpoints
from thegrid.core.rotation import HeldKey, Record, next_rotation_at
from thegrid.core.secret import Secret
from thegrid_operator.manifests import change, companion, entries_of_others, read_holding, target
from thegrid_operator.record import Requests
from thegrid_operator.resources import ConsumptionKey
from thegrid_operator.templates import fill_in

RESOURCE = {
    "metadata": {
        "namespace": "shop",
        "name": "app",
        "uid": "6f0c8a3e-5b8e-4f43-9d5a-0d6b5a2f6f01",
        "annotations": {"thegrid.ai/rotate": "now"},
        "finalizers": ["thegrid.ai/finalizer"],
    },
    "spec": {
        "accountRef": {"name": "team"},
        "target": {"name": "app-grid"},
        "rotateAfter": "14d",
        "overlap": "2d",
        "deletionPolicy": "Revoke",
    },
}
OURS = {
    "thegrid.ai/owner-uid": "6f0c8a3e-5b8e-4f43-9d5a-0d6b5a2f6f01",
    "thegrid.ai/owner": "shop/app",
}
LABELS = {"app.kubernetes.io/managed-by": "thegrid-operator"}


def encoded(**entries):
    return {name: base64.b64encode(text.encode()).decode() for name, text in entries.items()}


TARGET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "app-grid",
        "namespace": "shop",
        "labels": LABELS,
        "annotations": OURS
        | {
            "thegrid.ai/record": '{"id": "1b7f", "number": 2, "since": "2026-03-01T00:00:00+00:00",'
            ' "expiresAt": "2026-03-31T00:00:00+00:00"}'
        },
    },
    "type": "Opaque",
    "data": encoded(
        OPENAI_API_KEY="new",
        OPENAI_BASE_URL="https://api.thegrid.ai/v1",
        ANTHROPIC_API_KEY="new",
        ANTHROPIC_CUSTOM_HEADERS="x-api-key: new",
        ANTHROPIC_BASE_URL="https://messages-beta.api.thegrid.ai",
    ),
}
COMPANION = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "app-thegrid-rotation",
        "namespace": "shop",
        "labels": LABELS,
        "annotations": OURS
        | {
            "thegrid.ai/record": '{"current": {"id": "1b7f", "number": 2,'
            ' "since": "2026-03-01T00:00:00+00:00", "expiresAt": "2026-03-31T00:00:00+00:00"},'
            ' "previous": {"id": "0a6e", "number": 1, "since": "2026-02-15T00:00:00+00:00",'
            ' "expiresAt": "2026-03-17T00:00:00+00:00"}, "trigger": "now"}'
        },
    },
    "type": "thegrid.ai/rotation",
    "data": encoded(current="new", previous="old"),
}
IN_THE_MIDDLE = '{"pending": {"id": "1b7f", "number": 2, "since": "2026-02-28T23:59:00+00:00", "expiresAt": null}, "current": {"id": "0a6e", "number": 1, "since": "2026-02-15T00:00:00+00:00", "expiresAt": null}, "pendingTrigger": "now"}'  # noqa: E501 - as it stood

KEY = ConsumptionKey.of(RESOURCE)
CURRENT = HeldKey("1b7f", 2, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))


def test_both_are_read_as_they_were_meant():
    held = read_holding(COMPANION, TARGET)

    previous = HeldKey(
        "0a6e", 1, datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 3, 17, tzinfo=UTC)
    )
    assert held.record == Record(current=CURRENT, previous=previous, trigger="now")
    assert held.secrets == {"1b7f": Secret("new"), "0a6e": Secret("old")}


def test_an_upgrade_writes_neither():
    held = read_holding(COMPANION, TARGET)
    content = fill_in(
        KEY.target.entries, endpoints=Endpoints(), key_id="1b7f", secret=Secret("new")
    )
    wanted = target(KEY.meta, KEY.target, CURRENT, content, held.record.emergency)

    assert change(TARGET, wanted, whole=False) is None
    assert change(COMPANION, companion(KEY.meta, held), whole=True) is None


def test_an_upgrade_moves_no_rotation():
    held = read_holding(COMPANION, TARGET)

    assert KEY.policy.spread > timedelta(0)
    assert next_rotation_at(KEY.policy, held.record) == datetime(2026, 3, 15, tzinfo=UTC)


def test_a_swap_that_was_cut_off_is_finished():
    half = copy.deepcopy(COMPANION)
    half["metadata"]["annotations"]["thegrid.ai/record"] = IN_THE_MIDDLE
    half["data"] = encoded(pending="new", current="old")

    held = read_holding(half, TARGET)

    assert held.record.current == CURRENT
    assert held.record.previous.id == "0a6e"
    assert (held.record.trigger, held.pending) == ("now", Requests())
    assert not held.record.urgent


def test_a_lost_companion_is_made_up_from_the_target():
    assert read_holding(None, TARGET).secrets == {"1b7f": Secret("new")}


def test_all_that_the_target_holds_is_known_to_be_ours():
    assert entries_of_others(TARGET, set()) == set()


@pytest.mark.parametrize("missing", ["deletionPolicy"])
def test_a_resource_reads_the_same_without_what_definitions_fill_in(missing):
    spec = {name: value for name, value in RESOURCE["spec"].items() if name != missing}

    assert ConsumptionKey.of(RESOURCE | {"spec": spec}) == KEY
