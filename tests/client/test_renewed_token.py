"""A rejected token is renewed once, and the request sent again."""

import pytest

from thegrid.client import Refused
from thegrid.core.secret import Secret

READ, MINT = "GET /api/v1/api-keys", "POST /api/v1/api-keys"


class TwoTokens:
    """A source whose first token is no longer good."""

    def __init__(self, good):
        self.good = Secret(good)
        self.rejected = []

    def token(self):
        return Secret("stale")

    def renewed(self, rejected):
        self.rejected.append(rejected)
        return self.good


def test_a_rejected_token_is_renewed_once_and_the_request_sent_again(client_of, emulator, asked):
    source = TwoTokens(emulator.account.access_token)
    client_of(source).create_consumption_key("web")
    assert source.rejected == [Secret("stale")]
    assert asked() == [MINT] * 2
    assert len(emulator.api_keys(emulator.account.user_id)) == 1


def test_a_renewed_token_that_is_rejected_too_is_the_end(client_of, asked):
    with pytest.raises(Refused):
        client_of(TwoTokens("stale-as-well")).list_consumption_keys()
    assert asked() == [READ] * 2


def test_a_403_with_invalid_token_is_renewed_too(client_of, emulator):
    emulator.order_fault("GET", "/users/self", status=403, body={"error": "invalid_token"})
    source = TwoTokens(emulator.account.access_token)
    assert client_of(source).account().user_id == emulator.account.user_id


def test_a_missing_scope_is_not_renewed(client_of, emulator):
    emulator.order_fault("GET", "/users/self", status=403, body={"error": "insufficient_scope"})
    source = TwoTokens(emulator.account.access_token)
    with pytest.raises(Refused):
        client_of(source).account()
    assert source.rejected == []
