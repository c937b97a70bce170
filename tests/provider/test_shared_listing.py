"""When creations may look at one listing together, and when each needs its own."""

import threading

import pytest

from pulumi_thegrid._lifecycles.shared_listing import SharedListing


@pytest.fixture
def market():
    """A market whose listing grows with each look, so that looks can be told apart."""
    looks = []

    def take():
        looks.append(len(looks))
        return list(looks)

    return take


def test_creations_for_several_owners_look_once(market):
    listing = SharedListing()
    assert {listing.for_creation(owner, market) for owner in "abc"} == {(0,)}


def test_an_owner_who_comes_again_is_looked_up_again(market):
    listing = SharedListing()
    assert listing.for_creation("a", market) == (0,)
    assert listing.for_creation("a", market) == (0, 1)


def test_an_owner_for_whom_something_was_done_is_looked_up_again(market):
    listing = SharedListing()
    listing.for_creation("a", market)
    listing.outdate("b")
    assert listing.for_creation("b", market) == (0, 1)


def test_a_listing_does_not_last(market):
    listing = SharedListing(good_for_seconds=0)
    listing.for_creation("a", market)
    assert listing.for_creation("b", market) == (0, 1)


def test_a_look_that_fails_answers_for_nobody(market):
    listing = SharedListing()

    def refuse():
        raise ConnectionError

    with pytest.raises(ConnectionError):
        listing.for_creation("a", refuse)
    assert listing.for_creation("b", market) == (0,)


def test_whoever_waits_for_a_look_shares_it(market):
    listing, found = SharedListing(), []
    threads = [
        threading.Thread(target=lambda it=it: found.append(listing.for_creation(it, market)))
        for it in "abcdefgh"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(0,)] * 8
