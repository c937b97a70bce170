"""What a program registers: whose a resource is, and what the program waits for at its end."""

import hashlib

import pulumi
import pytest
from tests.provider.in_process_engine import Refused

from pulumi_thegrid import ConsumptionKey

DIGEST_LENGTH = 12


def parent_and_child():
    parent = ConsumptionKey("parent")
    ConsumptionKey("child", opts=pulumi.ResourceOptions(parent=parent))


def urn_digest(engine, name):
    [urn] = [urn for urn in engine.state if urn.endswith(f"::{name}")]
    return hashlib.sha256(urn.encode()).hexdigest()[:DIGEST_LENGTH]


@pytest.mark.parametrize("name", ["parent", "child"])
def test_an_owner_is_named_after_the_urn_that_the_engine_gives(engine, name):
    engine.up(parent_and_child)
    nonce = engine.outputs("thegrid")["nonce"]
    assert engine.outputs(name)["owner"] == f"pulumi:{nonce}:{urn_digest(engine, name)}"


def test_a_program_waits_for_what_it_makes_of_an_output(engine):
    seen = []

    def declare():
        ConsumptionKey("ci").key_number.apply(seen.append)

    engine.up(declare)
    assert seen == [1]
    assert isinstance(seen[0], int)


def test_a_program_fails_with_a_resource_although_nothing_uses_its_outputs(engine):
    with pytest.raises(Refused, match="overlap"):
        engine.up(lambda: ConsumptionKey("ci", overlap="99d"))
