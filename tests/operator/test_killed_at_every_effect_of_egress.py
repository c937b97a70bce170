"""`kill -9` at each effect on an allow list, on a real API server: another goes on."""

from __future__ import annotations

import pytest
from tests.egress.others import definitions_of_others, serve
from tests.operator import suppliers
from tests.operator.killed import Fated, sites

pytestmark = [pytest.mark.engines, pytest.mark.faults]

PRIORITY = 500


@pytest.fixture
def story(cluster, chart, start, eventually):
    """Declare an allow list that is probed, and delete it, while the operator dies at a site.

    What it writes is the whole cluster's in part, and so does not go with it by itself.
    """
    serve(cluster.plane, definitions_of_others())

    def play(site, names):
        chart(egress={"core": True, "upstreamPriority": PRIORITY})
        cluster.market.use_suppliers(suppliers.NEW)
        suppliers.log_in_with_units(cluster)
        probe = {"redirectProbe": suppliers.PROBE}
        suppliers.declare_suppliers(cluster, names, backend="Upstream", discovery=probe)
        fated = Fated(start, site, flags=[f"--upstream-priority={PRIORITY}"])
        policy = f"thegrid-egress.{cluster.namespace}.suppliers"

        def until(look, what):
            def watched():
                fated.watch()
                return look()

            return eventually(watched, what, cluster.live_keys, seconds=150)

        def is_enforced():
            reason = cluster.condition("supplieregress", "suppliers").get("reason")
            held = suppliers.domains(cluster).get(suppliers.NEW) == ("Held", ["Probe"])
            return held and reason == "Enforced"

        until(is_enforced, "the allow list")
        assert cluster.plane.get("clusternetworkpolicy", policy)
        delete = ("delete", "supplieregress", "suppliers", "--wait=false")
        cluster.plane.kubectl(*delete, f"--namespace={cluster.namespace}")
        until(lambda: cluster.get("supplieregress", "suppliers") is None, "the resource to be gone")
        assert cluster.get("clusternetworkpolicy", policy) is None
        return fated

    return play


@pytest.mark.parametrize("site", sites(of_egress=True))
def test_another_one_finishes_what_was_begun(story, site):
    with suppliers.name_server() as names:
        assert story(site, names).was_killed, f"no effect was named {site}"
