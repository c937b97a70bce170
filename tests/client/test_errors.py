"""Every way of saying no becomes one line with the market's code, and without secrets."""

import copy
import pickle

import httpx
import pytest

from thegrid.client import (
    Client,
    Endpoints,
    GridError,
    InDoubt,
    Inference,
    LoginRejected,
    Misuse,
    NotFound,
    OAuth,
    RateLimited,
    Refused,
    Unreachable,
    WrongAccount,
)
from thegrid.client._call import Call
from thegrid.core.secret import Secret

PLANTED = "planted-4f9c2a"

SHAPES = {
    "1, a text": ({"errors": {"detail": "Something went wrong"}}, "", "Something went wrong"),
    "1, a code": ({"errors": {"detail": "unknown_thing"}}, "unknown_thing", "unknown_thing"),
    "2": (
        {"errors": {"detail": "mode_managed_setting", "message": "managed by the mode"}},
        "mode_managed_setting",
        "managed by the mode",
    ),
    "2 with a code of its own": (
        {"errors": {"detail": "some text", "code": "quota", "message": "too much"}},
        "quota",
        "too much",
    ),
    "3": (
        {"errors": {"detail": {"name": ["can't be blank", "is odd"], "expires_at": ["is past"]}}},
        "",
        "name: can't be blank, is odd; expires_at: is past",
    ),
    "3 with single texts": ({"errors": {"detail": {"name": "is odd"}}}, "", "name: is odd"),
    "4": (
        {"error": "invalid_grant", "error_description": "it is spent"},
        "invalid_grant",
        "it is spent",
    ),
    "4 without a description": ({"error": "invalid_grant"}, "invalid_grant", "invalid_grant"),
    "5": (
        {"error": {"code": "INVALID_MARKET", "message": "no such market", "details": {}}},
        "INVALID_MARKET",
        "no such market",
    ),
    "6": ({"error": "Payment required"}, "Payment required", "Payment required"),
    "5 before 2, for the code and for the text": (
        {"errors": {"code": "b", "message": "B"}, "error": {"code": "a", "message": "A"}},
        "a",
        "A",
    ),
    "a description before all others": (
        {"error": {"code": "a", "message": "A"}, "error_description": "why"},
        "a",
        "why",
    ),
    "message and code at the top": ({"code": "odd", "message": "as it is"}, "odd", "as it is"),
    "7, no JSON": ("<html>Bad gateway</html>", "", "Bad Request"),
    "7, empty": ("", "", "Bad Request"),
    "JSON that is no object": ([1], "", "Bad Request"),
    "numbers where texts belong": ({"error": 7, "errors": [], "code": 1}, "", "Bad Request"),
    "nothing at all": ({"errors": {"detail": None}}, "", "Bad Request"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shape(shape, client, emulator):
    body, code, message = SHAPES[shape]
    emulator.order_fault("GET", "/users/self", status=400, body=body)
    with pytest.raises(Refused) as caught:
        client.account()
    error = caught.value
    assert (error.status, error.code, error.message) == (400, code, message)
    assert error.request == "GET /users/self"
    assert error.request_id == emulator.journal()[-1]["request_id"]
    assert message in str(error)
    assert f"(request {error.request_id})" in str(error)


def test_a_refusal_reads_as_one_line_for_a_person(client, emulator):
    body = {"errors": {"detail": "mode_managed_setting", "message": "it is managed"}}
    emulator.order_fault("GET", "/users/self", status=403, body=body)
    with pytest.raises(Refused) as caught:
        client.account()
    assert str(caught.value) == (
        "GET /users/self was refused: 403 mode_managed_setting it is managed "
        f"(request {caught.value.request_id}); the account's mode dictates this setting"
    )


CLASSES = {
    "401": (401, None, LoginRejected),
    "403 with invalid_token": (403, {"error": "invalid_token"}, LoginRejected),
    "403 otherwise": (403, {"error": "insufficient_scope"}, Refused),
    "404": (404, None, NotFound),
    "422": (422, None, Refused),
    "a redirect, which the platform never makes": (307, None, Refused),
    "500, which marks a bug": (500, None, Refused),
}


@pytest.mark.parametrize("sentence", CLASSES)
def test_class_of(sentence, client, emulator, asked):
    status, body, kind = CLASSES[sentence]
    emulator.order_fault("GET", "/users/self", status=status, body=body)
    with pytest.raises(GridError) as caught:
        client.account()
    assert type(caught.value) is kind
    assert asked() == ["GET /api/v1/users/self"]


def test_a_rejected_login_says_what_to_do(client_of):
    with pytest.raises(LoginRejected, match="log in again"):
        client_of(PLANTED).account()


def test_a_rate_limit_tells_when_to_come_back(client, emulator):
    emulator.order_fault("GET", "/users/self", status=429, retry_after=120, times=9)
    with pytest.raises(RateLimited) as caught:
        client.account()
    assert caught.value.retry_after == 120.0


HOSTILE = {
    "several lines": "first\nsecond\r\nthird",
    "a terminal's escapes": "\x1b[2J\x1b]0;title\x07 cleared",
    "line separators of Unicode": "first\u2028second\u0085third",
    "a flood": "word " * 10_000,
    "one endless word": "x" * 100_000,
}


@pytest.mark.parametrize("sentence", HOSTILE)
def test_what_the_market_says_stays_one_short_printable_line(sentence, client, emulator):
    body = {"errors": {"detail": HOSTILE[sentence]}}
    emulator.order_fault("GET", "/users/self", status=400, body=body)
    with pytest.raises(Refused) as caught:
        client.account()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def everything_about(error):
    """Everything that a log or a debugger may show of an exception and what led to it."""
    seen = []
    while error is not None:
        seen += [str(error), repr(error), repr(vars(error)), repr(error.args)]
        seen.append(pickle.dumps(error).decode("latin-1"))
        error = error.__cause__ or error.__context__
    return "\n".join(seen)


def echo(request):
    """A market that quotes whatever it was sent."""
    quoted = f"{dict(request.headers)} {request.content.decode()}"
    status = 401 if "refuse" in quoted else 400
    return httpx.Response(status, json={"error": quoted, "error_description": quoted})


ASKING = {
    "a bearer token": lambda transport: Client(
        Endpoints(), Secret(PLANTED), transport=transport
    ).account(),
    "a refresh token": lambda transport: OAuth(Endpoints(), transport=transport).refresh(
        Secret(PLANTED)
    ),
    "a key, when it is tested": lambda transport: Inference(
        Endpoints(), Secret(PLANTED), transport=transport
    ).models(),
    "a key, when it is used": lambda transport: Inference(
        Endpoints(), Secret(PLANTED), transport=transport
    ).chat_completion("text-prime", []),
}

NETWORKS = {
    "quotes its request": httpx.MockTransport(echo),
    "answers no JSON": httpx.MockTransport(lambda _: httpx.Response(200, content=PLANTED)),
    "answers another JSON": httpx.MockTransport(lambda _: httpx.Response(200, json=[PLANTED])),
    "answers half": httpx.MockTransport(
        lambda _: httpx.Response(200, json={"data": {"key": PLANTED}, "access_token": [PLANTED]})
    ),
    "answers bytes that do not decode": httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, content=PLANTED)
    ),
}


