"""The benchmark's inert resource keeps the shape of what it is compared with."""

import runpy
from pathlib import Path

from pulumi_thegrid import ConsumptionKey

SHAPED = Path(__file__).parents[2] / "bench" / "provider" / "programs" / "shaped" / "shaped.py"


def test_the_inert_resource_has_the_properties_of_a_key():
    shaped = runpy.run_path(str(SHAPED))
    assert {*shaped["INPUTS"], *shaped["OUTPUTS"]} == set(ConsumptionKey.__annotations__)
