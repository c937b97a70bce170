"""A network of namespaces, where root may make one."""

import pytest
from tests.operator.conftest import chart, cluster, eventually, installed, market
from tests.packets.network import network, why_not_here


@pytest.fixture(scope="session")
def may_have_networks():
    reason = why_not_here()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def net(may_have_networks):
    with network() as made:
        yield made


__all__ = ["chart", "cluster", "eventually", "installed", "market", "may_have_networks", "net"]
