"""With nothing due, nothing that begins anew causes a mint, a rollout or a write.

What cannot lie is compared: the version of every object that the operator may write, the keys at
the market, and the requests to the market that change something.
"""

from __future__ import annotations

import json

import pytest
import yaml
from tests.operator import workloads
from tests.operator.relisting_operator import RELISTED
from tests.operator.warm_operator import BEGIN, END, NONE_LIVES

from thegrid_lab.operator_process import CHART, install_operator

pytestmark = pytest.mark.engines

RESTARTS = 100
RELISTS = 3
CALM = {"rotateAfter": "1d", "overlap": "1h"}
RESTART = [{"kind": "Deployment", "name": "web"}]


def world_of(cluster):
    """Return all that the operator could have changed."""
    names = ("get", "deployments,pods,events", f"--namespace={cluster.namespace}", "--output=json")
    others = json.loads(cluster.plane.kubectl(*names))["items"]
    return {
        "ours": cluster.versions(),
        "keys": [
            (key["id"], key["is_active"])
            for key in cluster.market.api_keys(cluster.market.account.user_id)
        ],
        "changes at the market": [
            it["path"] for it in cluster.market.journal() if it["method"] != "GET"
        ],
        "others": {
            it["metadata"]["uid"]: (it["kind"], it["metadata"].get("generation"))
            for it in others
            if it["kind"] != "Event" or it["involvedObject"]["apiVersion"].startswith("thegrid.ai")
        },
    }


def settled(cluster, start):
    """Let an operator bring a key into order, with a workload that it would restart; end it."""
    operator = start()
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(**CALM, restart=RESTART)
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    workloads.run(cluster, workloads.deployment("web"))
    operator.stop()
    return world_of(cluster)


def one_life(cluster, start, eventually):
    """Start an operator, see it look at the key, and end it once it has finished what it began."""
    looks = cluster.listings()
    operator = start()
    eventually(lambda: cluster.listings() > looks, "it to look", cluster.listings, seconds=60)
    operator.stop()


def test_a_hundred_restarts_change_nothing(cluster, start, eventually):
    before = settled(cluster, start)
    operator = start(program=("tests.operator.warm_operator",))

    def ended():
        return operator.log.read_text().count(NONE_LIVES) - 1

    def wait(is_so, what):
        eventually(is_so, what, operator.log.read_text, seconds=60)

    for lives in range(RESTARTS):
        wait(lambda lives=lives: ended() == lives, "the end of a life")
        looks = cluster.listings()
        operator.signal(BEGIN)
        wait(lambda looks=looks: cluster.listings() > looks, "a look")
        operator.signal(END)
    wait(lambda: ended() == RESTARTS, "the last end")

    assert operator.exit_code is None, "every life ended well"
    assert world_of(cluster) == before


def test_objects_as_the_first_version_left_them_are_left_alone(cluster, start, eventually):
    settled(cluster, start)
    companion = cluster.get("secret", "app-thegrid-rotation")
    current = json.loads(companion["metadata"]["annotations"]["thegrid.ai/record"])["current"]
    # These two texts are frozen: they are what the first version wrote.
    first = {name: current[name] for name in ("id", "number", "since", "expiresAt")}
    records = {"app-grid": first, "app-thegrid-rotation": {"current": first}}
    for name, record in records.items():
        cluster.annotate("secret", name, f"thegrid.ai/record={json.dumps(record)}")
    before = world_of(cluster)

    one_life(cluster, start, eventually)
    after = world_of(cluster)
    one_life(cluster, start, eventually)

    assert world_of(cluster) == after
    # The first version told the next rotation without the jitter, so the status alone may change.
    del before["ours"]["ConsumptionKey/app"], after["ours"]["ConsumptionKey/app"]
    assert after == before


@pytest.fixture
def changed_schemas(installed):
    """Serve definitions with one more field each; the watches of them end, and lists begin."""

    def change():
        for path in sorted((CHART / "crds").glob("*.yaml")):
            definition = yaml.safe_load(path.read_text())
            spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
            spec["properties"]["spec"]["properties"]["later"] = {"type": "boolean"}
            installed.apply(definition)

    yield change
    install_operator(installed)


def test_another_schema_changes_nothing(cluster, changed_schemas, start, eventually):
    before = settled(cluster, start)
    looks = cluster.listings()
    running = start()
    eventually(lambda: cluster.listings() > looks, "it to look", cluster.listings)

    changed_schemas()
    cluster.plane.kubectl(
        "wait", "--for=condition=Established", "crd/consumptionkeys.thegrid.ai", "--timeout=30s"
    )
    running.stop()
    one_life(cluster, start, eventually)

    assert world_of(cluster) == before


def test_lists_that_begin_anew_again_and_again_change_nothing(cluster, start, eventually):
    before = settled(cluster, start)
    looks = cluster.listings()
    relisting = start(program=("tests.operator.relisting_operator",))
    eventually(lambda: cluster.listings() > looks, "it to look", cluster.listings, seconds=60)

    def lists():
        return relisting.log.read_text().count(f"ConsumptionKey {RELISTED}")

    def are_let_pass():
        looks, seen = cluster.listings(), lists()
        eventually(lambda: lists() >= seen + RELISTS, "the lists", lists, seconds=60)
        return cluster.listings() == looks

    eventually(are_let_pass, "lists in a row after which nobody looks", cluster.listings)
    assert world_of(cluster) == before
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    eventually(lambda: len(cluster.live_keys()) == 2, "a change to be noticed all the same")
