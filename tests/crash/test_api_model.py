"""The API server in memory answers as the real one does, whatever it is asked."""

from __future__ import annotations

import random

import pytest
from tests.crash.api_connection import Connection
from tests.crash.api_operations import carry_out, operation
from tests.crash.api_server import ApiServer
from tests.crash.clock import WorldClock

from thegrid_lab.operator_process import install_operator
from thegrid_operator.kube import Kube, connect

SEEDS = range(12)
OPERATIONS = 120


@pytest.fixture(scope="session")
def installed(control_plane):
    install_operator(control_plane)
    return control_plane


@pytest.fixture
def real(installed):
    return connect(installed.kubeconfig, connections=2)


@pytest.fixture
def model():
    server = ApiServer(WorldClock())

    def send(method, path, query, content_type, body):
        return server.request(method, path, content_type=content_type, body=body, query=query)

    return Kube(Connection(send, None))


@pytest.mark.engines
@pytest.mark.parametrize("seed", SEEDS)
def test_random_requests_are_answered_alike(real, model, namespace, seed):
    dice = random.Random(seed)
    seen_there, seen_here, story = {}, {}, []
    for _ in range(OPERATIONS):
        asked = operation(dice)
        there = carry_out(real, namespace, seen_there, asked)
        here = carry_out(model, namespace, seen_here, asked)
        story.append(f"{asked[0]} {asked[1].kind} {asked[2]}, {asked[3]} versions late: {there}")

        assert here == there, f"seed {seed}, the last of these:\n" + "\n".join(story[-12:])


def test_the_same_requests_come_from_the_same_seed():
    once, again = ([operation(random.Random(7)) for _ in range(9)] for _ in range(2))

    assert once == again