NO_ERRORS = {("a key, when it is used", "answers half")}  # a completion may hold anything
SLOW = {
    (asking, "answers bytes that do not decode")  # sent again after a wait, as every read is
    for asking in ("a bearer token", "a key, when it is tested")
}
PAIRS = {(asking, network) for asking in ASKING for network in NETWORKS} - NO_ERRORS - SLOW


@pytest.mark.parametrize(("asking", "network"), sorted(PAIRS))
def test_no_error_holds_a_credential(asking, network):
    with pytest.raises(GridError) as caught:
        ASKING[asking](NETWORKS[network])
    assert PLANTED not in everything_about(caught.value)


@pytest.mark.parametrize("ending", ["\n", " ", "\x00", "…", "é"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda endpoints, token: Client(endpoints, token).account(),
        lambda endpoints, token: Inference(endpoints, token).models(),
        lambda endpoints, token: Inference(endpoints, token).chat_completion("text-prime", []),
    ],
    ids=["account", "models", "completion"],
)
def test_a_token_that_no_header_can_hold_is_refused_unseen(ask, ending, endpoints, asked):
    with pytest.raises(Misuse, match="white space or characters beyond ASCII") as caught:
        ask(endpoints, Secret(PLANTED + ending))
    assert PLANTED not in everything_about(caught.value)
    assert asked() == []


def test_a_call_does_not_show_its_body():
    body = {"refresh_token": PLANTED}
    assert PLANTED not in repr(Call("POST", "https://a/b", "/b", body, "nothing"))


EXAMPLES = [
    Misuse("field: wrong"),
    WrongAccount("user_1", "user_2"),
    Refused("GET /a", 422, code="odd", message="very", request_id="r", retry_after=1.5),
    LoginRejected("GET /a", 401),
    NotFound("GET /a", 404),
    RateLimited("GET /a", 429, retry_after=60.0),
    Unreachable("GET /a: nobody there"),
    InDoubt("POST /a", "no answer", "a key"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("way", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301 - our own bytes
def test_an_error_survives_being_copied_and_pickled(error, way):
    again = way(error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_a_refusal_without_words_has_no_stray_spaces():
    assert str(Refused("GET /a", 400)) == "GET /a was refused: 400"


CODES = {
    "mode_managed_setting": 403,
    "auto_mode_trading_restricted": 403,
    "insufficient_scope": 403,
    "invalid_token": 403,
    "access_denied": 400,
    "expired_token": 400,
    "invalid_grant": 400,
    "invalid_client": 400,
    "invalid_scope": 400,
    "insufficient_balance": 422,
    "INSUFFICIENT_BALANCE": 400,
    "INSUFFICIENT_FUNDS": 400,
    "INVALID_SIGNATURE": 401,
    "EXPIRED_TIMESTAMP": 401,
    "INVALID_MARKET": 404,
    "INVALID_QUANTITY": 400,
    "INVALID_PRICE": 400,
    "ORDER_NOT_FOUND": 404,
    "ORDER_NOT_CANCELLABLE": 409,
    "MARKET_CLOSED": 400,
    "DUPLICATE_CLIENT_ORDER_ID": 409,
    "duplicate_client_order_id": 409,
    "payment_method_required": 422,
}


@pytest.mark.parametrize("code", CODES)
def test_every_known_code_says_what_to_do(code):
    text = str(Refused("GET /a", CODES[code], code=code))
    assert text.startswith(f"GET /a was refused: {CODES[code]} {code}; ")
    assert len(text.split("; ", 1)[1]) > 20


def test_a_key_in_its_own_header_is_hidden_too():
    inference = Inference(Endpoints(), Secret(PLANTED), transport=NETWORKS["quotes its request"])
    with pytest.raises(GridError) as caught:
        inference.message("text-prime", [], max_tokens=9)
    inference.close()
    assert PLANTED not in everything_about(caught.value)
