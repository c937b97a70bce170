"""What is allowed after a refresh, one rule at a time."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from thegrid.core.egress import (
    API_HOSTS,
    Answer,
    Domain,
    Found,
    Memory,
    NewDomains,
    Outcome,
    Timing,
    WantedEgress,
    discover,
    hosts_to_resolve,
    plan_egress,
    record_of,
    restored,
    retry_after,
)

SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days")
)
HOST, API = "supplier.example.com", "api.example.com"
FIRST, SECOND_ADDRESS, THIRD = "8.8.8.1", "8.8.8.2", "2606:4700::3"
API_ADDRESS = "8.8.9.9"
WANTED = WantedEgress(
    domains=(Domain(HOST),), essential=(API,), timing=Timing(grace=10 * MINUTE, domain_grace=DAY)
)


def gave(*texts, domain=HOST, resolver="one", ttls=(60,)):
    addresses = tuple(map(ip_address, texts))
    return Answer(domain, resolver, addresses[0].version, Outcome.GAVE, addresses, ttls)


def told(outcome, domain=HOST, resolver="one", family=4):
    return Answer(domain, resolver, family, outcome)


API_ANSWER = gave(API_ADDRESS, domain=API)


def look(answers, now, memory=None, wanted=WANTED, found=None):
    memory = discover(wanted, memory or Memory(), found or Found(), now)
    return plan_egress(wanted, memory, [API_ANSWER, *answers], now)


def addresses(plan):
    return {str(it) for it in plan.allowed.addresses} - {API_ADDRESS}


def test_all_resolvers_and_both_families_are_united(now):
    answers = [
        gave(FIRST),
        gave(THIRD),
        gave(SECOND_ADDRESS, resolver="two"),
        told(Outcome.EMPTY, resolver="two", family=6),
    ]
    assert addresses(look(answers, now)) == {FIRST, SECOND_ADDRESS, THIRD}


AFTER_THE_GRACE = {
    "another address proves that the first is gone": ([gave(SECOND_ADDRESS)], False),
    "another family's address proves it too": (
        [gave(THIRD), told(Outcome.EMPTY)],
        False,
    ),
    "a name that is gone proves it": ([told(Outcome.ABSENT)], False),
    "a failure proves nothing": ([told(Outcome.FAILED)], True),
    "an empty answer proves nothing": ([told(Outcome.EMPTY), told(Outcome.EMPTY, family=6)], True),
    "no answer at all proves nothing": ([], True),
    "half a failure proves nothing": ([gave(SECOND_ADDRESS), told(Outcome.FAILED, family=6)], True),
    "one resolver of two proves nothing": (
        [gave(SECOND_ADDRESS), told(Outcome.FAILED, resolver="two")],
        True,
    ),
    "one empty resolver of two proves nothing": (
        [gave(SECOND_ADDRESS), told(Outcome.EMPTY, resolver="two")],
        True,
    ),
    "an address that is kept out proves nothing": ([gave("127.0.0.1")], True),
    "an address of another name proves nothing": ([gave("8.8.8.8", domain=API)], True),
}


@pytest.mark.parametrize("sentence", AFTER_THE_GRACE)
def test_after_ttl_and_grace(sentence, now):
    answers, stays = AFTER_THE_GRACE[sentence]
    memory = look([gave(FIRST)], now).memory
    assert FIRST in addresses(look(answers, now + 11 * MINUTE - SECOND, memory))
    assert (FIRST in addresses(look(answers, now + 11 * MINUTE, memory))) is stays


def test_what_could_not_be_proven_gone_goes_with_the_next_proof(now):
    memory = look([gave(FIRST)], now).memory
    memory = look([told(Outcome.FAILED)], now + HOUR, memory).memory
    assert addresses(look([gave(SECOND_ADDRESS)], now + 2 * HOUR, memory)) == {SECOND_ADDRESS}


@pytest.mark.parametrize("outcome", [Outcome.ABSENT, Outcome.EMPTY, Outcome.FAILED])
def test_an_essential_host_never_loses_its_last_address(outcome, now):
    memory = look([], now).memory
    plan = plan_egress(WANTED, memory, [told(outcome, domain=API)], now + 30 * DAY)
    assert [str(it) for it in plan.allowed.addresses] == [API_ADDRESS]
    assert plan.unresolved == ()


def test_an_essential_host_moves_when_it_has_another_address(now):
    memory = look([], now).memory
    plan = plan_egress(WANTED, memory, [gave(FIRST, domain=API)], now + DAY)
    assert [str(it) for it in plan.allowed.addresses] == [FIRST]


def test_an_essential_host_without_an_address_is_told_and_asked_for_again_soon(now):
    plan = plan_egress(WANTED, Memory(), [told(Outcome.EMPTY, domain=API), gave(FIRST)], now)
    assert plan.unresolved == (API,)
    assert plan.look_again_at == now + 5 * SECOND


def test_the_hosts_of_the_market_are_allowed_whatever_is_listed():
    assert set(API_HOSTS) <= set(hosts_to_resolve(WantedEgress(domains=()), Memory()))


TTLS = {
    "the smallest of an alias and its address counts": ((3600, 20 * 60, 3000), 20 * MINUTE),
    "zero counts as the shortest": ((0,), 30 * SECOND),
    "the longest is a limit": ((10**9,), HOUR),
}


@pytest.mark.parametrize("sentence", TTLS)
def test_a_ttl(sentence, now):
    ttls, counts = TTLS[sentence]
    memory = look([gave(FIRST, ttls=ttls)], now).memory
    end = now + counts + WANTED.timing.grace
    assert FIRST in addresses(look([gave(SECOND_ADDRESS)], end - SECOND, memory))
    assert FIRST not in addresses(look([gave(SECOND_ADDRESS)], end, memory))


def test_the_longest_of_two_resolvers_counts_for_an_address(now):
    answers = [gave(FIRST, ttls=(1800,)), gave(FIRST, resolver="two", ttls=(60,))]
    memory = look(answers, now).memory
    assert memory.fresh_until[HOST, ip_address(FIRST)] == now + 30 * MINUTE


LOOKS = {
    "the smallest TTL": ([gave(FIRST, ttls=(45,)), gave(THIRD, ttls=(50,))], 45 * SECOND),
    "a TTL of zero does not spin": ([gave(FIRST, ttls=(0,))], 30 * SECOND),
    "a failure": ([told(Outcome.FAILED)], 5 * SECOND),
    "a name that is gone": ([told(Outcome.ABSENT)], 60 * SECOND),
}


@pytest.mark.parametrize("sentence", LOOKS)
def test_the_next_look_comes_by(sentence, now):
    answers, wait = LOOKS[sentence]
    assert look(answers, now).look_again_at == now + wait


def test_the_next_look_comes_when_a_grace_ends(now):
    memory = look([gave(FIRST)], now).memory
    almost = now + 11 * MINUTE - 7 * SECOND
    assert look([gave(SECOND_ADDRESS)], almost, memory).look_again_at == now + 11 * MINUTE


def test_long_ttls_do_not_put_off_the_next_look(now):
    wanted = WANTED
    answers = [gave(FIRST, domain=host, ttls=(86400,)) for host in (HOST, API)]
    assert plan_egress(wanted, Memory(), answers, now).look_again_at == now + 5 * MINUTE


def test_failures_are_tried_again_quickly_then_rarely(now):
    memory, waits = Memory(), []
    for _ in range(7):
        plan = plan_egress(WANTED, memory, [told(Outcome.FAILED)], now)
        waits.append((plan.look_again_at - now).total_seconds())
        memory = plan.memory
    assert waits == [5, 10, 20, 40, 80, 120, 120]
    assert retry_after(10**6) == 2 * MINUTE
    assert look([gave(FIRST)], now, memory).memory.failed_looks == 0


REBINDING = ["127.0.0.1", "169.254.169.254", "10.0.0.1", "fd00:ec2::254"]


@pytest.mark.parametrize("text", REBINDING)
def test_a_rebinding_answer_is_told_and_never_let_in(text, now):
    plan = look([gave(FIRST), gave(text, resolver="two")], now)
    assert addresses(plan) == {FIRST}
    assert [(it.domain, str(it.address)) for it in plan.refused] == [(HOST, text)]


def test_a_special_network_is_believed_while_it_is_admitted(now):
    admitting = replace(WANTED, admitted=(ip_network("10.0.0.0/24"),))
    plan = look([gave("10.0.0.1")], now, wanted=admitting)
    assert addresses(plan) == {"10.0.0.1"}
    assert addresses(look([gave("10.0.0.1")], now, plan.memory)) == set()


def test_an_answer_about_a_name_that_nobody_allowed_is_ignored(now):
    assert addresses(look([gave(FIRST, domain="other.example.com")], now)) == set()


def test_a_domain_that_is_listed_no_more_goes_at_once_with_its_addresses(now):
    memory = look([gave(FIRST)], now).memory
    plan = look([], now, memory, replace(WANTED, domains=()))
    assert plan.allowed.domains == (Domain(API),)
    assert addresses(plan) == set()


PROBED = {
    "outside the trusted suffixes waits": ("new.example.net", {}, False),
    "beneath a trusted suffix is allowed": (
        "a.example.net",
        {"trusted_suffixes": ("example.net",)},
        True,
    ),
    "that only ends like a trusted suffix waits": (
        "evilexample.net",
        {"trusted_suffixes": ("example.net",)},
        False,
    ),
    "is approved by its name in the list": (
        "new.example.net",
        {"domains": (Domain("new.example.net"),)},
        True,
    ),
    "is approved by a wildcard in the list": (
        "new.example.net",
        {"domains": (Domain.parse("*.example.net"),)},
        True,
    ),
    "is not approved by a wildcard of another depth": (
        "a.new.example.net",
        {"domains": (Domain.parse("*.example.net"),)},
        False,
    ),
    "is allowed where all are": ("new.example.net", {"new_domains": NewDomains.ALLOW}, True),
}


@pytest.mark.parametrize("sentence", PROBED)
def test_a_probed_host(sentence, now):
    host, fields, allowed = PROBED[sentence]
    plan = look(
        [gave(FIRST, domain=host)], now, None, replace(WANTED, **fields), Found((), (host,))
    )
    assert (Domain(host) in plan.allowed.domains) is allowed
    assert (plan.held == (Domain(host),)) is not allowed
    assert (FIRST in addresses(plan)) is allowed


def test_a_domain_of_the_feed_needs_no_approval(now):
    found = Found((Domain("new.example.net"),), ())
    assert Domain("new.example.net") in look([], now, found=found).allowed.domains


SILENCE = {
    "a feed that names others": (Found((Domain("b.example.net"),), None), "feed", False),
    "a feed that is not there any more": (Found((), None), "feed", False),
    "a feed that could not be read": (Found(None, ()), "feed", True),
    "probes that name others": (Found(None, ("b.example.net",)), "probe", False),
    "probes that are switched off": (Found(None, ()), "probe", False),
    "probes that did not come through": (Found((), None), "probe", True),
}


@pytest.mark.parametrize("sentence", SILENCE)
def test_a_found_domain_after_its_grace_and(sentence, now):
    found, source, stays = SILENCE[sentence]
    wanted = replace(WANTED, new_domains=NewDomains.ALLOW)
    old = Domain("a.example.net")
    first = Found((old,), ()) if source == "feed" else Found((), (old.name,))
    memory = look([], now, None, wanted, first).memory
    just_before = look([], now + DAY - SECOND, memory, wanted, found)
    assert old in just_before.allowed.domains
    assert (old in look([], now + DAY, memory, wanted, found).allowed.domains) is stays


def test_an_unchanged_world_has_the_same_record_and_set_for_ever(now):
    wanted = replace(WANTED, new_domains=NewDomains.ALLOW)
    found = Found((Domain("feed.example.net"),), ("probe.example.net",))
    memory, seen = Memory(), set()
    for _ in range(2000):
        plan = look([gave(FIRST)], now, memory, wanted, found)
        memory, now = plan.memory, plan.look_again_at
        seen.add((plan.allowed, record_of(memory, wanted.timing, now)))
    assert len(seen) == 1


def test_a_rotating_answer_has_the_same_record_and_set_once_all_turns_were_seen(now):
    turns = [f"8.8.8.{number}" for number in range(1, 4)]
    memory, seen = Memory(), []
    for number in range(60):
        plan = look([gave(turns[number % 3], ttls=(30,))], now, memory)
        memory, now = plan.memory, plan.look_again_at
        seen.append((plan.allowed, record_of(memory, WANTED.timing, now)))
    assert len(set(seen)) == 3
    assert addresses(plan) == set(turns)


def test_after_a_restart_what_was_current_stays_long_enough(now):
    record = record_of(look([gave(FIRST, ttls=(3600,))], now).memory, WANTED.timing, now)
    now += 30 * SECOND
    memory = restored(record, WANTED.timing, now)
    end = now - 30 * SECOND + HOUR + WANTED.timing.grace
    assert FIRST in addresses(look([gave(SECOND_ADDRESS)], end - SECOND, memory))


def test_after_a_restart_what_had_left_goes_when_it_would_have_gone(now):
    memory = look([gave(FIRST)], now).memory
    now += 8 * MINUTE
    record = record_of(look([gave(SECOND_ADDRESS)], now, memory).memory, WANTED.timing, now)
    memory = restored(record, WANTED.timing, now + MINUTE)
    assert FIRST in addresses(look([gave(SECOND_ADDRESS)], now + 3 * MINUTE - SECOND, memory))
    assert FIRST not in addresses(look([gave(SECOND_ADDRESS)], now + 3 * MINUTE, memory))


def test_a_shorter_grace_counts_at_once(now):
    memory = look([gave(FIRST)], now).memory
    hasty = replace(WANTED, timing=replace(WANTED.timing, grace=MINUTE))
    assert FIRST in addresses(look([gave(SECOND_ADDRESS)], now + 3 * MINUTE, memory))
    assert FIRST not in addresses(look([gave(SECOND_ADDRESS)], now + 3 * MINUTE, memory, hasty))


@pytest.mark.parametrize(
    "fields",
    [
        {"grace": -SECOND},
        {"shortest_ttl": 0 * SECOND},
        {"shortest_ttl": 2 * HOUR},
        {"look_at_least_every": SECOND},
    ],
)
def test_times_that_contradict_each_other_are_refused(fields):
    with pytest.raises(ValueError, match=r"^[a-z_]+: "):
        Timing(**fields)


def test_record_and_set_do_not_depend_on_the_order_of_what_was_told(now):
    answers = [gave(THIRD), gave(SECOND_ADDRESS, FIRST), gave(FIRST, domain=API, resolver="two")]
    found = [Domain("d.example.net"), Domain.parse("*.c.example.net"), Domain("c.example.net")]
    plans = [
        look(given, now, found=Found(tuple(feed), ()))
        for given, feed in ((answers, found), (answers[::-1], found[::-1]))
    ]
    first, second = (record_of(plan.memory, WANTED.timing, now) for plan in plans)
    assert first == second
    assert plans[0].allowed == plans[1].allowed
