"""The same world of faults with pods in it: no key is revoked under a pod that runs with it."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from tests.core.rotation_world import DAY, HOUR, POLICIES, SECOND, Market, Operator, settle
from tests.core.test_rotation_machine import Rotation

from thegrid.core.rotation import Adoption, AtDeadline, plan_rotation

PATIENT = {
    "default": POLICIES["default"],
    "short": replace(POLICIES["short"], deadline=2 * HOUR),
    "strict": replace(POLICIES["short"], deadline=2 * HOUR, at_deadline=AtDeadline.REVOKE),
    "no overlap": replace(POLICIES["no overlap"], deadline=3 * DAY),
}


class Patient(Operator):
    """Asks pods, which read the target when they start and never again."""

    def __init__(self, market, policy):
        super().__init__(market, policy)
        self.pods = {}  # name to the time of its start and its key
        self.names = count()
        self.revoked_under_a_pod = []
        self.deadline_passed = False

    def plan(self):
        facts = self.situation()
        if facts.older_keys_may_go():
            swapped = facts.record.current.since
            old = [name for name, (started, _) in self.pods.items() if started <= swapped]
            facts = replace(facts, adoption=Adoption(" and ".join(map(str, old))))
        plan = plan_rotation(facts)
        self.deadline_passed = plan.reason == "RevokedAtDeadline"
        return plan

    def revoke(self, key_id):
        excused = self.deadline_passed or self.store.record.urgent
        if self.market.accepts(key_id, self.now) and not excused:
            self.revoked_under_a_pod += [it for it in self.pods.items() if it[1][1] == key_id]
        super().revoke(key_id)

    def start_a_pod(self):
        if self.store.target:
            self.pods[next(self.names)] = (self.now, self.store.target)


class RotationUnderPods(Rotation):
    """What may happen to a key that pods have read, in any order."""

    @initialize(policy=st.sampled_from(sorted(PATIENT)), lag=st.sampled_from([0, 30, 59]))
    def begin(self, policy, lag):
        self.operator = Patient(Market(lag * SECOND), PATIENT[policy])
        self.killed = set()
        self.losses = 0

    @rule()
    def a_pod_starts(self):
        self.operator.now += SECOND
        self.operator.start_a_pod()

    @rule(which=st.integers(0, 3))
    def a_pod_is_replaced(self, which):
        for name in sorted(self.operator.pods)[which : which + 1]:
            del self.operator.pods[name]
            self.operator.now += SECOND
            self.operator.start_a_pod()

    @invariant()
    def no_key_is_revoked_under_a_pod_that_runs_with_it_before_the_deadline(self):
        assert not self.operator.revoked_under_a_pod

    def teardown(self):
        """Sooner or later every pod is replaced; then the end is the same as without any."""
        if hasattr(self, "operator"):
            self.operator.pods.clear()
            super().teardown()


TestRotationUnderPods = RotationUnderPods.TestCase
TestRotationUnderPods.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, print_blob=True
)


@pytest.mark.parametrize("policy", sorted(PATIENT))
def test_a_pod_that_is_never_replaced_cannot_have_the_current_key_expire(policy):
    operator = Patient(Market(0 * SECOND), PATIENT[policy])
    settle(operator)
    operator.start_a_pod()
    operator.trigger = "a minute later"
    most, end = 0, operator.now + 40 * DAY
    while operator.now < end:
        assert operator.market.accepts(operator.store.target, operator.now)
        plan = operator.reconcile()
        most = max(most, len(operator.market.live(operator.now)))
        if not plan.actions:
            operator.now = max(plan.look_again_at, operator.now + HOUR / 2)
    assert most <= 3
    assert not operator.revoked_under_a_pod
