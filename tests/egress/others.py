"""Where the kinds of other projects come from, by which rendered objects are judged."""

import os
from pathlib import Path

import pytest
import yaml

FOLDER = Path(os.environ.get("EGRESS_CRDS") or Path(__file__).parents[3] / "shared" / "crds")
SOURCES = {
    "cilium.io_ciliumnetworkpolicies.yaml": "github.com/cilium/cilium 1.20",
    "policy.networking.k8s.io_clusternetworkpolicies.yaml": (
        "github.com/kubernetes-sigs/network-policy-api 0.2.0, experimental channel"
    ),
    "networking.gke.io_fqdnnetworkpolicies.yaml": (
        "github.com/GoogleCloudPlatform/gke-networking-api 0.2.11"
    ),
    "networking.k8s.aws_applicationnetworkpolicies.yaml": (
        "github.com/aws/amazon-network-policy-controller-k8s"
    ),
    "k8s.ovn.org_egressfirewalls.yaml": "github.com/ovn-kubernetes/ovn-kubernetes",
}
"""They are not copied here: set EGRESS_CRDS to a folder that holds them."""


def definitions_of_others():
    """Return the custom resource definitions of the backends, by kind, or skip the test."""
    missing = [f"{name} ({SOURCES[name]})" for name in SOURCES if not (FOLDER / name).is_file()]
    if missing:
        pytest.skip(f"EGRESS_CRDS names no folder with {'; '.join(missing)}")
    read = (yaml.safe_load((FOLDER / name).read_text()) for name in SOURCES)
    return {it["spec"]["names"]["kind"]: it for it in read}


def serve(plane, definitions):
    """Have an API server serve kinds."""
    plane.kubectl("apply", "--filename=-", stdin=yaml.safe_dump_all(list(definitions.values())))
    names = [f"crd/{it['metadata']['name']}" for it in definitions.values()]
    plane.kubectl("wait", "--for=condition=Established", "--timeout=30s", *names)
