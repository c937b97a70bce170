"""Which workload is restarted next, one sentence per state of a rollout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from thegrid.core.rotation import HeldKey
from thegrid_operator.restarts import (
    ROLLOUT_TAKES,
    ROLLOUT_TAKES_PER_POD,
    Restart,
    Restarted,
    Rolling,
    Stamp,
    Stopped,
    Workload,
    next_step,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = HeldKey("key-3", 3, NOW, None)
STAMP = Stamp.of("app", KEY)
THROUGH = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
ON_ITS_WAY = THROUGH | {"reason": "ReplicaSetUpdated"}
STUCK = THROUGH | {"status": "False", "reason": "ProgressDeadlineExceeded"}
WEB, DATABASE, AGENT = (
    Workload("Deployment", "web"),
    Workload("StatefulSet", "database"),
    Workload("DaemonSet", "agent"),
)


def item(kind, status, *, stamped=None, spec=None, generation=2):
    annotations = {STAMP.annotation: f"3/key-3 {stamped.isoformat()}"} if stamped else {}
    return {
        "kind": kind,
        "metadata": {"name": "it", "generation": generation},
        "spec": {"template": {"metadata": {"annotations": annotations}}} | (spec or {}),
        "status": {"observedGeneration": 2} | status,
    }


def deployment(progress=THROUGH, *, replicas=3, updated=3, total=3, available=3, **more):
    status = {"replicas": total, "updatedReplicas": updated, "availableReplicas": available}
    status |= {
        "conditions": [{"type": "Available", "status": "True"}] + [progress] * bool(progress)
    }
    spec = {"replicas": replicas} | more.pop("spec", {})
    return item("Deployment", status, spec=spec, **more)


def stateful(*, revision="b", updated=3, strategy=None, **more):
    status = {"currentRevision": "a", "updateRevision": revision, "updatedReplicas": updated}
    spec = {"replicas": 3, "updateStrategy": strategy or {"type": "RollingUpdate"}}
    return item("StatefulSet", status, spec=spec, **more)


def daemon(*, updated=2, available=2, strategy="RollingUpdate", **more):
    status = {"desiredNumberScheduled": 2, "updatedNumberScheduled": updated}
    status["numberAvailable"] = available
    return item("DaemonSet", status, spec={"updateStrategy": {"type": strategy}}, **more)


RESTART, DONE, OURS, THEIRS = "restart", "done", "ours", "theirs"
PARTITION = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
SILENT = {"observedGeneration": 1}
AGO = NOW - MINUTE
LONG_AGO = NOW - ROLLOUT_TAKES - 3 * ROLLOUT_TAKES_PER_POD

STEPS = {
    "a Deployment at rest is restarted": (deployment(), RESTART),
    "one whose pods are not all available too: the new key may be what they lack": (
        deployment(available=0),
        RESTART,
    ),
    "one without pods too": (deployment(replicas=0, updated=0, total=0, available=0), RESTART),
    "a stamp of an earlier rotation does not count": (
        deployment(
            spec={"template": {"metadata": {"annotations": {STAMP.annotation: "2/key-2 x"}}}}
        ),
        RESTART,
    ),
    "nor does that of the same rotation's lost twin": (
        deployment(
            spec={"template": {"metadata": {"annotations": {STAMP.annotation: "3/key-9 x"}}}}
        ),
        RESTART,
    ),
    "a rollout of somebody else is respected": (deployment(ON_ITS_WAY, updated=1), THEIRS),
    "while old pods remain it has not ended": (deployment(ON_ITS_WAY, total=4), THEIRS),
    "a change that nobody acted on yet is a rollout": (deployment(generation=3), THEIRS),
    "one that somebody paused is waited for": (deployment(spec={"paused": True}), THEIRS),
    "one that is stuck in a rollout of somebody else stops the rest": (
        deployment(STUCK, updated=1),
        "does not get through its rollout (ProgressDeadlineExceeded)",
    ),
    "after its restart a Deployment is waited for": (
        deployment(ON_ITS_WAY, updated=1, stamped=AGO),
        OURS,
    ),
    "also while its new pods are not available": (
        deployment(ON_ITS_WAY, available=2, stamped=AGO),
        OURS,
    ),
    "right after the write, before anybody acted on it": (
        deployment(generation=3, stamped=AGO),
        OURS,
    ),
    "when it came through it is done": (deployment(stamped=AGO), DONE),
    "it stays done when a pod fails later": (deployment(available=2, stamped=AGO), DONE),
    "a restart that gets stuck stops the rest": (
        deployment(STUCK, updated=1, stamped=AGO),
        "does not get through its rollout (ProgressDeadlineExceeded)",
    ),
    "a long rollout that goes on is no failure": (
        deployment(ON_ITS_WAY, updated=1, stamped=LONG_AGO),
        OURS,
    ),
    "one without a deadline of its own has ours": (
        deployment(None, updated=1, stamped=LONG_AGO),
        "has not ended the rollout",
    ),
    "without progress told, available pods tell it": (deployment(None, stamped=AGO), DONE),
    "a StatefulSet at rest is restarted": (stateful(revision="a"), RESTART),
    "one in a rollout is waited for": (stateful(updated=1), THEIRS),
    "so it is after its restart": (stateful(updated=1, stamped=AGO), OURS),
    "with all pods new it is done": (stateful(revision="a", stamped=AGO), DONE),
    "with a partition, when the pods above it are new": (
        stateful(updated=1, strategy=PARTITION, stamped=AGO),
        DONE,
    ),
    "and not before": (stateful(updated=0, strategy=PARTITION, stamped=AGO), OURS),
    "a StatefulSet that takes too long stops the rest": (
        stateful(updated=1, stamped=LONG_AGO),
        "has not ended the rollout",
    ),
    "a moment sooner it does not": (
        stateful(updated=1, stamped=LONG_AGO + timedelta(seconds=1)),
        OURS,
    ),
    "one that is never rolled out stops the rest": (
        stateful(strategy={"type": "OnDelete"}),
        "OnDelete: delete its pods by hand",
    ),
    "a DaemonSet at rest is restarted": (daemon(), RESTART),
    "one in a rollout is respected": (daemon(updated=1), THEIRS),
    "after its restart it is waited for until its pods are available": (
        daemon(available=1, stamped=AGO),
        OURS,
    ),
    "then it is done": (daemon(stamped=AGO), DONE),
    "one that is never rolled out stops the rest too": (
        daemon(strategy="OnDelete"),
        "OnDelete: delete its pods by hand",
    ),
    "a workload that does not exist holds no key": (None, DONE),
    "one that nobody has looked at yet is waited for": (deployment() | {"status": {}}, THEIRS),
    "a stamp whose time somebody spoilt counts all the same": (
        deployment(
            spec={"template": {"metadata": {"annotations": {STAMP.annotation: "3/key-3 soon"}}}}
        ),
        DONE,
    ),
}


@pytest.mark.parametrize("sentence", STEPS)
def test_step(sentence):
    seen, expected = STEPS[sentence]
    step = next_step([(WEB, seen)], STAMP, NOW)
    match step:
        case Restart(workload, seen_there):
            assert (expected, workload) == (RESTART, WEB)
            assert seen_there is seen
        case Rolling(_, since):
            assert expected == (THEIRS if since is None else OURS)
        case Stopped(_, why):
            assert expected in why
        case Restarted():
            assert expected == DONE


def taken(*seen):
    """Decide, and tell how many workloads had to be read."""
    read = []

    def reading():
        for workload, it in seen:
            read.append(workload)
            yield workload, it

    return next_step(reading(), STAMP, NOW), len(read)


def test_workloads_are_restarted_one_after_the_other():
    done, at_rest = deployment(stamped=AGO), stateful(revision="a")
    assert taken((WEB, deployment()), (DATABASE, at_rest)) == (Restart(WEB, deployment()), 1)
    rolling = deployment(ON_ITS_WAY, updated=1, stamped=AGO)
    assert taken((WEB, rolling), (DATABASE, at_rest)) == (Rolling(WEB, AGO), 1)
    assert taken((WEB, done), (DATABASE, at_rest)) == (Restart(DATABASE, at_rest), 2)
    ended = stateful(revision="a", stamped=AGO)
    assert taken((WEB, done), (DATABASE, ended), (AGENT, None)) == (Restarted((AGENT,)), 3)


def test_the_second_is_not_touched_while_the_first_fails():
    stuck = deployment(STUCK, updated=1, stamped=AGO)
    step, read = taken((WEB, stuck), (DATABASE, stateful(revision="a")))
    assert isinstance(step, Stopped)
    assert read == 1


def test_a_stamp_that_was_written_is_found_again():
    patch = STAMP.patch(NOW)
    written = deployment(spec=patch["spec"])
    assert STAMP.written_at(written) == NOW
    assert next_step([(WEB, written)], STAMP, NOW) == Restarted()


def test_no_two_rotations_share_a_stamp_though_they_fall_into_one_second():
    stamps = [
        Stamp.of("app", HeldKey(key_id, number, NOW, None)).patch(NOW)
        for key_id, number in (("key-3", 3), ("key-4", 4), ("key-9", 3))
    ]
    assert len({str(stamp) for stamp in stamps}) == 3


def test_each_resource_has_an_annotation_of_its_own_with_a_name_that_kubernetes_accepts():
    names = ["app", "other", "a" * 63, "a" * 64, "a" * 65, "x" * 200]
    annotations = [Stamp.of(name, KEY).annotation for name in names]
    assert len(set(annotations)) == len(names)
    assert all(len(it.partition("/")[2]) <= 63 for it in annotations)
    assert annotations[0] == "restart.thegrid.ai/app"
