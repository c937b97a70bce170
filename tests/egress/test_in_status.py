"""What a status remembers about egress, and what is made of one that somebody has edited."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    plan_egress,
    record_of,
)
from thegrid_operator.egress.in_status import domains_for, record_in

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
API, HOST = "api.example.com", "a.example.com"
WANTED = WantedEgress(domains=(Domain(HOST),), essential=(API,), timing=Timing(grace=10 * MINUTE))
FOUND = Found((Domain.parse("*.example.net"),), ("new.example.org",))


def gave(host, text):
    return Answer(host, "one", 4, Outcome.GAVE, (ip_address(text),), (60,))


def look(now, memory, *texts, found=FOUND):
    memory = discover(WANTED, memory, found, now)
    answers = [gave(API, "8.8.9.9"), *(gave(HOST, text) for text in texts)]
    return plan_egress(WANTED, memory, answers, now)


@pytest.fixture
def later():
    """A look at which an address and a domain have left, five minutes after they were seen."""
    first = look(NOW, Memory(), "8.8.8.1")
    return look(NOW + 5 * MINUTE, first.memory, "8.8.8.2")


def test_people_read_who_is_allowed_why_and_until_when(later):
    assert domains_for(WANTED, later, NOW + 5 * MINUTE) == [
        {
            "name": HOST,
            "state": "Allowed",
            "sources": [{"source": "Static"}],
            "addresses": [
                {
                    "address": "8.8.8.1",
                    "staleSince": "2026-03-01T00:01:00Z",
                    "keepUntil": "2026-03-01T00:11:00Z",
                },
                {"address": "8.8.8.2"},
            ],
        },
        {
            "name": API,
            "state": "Allowed",
            "sources": [{"source": "Static"}],
            "addresses": [{"address": "8.8.9.9"}],
        },
        {
            "name": "*.example.net",
            "state": "Allowed",
            "sources": [{"source": "Feed"}],
            "addresses": [],
        },
        {
            "name": "new.example.org",
            "state": "Held",
            "sources": [{"source": "Probe"}],
            "addresses": [],
        },
    ]


def test_it_reads_back_as_it_was_written(later):
    now = NOW + 5 * MINUTE
    kept = record_in({"domains": domains_for(WANTED, later, now)})
    assert kept == record_of(later.memory, WANTED.timing, now)


def test_a_domain_that_left_is_read_back_with_its_time():
    plan = look(NOW, Memory(), "8.8.8.1")
    now = NOW + timedelta(days=3)
    plan = look(now, plan.memory, "8.8.8.1", found=Found((), ("new.example.org",)))
    kept = record_in({"domains": domains_for(WANTED, plan, now)})
    assert kept == record_of(plan.memory, WANTED.timing, now)
    assert {str(it.domain): it.unseen_since for it in kept.domains} == {
        "*.example.net": NOW,
        "new.example.org": None,
    }


def test_the_order_of_answers_does_not_change_the_text():
    texts = ("8.8.8.2", "8.8.8.1")
    first, second = (look(NOW, Memory(), *each) for each in (texts, texts[::-1]))
    assert domains_for(WANTED, first, NOW) == domains_for(WANTED, second, NOW)


EDITED = {
    "nothing": None,
    "no domains": {},
    "domains that are no list": {"domains": {"name": HOST}},
    "an entry that is no object": {"domains": [HOST, None]},
    "a name that is none": {"domains": [{"name": "*", "addresses": [{"address": "8.8.8.8"}]}]},
    "an address that is none": {"domains": [{"name": HOST, "addresses": [{"address": "x"}, "y"]}]},
    "a source that is none": {"domains": [{"name": HOST, "sources": [{"source": "Static"}, {}]}]},
    "addresses of a wildcard": {
        "domains": [{"name": "*.example.net", "addresses": [{"address": "8.8.8.8"}]}]
    },
}


@pytest.mark.parametrize("sentence", EDITED)
def test_what_cannot_be_understood_is_forgotten(sentence):
    assert record_in(EDITED[sentence]) == Record()


@pytest.mark.parametrize("text", ["soon", 5, None, "2026-03-01T00:00:00", "9999-12-31T00:00:00Z"])
def test_a_time_that_is_none_counts_as_current_so_that_nothing_goes_too_early(text):
    told = [{"address": "8.8.8.8", "staleSince": text}]
    (kept,) = record_in({"domains": [{"name": HOST, "addresses": told}]}).addresses
    assert kept.stale_since is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "sources", "addresses", "address"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_no_edit_breaks_the_reading(value):
    assert isinstance(record_in({"domains": [{"name": HOST, "addresses": value}, value]}), Record)


def test_an_address_in_an_edited_status_is_judged_like_any_other():
    """Otherwise whoever may edit a status could open any address."""
    told = [{"address": "169.254.169.254"}]
    record = record_in({"domains": [{"name": HOST, "addresses": told}]})
    memory = Memory(fresh_until={(it.host, it.address): NOW for it in record.addresses})
    assert not look(NOW, memory).allowed.addresses[1:]
