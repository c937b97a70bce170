"""A trading key from its registration to its end, in the eyes of the market."""

import json

import pytest
from tests.emulation import settle
from tests.provider.refusals import one_line

from pulumi_thegrid import TradingKey
from thegrid.client import Client, Endpoints, LoginRejected, SigningKey
from thegrid.client.access import find_access
from thegrid.core.secret import Secret

DAY = 86400


def program(**arguments):
    def declare():
        TradingKey("trader", **arguments)

    return declare


@pytest.fixture
def endpoints(market):
    return Endpoints(market.platform, market.trading, market.consumption, market.messages)


@pytest.fixture
def client(endpoints, account):
    with Client(endpoints, Secret(account.access_token)) as client:
        yield client


@pytest.fixture
def live_keys(client, market):
    def live():
        settle(market)
        return {key.id: key for key in client.list_trading_keys() if key.is_active}

    return live


@pytest.fixture
def account_of(endpoints, market):
    """Tell whose account a private key opens on the trading host."""

    def opens(private_key):
        clock = MarketClock(market)
        with Client(endpoints, SigningKey.parse(private_key), clock=clock) as client:
            return client.trading_account().user_id

    return opens


class MarketClock:
    """A clock that follows the market's."""

    def __init__(self, market):
        self.now = market.now


def test_a_generated_key_opens_the_trading_host(engine, account, account_of, live_keys):
    engine.up(program())
    key = engine.outputs("trader")
    assert account_of(key["private_key"]) == account.user_id
    assert SigningKey.parse(key["private_key"]).fingerprint == key["fingerprint"]
    assert set(live_keys()) == {key["key_id"]}
    assert engine.up(program()).steps["trader"] == "same"
    assert engine.refresh().steps["trader"] == "same"


def test_an_unchanged_up_asks_the_market_nothing(engine, market):
    engine.up(program(rotate_after="90d"))
    before = len(market.journal())
    assert engine.up(program(rotate_after="90d")).steps["trader"] == "same"
    assert len(market.journal()) == before


def test_the_profile_opens_the_market_for_the_vendor_s_command_line(
    engine, account, tmp_path, market
):
    engine.up(program())
    file = tmp_path / "credentials.json"
    profile = engine.outputs("trader")["profile"]
    file.write_text(json.dumps({"version": 1, "profiles": {"desk": profile}}))
    file.chmod(0o600)
    access = find_access({"GRID_CREDENTIALS_FILE": str(file)}, profile="desk")
    with Client(access.endpoints, access.trading_login, clock=MarketClock(market)) as client:
        assert client.trading_account().user_id == account.user_id


def test_by_default_a_key_is_never_rotated_by_the_clock(engine, market):
    engine.up(program())
    assert not engine.outputs("trader").get("next_rotation")
    market.advance(80 * DAY)
    assert engine.up(program()).steps["trader"] == "same"


def test_a_key_that_is_due_is_rotated_in_place_and_the_old_one_signs_on(
    engine, market, account, account_of, live_keys
):
    declared = program(rotate_after="14d")
    engine.up(declared)
    old, identity = engine.outputs("trader"), engine.recorded("trader").id
    market.advance(14 * DAY + 1)
    run = engine.preview(declared)
    assert run.log == [
        f"TradingKey 'trader': a rotation is due; key {old['key_id']} becomes the previous one"
    ]
    assert engine.up(declared).steps["trader"] == "update"
    new = engine.outputs("trader")
    assert engine.recorded("trader").id == identity
    assert new["previous_private_key"] == old["private_key"] != new["private_key"]
    assert new["previous_fingerprint"] == old["fingerprint"]
    assert set(live_keys()) == {new["key_id"], old["key_id"]}
    assert account_of(old["private_key"]) == account_of(new["private_key"]) == account.user_id
    assert engine.up(declared).steps["trader"] == "same"


def test_the_old_key_is_revoked_once_its_overlap_has_ended(engine, market, account_of, live_keys):
    declared = program(rotate_after="14d", overlap="1d")
    engine.up(declared)
    old = engine.outputs("trader")
    market.advance(14 * DAY + 1)
    engine.up(declared)
    market.advance(DAY - 60)
    assert engine.up(declared).steps["trader"] == "same"
    market.advance(61)
    run = engine.up(declared)
    assert run.log == [
        f"TradingKey 'trader': the overlap has ended; key {old['key_id']} is revoked"
    ]
    key = engine.outputs("trader")
    assert set(live_keys()) == {key["key_id"]}
    assert not key.get("previous_private_key")
    with pytest.raises(LoginRejected):
        account_of(old["private_key"])


