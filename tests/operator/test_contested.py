"""A target that somebody changes again whenever it was put right: when that is told, and whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from thegrid_operator.reconcilers.consumption_key.contested import (
    OVER_AFTER,
    put_right,
    words_for_contest,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = {"data": {"OPENAI_API_KEY": "c2VjcmV0"}}
URL = {"data": {"OPENAI_BASE_URL": "c2VjcmV0"}}
LABEL = {"metadata": {"labels": {"app.kubernetes.io/managed-by": "thegrid-operator"}}}
OWNER = {"metadata": {"annotations": {"thegrid.ai/owner-uid": "1-2-3"}}}


def managed(*owners):
    """A target, and who manages what of it."""
    fields = [{"manager": name, "fieldsV1": owned} for name, owned in owners]
    return {"metadata": {"name": "app-grid", "managedFields": fields}}


def entry(name):
    return {"f:data": {".": {}, f"f:{name}": {}}}


def after(*changes, every=10 * MINUTE, seen=None):
    """What is known after a target was put right again and again, with pauses between."""
    contest = None
    for number, lacks in enumerate(changes):
        contest = put_right(contest, seen or managed(), lacks, NOW + number * every)
    return contest


@pytest.mark.parametrize(
    ("changes", "every", "contested"),
    [
        ([KEY], MINUTE, False),
        ([KEY, KEY], MINUTE, False),
        ([KEY, KEY, KEY], MINUTE, True),
        ([KEY, KEY, KEY], 10 * MINUTE, True),
        ([KEY, KEY, KEY], OVER_AFTER, False),
        ([KEY, URL, KEY], MINUTE, False),
        ([KEY, KEY | URL, URL], MINUTE, False),
        ([LABEL, LABEL, LABEL], MINUTE, True),
    ],
)
def test_the_third_change_of_the_same_soon_after_the_others_is_a_contest(changes, every, contested):
    contest = after(*changes, every=every)

    assert contest.is_on(contest.at) is contested
    assert not contest.is_on(contest.ends_at)


@pytest.mark.parametrize(
    ("lacks", "matters"), [(KEY, True), (OWNER, True), (LABEL, False), (KEY | LABEL, True)]
)
def test_a_label_of_ours_is_no_reason_to_think_that_workloads_lack_the_key(lacks, matters):
    contest = after(lacks, lacks, lacks)

    assert contest.holds_up(contest.at) is matters
    assert contest.is_borne(LABEL, contest.at + timedelta(seconds=1))
    assert not contest.is_borne(KEY, contest.at + timedelta(seconds=1))
    assert not contest.is_borne(LABEL, contest.pauses_until())


def test_each_time_the_pause_is_longer_up_to_one_that_still_lets_it_be_noticed():
    pauses = [(it := after(*[KEY] * times)).pauses_until() - it.at for times in range(1, 12)]

    assert pauses[:2] == [timedelta(0)] * 2
    assert pauses[2:6] == [timedelta(seconds=it) for it in (30, 60, 120, 240)]
    assert set(pauses[6:]) == {5 * MINUTE}


def test_who_changed_it_is_told_without_its_content():
    seen = managed(
        ("thegrid-operator", entry("OPENAI_API_KEY")),
        ("argocd-controller", entry("OPENAI_API_KEY")),
        ("kubectl-patch", entry("THEIRS")),
    )

    words = words_for_contest("app-grid", after(KEY, KEY, KEY, seen=seen))

    assert "Secret app-grid is changed by argocd-controller again" in words
    assert "entry OPENAI_API_KEY" in words
    assert "kubectl-patch" not in words
    assert "c2VjcmV0" not in words


@pytest.mark.parametrize("part", ["labels", "annotations"])
def test_who_changed_a_label_or_an_annotation_is_told_too(part):
    lacks = {"metadata": {part: {"example.com/ours": "as it was"}}}
    seen = managed(("helm", {"f:metadata": {f"f:{part}": {"f:example.com/ours": {}}}}))

    assert put_right(None, seen, lacks, NOW).by == ("helm",)


def test_a_target_that_is_deleted_again_and_again_is_contested_as_a_whole():
    contest = None
    for _ in range(3):
        contest = put_right(contest, None, KEY | LABEL, NOW)

    assert contest.holds_up(NOW)
    assert "(all of it)" in words_for_contest("app-grid", contest)
