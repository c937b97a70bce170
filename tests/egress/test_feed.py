"""Domains that people keep in a ConfigMap, and what they are told about lines that are none."""

import pytest

from thegrid_operator.egress.feed import names_in

READ = {
    "nothing at all": ({}, []),
    "no entries": ({"data": {}}, []),
    "entries that are null": ({"data": None, "binaryData": None}, []),
    "one domain": ({"data": {"domains": "api.example.com"}}, ["api.example.com"]),
    "several lines": (
        {"data": {"a": "b.example.com\na.example.com\n"}},
        ["a.example.com", "b.example.com"],
    ),
    "several entries": (
        {"data": {"shop": "a.example.com", "chat": "b.example.net"}},
        ["a.example.com", "b.example.net"],
    ),
    "the same twice": (
        {"data": {"shop": "a.example.com", "chat": "A.Example.com."}},
        ["a.example.com"],
    ),
    "comments and empty lines": (
        {"data": {"a": "# ours\n\n  a.example.com  # the shop\n"}},
        ["a.example.com"],
    ),
    "wildcards": (
        {"data": {"a": "*.example.com\n**.example.net"}},
        ["**.example.net", "*.example.com"],
    ),
}


@pytest.mark.parametrize("sentence", READ)
def test_a_feed_of(sentence):
    config_map, names = READ[sentence]
    found, problems = names_in(config_map)
    assert [str(it) for it in found] == names
    assert problems == ()


WRONG = {
    "an address": ("8.8.8.8", "data.shop, line 2: '8.8.8.8' is an address, not a name"),
    "a URL": ("https://example.com/", "data.shop, line 2: 'https://example.com/' is not a host"),
    "a star in the middle": ("a.*.example.com", "a wildcard is the whole first label"),
    "one label": ("intranet", "one label alone depends on each pod's search list"),
    "everything": ("*", "a wildcard is the whole first label"),
    "a list": ("a.example.com, b.example.com", "is not a host name"),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_line_is_left_out_and_told_that_is(sentence):
    line, told = WRONG[sentence]
    found, problems = names_in({"data": {"shop": f"good.example.com\n{line}"}})
    assert [str(it) for it in found] == ["good.example.com"]
    (problem,) = problems
    assert told in problem
    assert "allowed is one domain a line, such as api.example.com" in problem


def test_binary_data_is_told_and_not_read():
    found, problems = names_in({"binaryData": {"domains": "YS5leGFtcGxlLmNvbQ=="}})
    assert found == ()
    assert problems[0].startswith("binaryData.domains: not read; write the domains under data")


def test_many_wrong_lines_are_counted_and_not_all_told():
    found, problems = names_in({"data": {"a": "wrong\n" * 1000}})
    assert found == ()
    assert len(problems) == 6
    assert problems[-1] == "and 995 more lines that are no domains"
