"""Fixtures that give tests real engines; ``tests/conftest.py`` loads them.

Tests that use one carry the mark ``engines``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from thegrid_lab import control_plane as _control_plane
from thegrid_lab.pulumi_cli import PulumiWorkspace, pulumi_workspace


@pytest.fixture(scope="session")
def control_plane() -> Iterator[_control_plane.ControlPlane]:
    """One control plane with one node for the whole run."""
    with _control_plane.control_plane(nodes=1) as plane:
        yield plane


@pytest.fixture
def namespace(control_plane: _control_plane.ControlPlane) -> Iterator[str]:
    """The name of a namespace of the test's own."""
    name = f"test-{secrets.token_hex(4)}"
    control_plane.kubectl("create", "namespace", name)
    yield name
    control_plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def pulumi() -> Iterator[PulumiWorkspace]:
    """One Pulumi workspace for the whole run; each test makes projects of its own in it."""
    with pulumi_workspace() as workspace:
        yield workspace
