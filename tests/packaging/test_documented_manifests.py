"""An API server with our definitions takes every manifest that a document shows."""

import pytest
import yaml
from markdown_it import MarkdownIt

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def plane(control_plane, root):
    crds = sorted((root / "charts" / "thegrid-operator" / "crds").iterdir())
    control_plane.apply("---\n".join(path.read_text(encoding="utf-8") for path in crds))
    control_plane.kubectl("wait", "crd", "--all", "--for=condition=Established", "--timeout=30s")
    return control_plane


@pytest.fixture(scope="module")
def manifests(root, tracked):
    """The objects in the YAML blocks of all tracked documents, by where they stand."""
    found = {}
    for name in sorted(it for it in tracked if it.endswith(".md")):
        text = (root / name).read_text(encoding="utf-8")
        for token in MarkdownIt("commonmark").parse(text):
            if token.type == "fence" and token.info == "yaml":
                objects = [it for it in yaml.safe_load_all(token.content) if "apiVersion" in it]
                found |= {f"{name}:{token.map[0] + 1}#{i}": it for i, it in enumerate(objects)}
    return found


def test_every_manifest_is_accepted(plane, namespace, manifests):
    kinds = set()
    for where, manifest in manifests.items():
        manifest["metadata"]["namespace"] = namespace
        text = yaml.safe_dump(manifest)
        answer = plane.kubectl("create", "--dry-run=server", "--validate=strict", "-f-", stdin=text)
        assert "created" in answer, where
        kinds.add(manifest["kind"])
    assert {"Secret", "GridAccount", "ConsumptionKey"} <= kinds
