"""Every call that changes something, struck by every fault, on the real Pulumi CLI.

Whatever is lost, running the command again, and doing what it says, ends as declared: no order and
no transfer twice, at most one live key whose secret was lost, named and gone one `up` later.
"""

import pytest
from tests.provider.faults.calls import CALLS
from tests.provider.faults.faults import FAULTS
from tests.provider.faults.invariants import comes_to_rest, tells_what_to_do

pytestmark = [pytest.mark.engines, pytest.mark.faults]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_lost_when(call, fault, scene_of):
    scene = scene_of(CALLS[call])
    scene.prepare()
    struck = scene.be_struck(FAULTS[fault])
    if not FAULTS[fault].done and struck.exit_code != 0:
        tells_what_to_do(scene, struck)
    told = comes_to_rest(scene)
    if FAULTS[fault].is_recorded:
        assert told == []