def test_a_new_key_has_signed_a_request_before_an_older_one_is_revoked(engine, market):
    engine.up(program(triggers=[1]))
    engine.up(program(triggers=[2]))
    before = len(market.journal())
    run = engine.up(program(triggers=[3]))
    assert any("the oldest key" in line for line in run.log)
    asked = [(it["method"], it["path"].rpartition("/")[2]) for it in market.journal()[before:]]
    steps = [("POST", "signing-keys"), ("GET", "me")]
    at = asked.index(steps[0])
    assert asked[at : at + 2] == steps
    assert asked[at + 2][0] == "DELETE"


@pytest.mark.parametrize("fault", [{"status": 401}, {"status": 503, "times": 9}])
def test_a_new_key_that_cannot_sign_is_revoked_and_the_old_ones_stay(
    engine, market, live_keys, fault
):
    engine.up(program(triggers=[1]))
    engine.up(program(triggers=[2]))
    before = engine.outputs("trader")
    market.order_fault("GET", "/me", surface="trading", **fault)
    with pytest.raises(RuntimeError, match=r"TradingKey 'trader': GET /me"):
        engine.up(program(triggers=[3]))
    assert engine.outputs("trader") == before
    assert set(live_keys()) == {before["key_id"], before["previous_key_id"]}
    market.clear_faults()
    engine.up(program(triggers=[3]))
    after = engine.outputs("trader")
    assert after["previous_key_id"] == before["key_id"]
    assert set(live_keys()) == {after["key_id"], after["previous_key_id"]}


def test_a_first_key_that_cannot_sign_is_revoked(engine, market, live_keys):
    market.order_fault("GET", "/me", surface="trading", status=401)
    with pytest.raises(RuntimeError, match=r"TradingKey 'trader': GET /me was refused: 401"):
        engine.up(program())
    assert live_keys() == {}
    engine.up(program())
    assert engine.outputs("trader")["strays"] == []


def test_another_label_is_a_rotation(engine, live_keys):
    engine.up(program())
    old = engine.outputs("trader")
    assert engine.up(program(label="desk")).steps["trader"] == "update"
    new = engine.outputs("trader")
    assert new["private_key"] != old["private_key"]
    labels = {key_id: key.label.partition(" <")[0] for key_id, key in live_keys().items()}
    assert labels == {old["key_id"]: "trader", new["key_id"]: "desk"}


def test_a_public_key_brought_along_leaves_no_private_key(engine):
    pair = SigningKey.generate()
    engine.up(program(public_key=pair.public_key))
    key = engine.outputs("trader")
    assert key["fingerprint"] == pair.fingerprint
    assert not key.get("private_key")
    assert not key.get("profile")
    unpadded = pair.public_key.rstrip("=")
    assert engine.up(program(public_key=unpadded)).steps["trader"] == "same"


def test_the_state_of_a_key_brought_along_holds_no_secret_output(engine):
    engine.up(program(public_key=SigningKey.generate().public_key))
    assert engine.recorded("trader").marked == set()


def test_another_public_key_is_a_rotation_and_cannot_be_proven_here(engine, live_keys):
    engine.up(program(public_key=SigningKey.generate().public_key))
    old = engine.outputs("trader")
    second = program(public_key=SigningKey.generate().public_key)
    run = engine.preview(second)
    assert run.steps["trader"] == "update"
    assert run.log[-1] == (
        "TradingKey 'trader': the new key cannot be proven here, since its private half is not: "
        "sign with it before the overlap of 2d ends"
    )
    engine.up(second)
    new = engine.outputs("trader")
    assert new["previous_public_key"] == old["public_key"]
    assert set(live_keys()) == {old["key_id"], new["key_id"]}


def test_going_back_to_the_public_key_before_registers_it_again(engine, live_keys):
    first, second = (SigningKey.generate() for _ in range(2))
    for pair in (first, second, first):
        engine.up(program(public_key=pair.public_key))
    key = engine.outputs("trader")
    assert key["fingerprint"] == first.fingerprint
    assert key["previous_fingerprint"] == second.fingerprint
    assert set(live_keys()) == {key["key_id"], key["previous_key_id"]}


def test_the_label_of_a_registered_public_key_cannot_change_and_the_preview_says_why(engine):
    public_key = SigningKey.generate().public_key
    engine.up(program(public_key=public_key))
    with pytest.raises(RuntimeError) as refusal:
        engine.preview(program(public_key=public_key, label="desk"))
    line = one_line(refusal)
    assert "TradingKey 'trader': label: cannot become 'desk' while the same public_key" in line
    assert "the market changes no label" in line
    another = program(public_key=SigningKey.generate().public_key, label="desk")
    assert engine.preview(another).steps["trader"] == "update"


@pytest.mark.parametrize("first_brought", [True, False])
def test_a_change_between_generated_and_brought_along_is_a_rotation(
    engine, live_keys, first_brought
):
    brought = program(public_key=SigningKey.generate().public_key)
    for declared in (brought, program()) if first_brought else (program(), brought):
        engine.up(declared)
    key = engine.outputs("trader")
    assert set(live_keys()) == {key["key_id"], key["previous_key_id"]}
    with_private = "private_key" if first_brought else "previous_private_key"
    assert [it for it in ("private_key", "previous_private_key") if key.get(it)] == [with_private]


