"""Answers, failures and time in any order: the rendered set is what history says, no more, no less.

The model keeps the whole history and knows nothing of memory. An address is due at a time unless
its last TTL and grace had ended by a look that proved its absence.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from thegrid.core.egress import (
    Answer,
    Domain,
    Found,
    Memory,
    Outcome,
    Record,
    Timing,
    WantedEgress,
    discover,
    hosts_to_resolve,
    plan_egress,
    record_of,
    restored,
    why_not,
)

API, STATIC, FEED = "api.example.com", "a.example.com", "b.example.com"
RESOLVERS = ("one", "two")
GOOD = {4: ["8.8.8.1", "8.8.8.2", "8.8.8.3"], 6: ["2606:4700::1", "2606:4700::2"]}
EVIL = {4: ["127.0.0.1", "169.254.169.254", "10.0.0.1"], 6: ["fd00::1", "::ffff:8.8.8.8"]}
TIMING = Timing(
    grace=timedelta(minutes=10),
    domain_grace=timedelta(hours=2),
    longest_ttl=timedelta(minutes=5),
    look_at_least_every=timedelta(minutes=2),
)
WAITS = [1, 30, 60, 150, 299, 600, 601, 900, 3600]


def pool(family):
    return [ip_address(text) for text in GOOD[family] + EVIL[family]]


def answers_about(host, resolver, family):
    silent = st.sampled_from([Outcome.EMPTY, Outcome.ABSENT, Outcome.FAILED])
    addresses = st.lists(st.sampled_from(pool(family)), min_size=1, max_size=2, unique=True)
    ttls = st.lists(st.sampled_from([0, 30, 60, 300, 86400]), min_size=1, max_size=2)
    gave = st.builds(
        lambda some, times: Answer(host, resolver, family, Outcome.GAVE, tuple(some), tuple(times)),
        addresses,
        ttls,
    )
    return st.one_of(
        gave, gave, st.builds(Answer, st.just(host), st.just(resolver), st.just(family), silent)
    )


ALL_ANSWERS = st.tuples(
    *(
        answers_about(host, resolver, family)
        for host in (API, STATIC, FEED)
        for resolver in RESOLVERS
        for family in (4, 6)
    )
)


class History:
    """Everything that was given about each host, and when its absences were proven."""

    def __init__(self):
        self.gave = defaultdict(list)  # host -> (address, end of TTL and grace)
        self.proofs = defaultdict(list)  # host -> times

    def note(self, host, answers, now):
        good = [it for it in answers if any(why_not(each) is None for each in it.addresses)]
        for answer in good:
            ttl = min(max(min(answer.ttls), 30), 300)
            for address in answer.addresses:
                if why_not(address) is None:
                    end = now + timedelta(seconds=ttl) + TIMING.grace
                    self.gave[host].append((address, end))
        definite = {it.resolver for it in good}
        if host != API:
            definite |= {it.resolver for it in answers if it.outcome is Outcome.ABSENT}
        failed = any(it.outcome is Outcome.FAILED for it in answers)
        if definite == set(RESOLVERS) and not failed:
            self.proofs[host].append(now)

    def forget(self, host):
        self.gave.pop(host, None)
        self.proofs.pop(host, None)

    def due(self):
        return {
            address
            for host, given in self.gave.items()
            for address, end in given
            if not any(proof >= end for proof in self.proofs[host])
        }


class Egress(RuleBasedStateMachine):
    @initialize(lists=st.booleans())
    def begin(self, lists):
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.memory, self.record, self.plan = Memory(), Record(), None
        self.least, self.most = History(), History()
        self.lists, self.feed = lists, (FEED,)
        self.last = None

    @property
    def wanted(self):
        listed = (Domain(STATIC),) if self.lists else ()
        return WantedEgress(domains=listed, essential=(API,), timing=TIMING)

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(answers=ALL_ANSWERS, written=st.booleans())
    def look(self, answers, written):
        feed = None if self.feed is None else tuple(map(Domain, self.feed))
        memory = discover(self.wanted, self.memory, Found(feed, ()), self.now)
        hosts = hosts_to_resolve(self.wanted, memory)
        given = [it for it in answers if it.domain in hosts]
        plan = plan_egress(self.wanted, memory, given, self.now)
        if not written:
            self.die()
            return
        self.memory, self.plan, self.last = plan.memory, plan, given
        self.record = record_of(plan.memory, TIMING, self.now)
        for host in (API, STATIC, FEED):
            about = [it for it in given if it.domain == host]
            for history in (self.least, self.most):
                history.note(host, about, self.now) if host in hosts else history.forget(host)
        due, given_out = self.least.due(), set(plan.allowed.addresses)
        assert due <= given_out
        assert given_out <= self.most.due()

    @rule(answers=ALL_ANSWERS)
    def look_in_peace(self, answers):
        self.look(answers, written=True)

    @rule()
    def die(self):
        """What was current may stay as if it had been given now with the longest TTL."""
        self.memory = restored(self.record, TIMING, self.now)
        for it in self.record.addresses:
            if it.stale_since is None:
                end = self.now + TIMING.longest_ttl + TIMING.grace
                self.most.gave[it.host].append((it.address, end))

    @rule()
    def the_list_is_edited(self):
        self.lists = not self.lists

    @rule(feed=st.sampled_from([(), (FEED,), None]))
    def the_feed_is_edited(self, feed):
        self.feed = feed

    @invariant()
    def another_look_at_the_same_moment_changes_nothing(self):
        if self.last is None:
            return
        memory = discover(self.wanted, self.memory, Found(None, ()), self.now)
        first = plan_egress(self.wanted, memory, self.last, self.now)
        second = plan_egress(self.wanted, first.memory, reversed(self.last), self.now)
        assert second.allowed == first.allowed
        assert record_of(first.memory, TIMING, self.now) == record_of(
            second.memory, TIMING, self.now
        )
        assert second.look_again_at > self.now

    @invariant()
    def the_set_is_in_order_and_without_an_evil_address(self):
        if self.plan is not None:
            allowed = self.plan.allowed
            assert len(set(allowed.addresses)) == len(allowed.addresses)
            assert list(allowed.addresses) == sorted(
                allowed.addresses, key=lambda it: (it.version, int(it))
            )
            assert not any(why_not(it) for it in allowed.addresses)
            assert Domain(API) in allowed.domains


TestEgress = Egress.TestCase
TestEgress.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, print_blob=True
)
