"""A real API server with the kinds of all backends takes what is rendered, strictly validated."""

import json

import pytest
from tests.egress.others import serve
from tests.egress.requests import EVERYTHING
from tests.egress.test_schemas import REQUESTS

from thegrid_lab.errors import CommandFailed
from thegrid_operator.egress import BACKENDS, Rendered

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def kinds(control_plane, definitions):
    serve(control_plane, definitions)


def dry_run(plane, namespace, objects):
    for it in objects:
        if "namespace" in it["metadata"]:
            it["metadata"]["namespace"] = namespace
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    plane.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-",
        stdin=listed,
    )  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.usefixtures("kinds")
def test_it_takes_what_is_rendered(backend, control_plane, namespace):
    objects, wildcards = [], []
    for feature, asked in REQUESTS.items():
        rendering = BACKENDS[backend](asked, EVERYTHING)
        if isinstance(rendering, Rendered):
            refused_by_this_kind = backend == "OVN" and "*" in feature
            (wildcards if refused_by_this_kind else objects).extend(rendering.objects)
    assert objects
    dry_run(control_plane, namespace, objects)
    for each in wildcards:
        with pytest.raises(CommandFailed, match="dnsName"):
            dry_run(control_plane, namespace, [each])
