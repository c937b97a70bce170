"""Render a Helm chart with the real Helm, without a cluster."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from thegrid_lab.engines import find_or_build
from thegrid_lab.processes import run


def helm_template(
    chart: Path,
    *,
    release: str,
    namespace: str,
    values: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Render a chart as ``helm install`` would, custom resource definitions included.

    Args:
        chart: The chart's folder.
        release: The release's name.
        namespace: The namespace to install into.
        values: Values over the chart's own.

    Returns:
        The objects, in Helm's order.

    Raises:
        CommandFailed: The chart or the values are bad.
        EngineUnavailable: There is no Helm and none can be built.
    """
    helm = find_or_build("helm")["helm"].path
    with tempfile.TemporaryDirectory(prefix="thegrid-helm-") as home:
        homes = {f"HELM_{kind}_HOME": home for kind in ("CONFIG", "CACHE", "DATA")}
        rendered = run(
            [
                helm,
                "template",
                release,
                chart.absolute(),
                f"--namespace={namespace}",
                "--include-crds",
                "--values=-",
            ],
            title="helm template",
            env=os.environ | homes,
            stdin=yaml.safe_dump(dict(values or {})),
        )
    return [each for each in yaml.safe_load_all(rendered.stdout) if each]
