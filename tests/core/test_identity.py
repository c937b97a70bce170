"""Owner tags in the names of keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.core.identity import (
    KeyTag,
    Owner,
    cluster_owner,
    in_one_stack,
    owned_by,
    stack_owner,
)
from thegrid.core.model import ConsumptionKey

OWNER = stack_owner("5a1f", "web")
parts = st.text(min_size=1).filter(lambda text: not any(c.isspace() or c in "<>#" for c in text))
numbers = st.integers(1, 10**9 - 1)


def named(name, key_id="key-1"):
    return ConsumptionKey(key_id, name, is_active=True)


@given(nonce=parts, resource=parts, number=numbers, label=st.text())
def test_a_tag_is_read_back_from_any_name_it_was_written_into(nonce, resource, number, label):
    tag = KeyTag(stack_owner(nonce, resource), number)
    assert KeyTag.of(named(tag.name(label))) == tag


@given(cluster=parts, namespace=parts, name=parts, uid=parts)
def test_owners_of_a_stack_and_of_a_cluster_differ(cluster, namespace, name, uid):
    assert cluster_owner(cluster, namespace, name, uid) != stack_owner(cluster, uid)


ODD_LABELS = [
    "",
    " ",
    "two\nlines",
    "<other:owner#3>",
    "a <b",
    "#1>",
    "tab\t",
    "café ☕",
    "x" * 500,
]


@pytest.mark.parametrize("label", ODD_LABELS)
def test_an_odd_label_does_not_hide_the_tag(label):
    assert KeyTag.of(named(KeyTag(OWNER, 7).name(label))) == KeyTag(OWNER, 7)


def test_a_name_reads_well():
    assert KeyTag(OWNER, 7).name("web") == "web <pulumi:5a1f:web#7>"
    assert KeyTag(OWNER, 7).name("") == "<pulumi:5a1f:web#7>"


NAMES_OF_OTHERS = {
    "empty": "",
    "plain text": "laptop",
    "a tag with text after it": "web <pulumi:5a1f:web#7> old",
    "a tag glued to its label": "web<pulumi:5a1f:web#7>",
    "a tag without a number": "web <pulumi:5a1f:web#>",
    "a tag without an owner": "web <#7>",
    "a number that is none": "web <pulumi:5a1f:web#seven>",
    "a negative number": "web <pulumi:5a1f:web#-7>",
    "a number of another script": "web <pulumi:5a1f:web#\N{ARABIC-INDIC DIGIT SEVEN}>",
    "a number too long to be ours": "web <pulumi:5a1f:web#1234567890>",
    "an owner with a space": "web <pulumi:5a1f: web#7>",
    "a line break after the tag": "web <pulumi:5a1f:web#7>\n",
}


@pytest.mark.parametrize("sentence", NAMES_OF_OTHERS)
def test_a_name_of_others_has_no_tag(sentence):
    assert KeyTag.of(named(NAMES_OF_OTHERS[sentence])) is None


@given(st.text())
def test_no_name_breaks_the_reader(name):
    KeyTag.of(named(name))


def test_an_owner_gets_its_own_keys_by_id_and_no_others():
    keys = (
        named(KeyTag(OWNER, 1).name("web"), "mine"),
        named(KeyTag(OWNER, 1).name("renamed"), "twin"),
        named(KeyTag(stack_owner("5a1f", "web2"), 1).name("web"), "longer owner"),
        named(KeyTag(Owner(OWNER[:-1]), 1).name("web"), "shorter owner"),
        named("web", "untagged"),
    )
    assert {key_id: tag.number for key_id, (tag, _) in owned_by(OWNER, keys).items()} == {
        "mine": 1,
        "twin": 1,
    }


@pytest.mark.parametrize("part", ["", "two words", "a<b", "a>b", "a#b", "line\nbreak"])
def test_a_part_that_a_tag_cannot_hold_is_refused(part):
    with pytest.raises(ValueError, match="cannot be part of an owner"):
        stack_owner("5a1f", part)
    with pytest.raises(ValueError, match="cannot be part of an owner"):
        cluster_owner("cluster", "namespace", "name", part)


SAME_STACK = {
    "a resource and itself": (OWNER, OWNER, True),
    "two resources of a stack": (OWNER, stack_owner("5a1f", "other"), True),
    "namesakes in two stacks": (OWNER, stack_owner("5a1e", "web"), False),
    "a stack and a cluster of its name": (OWNER, Owner("kubernetes:5a1f:web"), False),
    "two resources of a cluster": (
        cluster_owner("c", "n", "one", "u"),
        cluster_owner("c", "n", "two", "v"),
        False,
    ),
    "a resource and an owner that we never name": (OWNER, Owner("somebody"), False),
    "an owner that we never name and itself": (Owner("somebody"), Owner("somebody"), False),
}


@pytest.mark.parametrize("sentence", SAME_STACK)
def test_in_one_stack(sentence):
    first, second, expected = SAME_STACK[sentence]
    assert in_one_stack(first, second) is expected
    assert in_one_stack(second, first) is expected