def test_a_public_key_stays_registered_through_a_replacement(engine, live_keys):
    public_key = SigningKey.generate().public_key
    engine.up(program(public_key=public_key))
    engine.up(program(public_key=public_key), replace="trader")
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]}
    engine.destroy()
    assert live_keys() == {}


def test_a_replacement_lives_on_when_its_replaced_half_is_deleted(engine, live_keys, account_of):
    engine.up(program(triggers=[1]))
    engine.up(program(triggers=[2]))
    engine.up(program(triggers=[2]), replace="trader")
    key = engine.outputs("trader")
    assert set(live_keys()) == {key["key_id"]}
    assert account_of(key["private_key"]) == key["account_id"]


def test_a_key_whose_answer_was_lost_is_named_and_revoked_by_the_next_up(engine, market, live_keys):
    market.order_fault("POST", "/signing-keys", drop="after")
    with pytest.raises(RuntimeError, match=r"TradingKey 'trader': POST /signing-keys"):
        engine.up(program())
    (lost,) = live_keys()
    engine.up(program())
    assert engine.outputs("trader")["strays"] == [lost]
    run = engine.up(program())
    assert run.log == [
        f"TradingKey 'trader': to be revoked, since no state holds their secrets: {lost}"
    ]
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]}
    assert engine.up(program()).steps["trader"] == "same"


@pytest.mark.parametrize("at", ["its creation", "its rotation"])
def test_a_brought_key_whose_answer_was_lost_is_registered_again(engine, market, live_keys, at):
    if at == "its rotation":
        engine.up(program(public_key=SigningKey.generate().public_key))
    before = set(live_keys())
    declared = program(public_key=SigningKey.generate().public_key)
    market.order_fault("POST", "/signing-keys", drop="after")
    with pytest.raises(RuntimeError):
        engine.up(declared)
    engine.up(declared)
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]} | before
    assert engine.outputs("trader")["strays"] == []


def test_a_key_revoked_by_hand_is_found_by_refresh_and_made_anew_by_up(engine, client, live_keys):
    engine.up(program())
    old = engine.outputs("trader")["key_id"]
    client.revoke_trading_key(old)
    assert engine.refresh().steps["trader"] == "gone"
    engine.up(program())
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]} != {old}


def test_deleting_a_key_that_was_revoked_by_hand_is_no_error(engine, client, live_keys):
    engine.up(program())
    client.revoke_trading_key(engine.outputs("trader")["key_id"])
    engine.destroy()
    assert live_keys() == {}


@pytest.fixture
def own_key(engine, profiles, log_in, account):
    """Log the stack in by a profile, and let that sign with a key of the stack's."""
    log_in("desk", account)
    engine.environment["GRID_CREDENTIALS_FILE"] = str(profiles.path)

    def sign_with(private_key):
        content = json.loads(profiles.path.read_text())
        content["profiles"]["desk"]["signing_key"] = private_key
        profiles.path.write_text(json.dumps(content))
        engine.config.pop("thegrid:accessToken", None)
        engine.config["thegrid:profile"] = "desk"
        engine.end_servers()

    return sign_with


def test_the_key_that_the_provider_signs_with_is_not_revoked_by_a_rotation(
    engine, own_key, live_keys
):
    engine.up(program(triggers=[1]))
    old = engine.outputs("trader")
    own_key(old["private_key"])
    engine.up(program(triggers=[2]))
    new = engine.outputs("trader")
    for operation in (engine.preview, engine.up):
        with pytest.raises(RuntimeError) as refusal:
            operation(program(triggers=[3]))
        assert f"key {old['key_id']} is the one that the provider's own profile" in str(
            refusal.value
        )
    assert set(live_keys()) == {old["key_id"], new["key_id"]}
    own_key(new["private_key"])
    engine.up(program(triggers=[3]))
    assert set(live_keys()) == {new["key_id"], engine.outputs("trader")["key_id"]}


def test_the_key_that_the_provider_signs_with_is_not_revoked_with_its_resource(
    engine, own_key, live_keys
):
    engine.up(program(triggers=[1]))
    engine.up(program(triggers=[2]))
    key = engine.outputs("trader")
    own_key(key["private_key"])
    recorded = dict(engine.state)
    with pytest.raises(RuntimeError, match="put another signing_key into the profile first"):
        engine.destroy()
    assert set(live_keys()) == {key["key_id"], key["previous_key_id"]}, "not even the other one"
    own_key(SigningKey.generate().private_key.reveal())
    engine.state = recorded
    engine.destroy()
    assert live_keys() == {}
