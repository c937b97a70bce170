import json
import time

import httpx
import pytest

FAILING = {"method": "GET", "path": "/api-keys"}


def names(emulator):
    return [key["name"] for key in emulator.api_keys(emulator.account.user_id)]


def create(platform, name):
    return platform("POST", "/api-keys", json={"api_key": {"name": name}})


def test_a_status_is_answered_as_often_as_ordered_and_has_no_effect(admin, emulator, platform):
    order = {"method": "POST", "path": "/api-keys", "status": 503, "times": 2, "retry_after": 7}
    assert admin("POST", "/faults", json=order).status_code == 204
    for _ in range(2):
        answer = create(platform, "refused")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
        assert answer.json() == {"errors": {"detail": "service_unavailable"}}
        assert answer.headers["x-request-id"]
    assert platform("GET", "/api-keys").status_code == 200
    assert create(platform, "made").is_success
    assert names(emulator) == ["made"]


def test_a_status_carries_the_body_that_was_ordered(admin, platform):
    body = {"error": {"code": "X", "message": "older shape"}}
    order = {"method": "get", "path": "/api-keys", "status": 500}
    admin("POST", "/faults", json=order | {"body": body})
    admin("POST", "/faults", json=order | {"body": "<html>not JSON"})
    assert platform("GET", "/api-keys").json() == body
    assert platform("GET", "/api-keys").text == "<html>not JSON"


def test_a_connection_cut_before_leaves_no_effect(admin, emulator, platform, raises_cut):
    admin("POST", "/faults", json={"method": "POST", "path": "/api-keys", "drop": "before"})
    with raises_cut():
        create(platform, "lost")
    assert names(emulator) == []
    assert create(platform, "made").is_success


def test_a_connection_cut_after_leaves_the_effect(admin, emulator, platform, raises_cut):
    admin("POST", "/faults", json={"method": "POST", "path": "/api-keys", "drop": "after"})
    with raises_cut():
        create(platform, "made")
    assert names(emulator) == ["made"]
    assert [entry["status"] for entry in emulator.journal()] == [None]


def test_a_stream_can_be_cut_too(emulator, platform, chat, raises_cut):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", drop="after")
    redirect = chat.ask(platform.create_key()["key"], stream=True)
    with raises_cut():
        chat.follow(redirect)
    assert chat.follow(redirect).status_code == 401


def test_a_delay_makes_a_request_wait_and_then_handles_it(admin, emulator, platform):
    order = {"method": "POST", "path": "/api-keys"}
    admin("POST", "/faults", json=order | {"delay_seconds": 60})
    impatient = httpx.Timeout(5, read=0.02)
    with pytest.raises(httpx.ReadTimeout):
        platform("POST", "/api-keys", json={"api_key": {"name": "late"}}, timeout=impatient)
    assert names(emulator) == []
    admin("POST", "/faults", json=order | {"delay_seconds": 0.1})
    started = time.monotonic()
    assert create(platform, "slow").is_success
    assert time.monotonic() - started >= 0.1
    assert names(emulator) == ["slow"]


def test_a_hold_lets_a_request_have_its_effect_and_keeps_the_answer_back(admin, emulator, platform):
    order = {"method": "POST", "path": "/api-keys", "hold_seconds": 60}
    admin("POST", "/faults", json=order)
    impatient = httpx.Timeout(5, read=0.1)
    with pytest.raises(httpx.ReadTimeout):
        platform("POST", "/api-keys", json={"api_key": {"name": "held"}}, timeout=impatient)
    assert names(emulator) == ["held"]


def test_a_path_may_leave_a_segment_open(admin, platform):
    key = platform.create_key()
    order = {"method": "DELETE", "path": "/api-keys/{id}", "status": 500}
    admin("POST", "/faults", json=order)
    assert platform("DELETE", f"/api-keys/{key['id']}").status_code == 500
    assert platform("DELETE", f"/api-keys/{key['id']}").status_code == 204


def test_a_fault_may_be_meant_for_one_surface(emulator, platform, chat):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", status=500)
    redirect = chat.ask(platform.create_key()["key"])
    assert redirect.status_code == 307
    assert chat.follow(redirect).status_code == 500
    assert chat.follow(redirect).status_code == 200


def test_a_connection_cut_in_the_middle_leaves_half_an_answer_and_the_effect(
    admin, emulator, platform, raises_cut
):
    admin("POST", "/faults", json={"method": "POST", "path": "/api-keys", "drop": "middle"})
    with raises_cut() as cut:
        create(platform, "made")
    assert "without sending complete message body" in str(cut.value)
    assert names(emulator) == ["made"]


def test_a_stream_cut_in_the_middle_has_begun(emulator, http, platform, chat):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", drop="middle")
    redirect = chat.ask(platform.create_key()["key"], stream=True)
    seen = []
    call = {"url": redirect.headers["location"], "content": redirect.request.content}
    with http.stream("POST", **call) as answer, pytest.raises(httpx.RemoteProtocolError):
        seen.extend(answer.iter_raw())
    assert len(seen) == 1
    assert seen[0].startswith(b"data: {")


@pytest.mark.parametrize("way", ["malformed", "truncated"])
def test_a_body_can_be_spoiled_in_a_whole_message(admin, emulator, platform, way):
    admin("POST", "/faults", json={"method": "POST", "path": "/api-keys", "spoil": way})
    answer = create(platform, "made")
    assert answer.is_success
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert names(emulator) == ["made"]
    assert create(platform, "made next").json()["data"]["name"] == "made next"


def test_a_stream_can_be_spoiled_too(emulator, platform, chat):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", spoil="malformed")
    emulator.order_fault("POST", "/chat/completions", surface="gateway", spoil="truncated")
    secret = platform.create_key()["key"]
    malformed, truncated = (chat.answer(secret, stream=True).text for _ in range(2))
    first = malformed.splitlines()[0].removeprefix("data: ")
    with pytest.raises(json.JSONDecodeError):
        json.loads(first)
    assert malformed.endswith("data: [DONE]\n\n")
    assert truncated.count("data: ") == 1


SHAPES = {
    1: {"errors": {"detail": "service_unavailable"}},
    2: {"errors": {"detail": "service_unavailable", "message": "Service Unavailable"}},
    3: {"errors": {"detail": {"base": ["Service Unavailable"]}}},
    4: {"error": "service_unavailable", "error_description": "Service Unavailable"},
    5: {"error": {"code": "SERVICE_UNAVAILABLE", "message": "Service Unavailable", "details": {}}},
    6: {"error": "service_unavailable"},
}


@pytest.mark.parametrize("shape", range(1, 8))
def test_an_error_comes_in_each_shape_that_has_been_seen(admin, platform, shape):
    admin("POST", "/faults", json=FAILING | {"status": 503, "shape": shape})
    answer = platform("GET", "/api-keys")
    assert answer.status_code == 503
    if shape == 7:
        assert answer.text.startswith("<html>")
    else:
        assert answer.json() == SHAPES[shape]


def statuses(platform, count):
    return [platform("GET", "/api-keys").status_code for _ in range(count)]


def test_a_fault_can_strike_for_good(admin, platform):
    admin("POST", "/faults", json=FAILING | {"status": 500, "times": "forever"})
    assert statuses(platform, 5) == [500] * 5
    assert admin("GET", "/faults").json()["data"][0]["times"] == "forever"


def test_a_fault_can_strike_every_third_request(admin, platform):
    order = FAILING | {"status": 500, "every": 3, "times": 2}
    admin("POST", "/faults", json=order)
    assert statuses(platform, 9) == [200, 200, 500, 200, 200, 500, 200, 200, 200]


def test_a_fault_can_strike_by_chance_and_the_same_seed_brings_the_same_luck(admin, platform):
    order = FAILING | {"status": 500, "times": "forever", "probability": 0.5, "seed": 7}
    lucks = []
    for _ in range(2):
        admin("DELETE", "/faults")
        admin("POST", "/faults", json=order)
        lucks.append(statuses(platform, 20))
    assert lucks[0] == lucks[1]
    assert set(lucks[0]) == {200, 500}


def test_pending_faults_are_listed_until_they_are_used_up(admin, platform):
    admin("POST", "/faults", json=FAILING | {"status": 503, "times": 2, "retry_after": 7})
    admin("POST", "/faults", json={"method": "POST", "path": "/x/{id}", "drop": "middle"})
    statuses(platform, 1)
    first, second = admin("GET", "/faults").json()["data"]
    seed = first.pop("seed")
    assert first == FAILING | {
        "surface": None,
        "times": 1,
        "every": 1,
        "probability": 1.0,
        "status": 503,
        "body": None,
        "retry_after": 7,
    }
    assert isinstance(seed, int)
    assert (second["path"], second["drop"]) == ("/x/{id}", "middle")
    statuses(platform, 1)
    assert len(admin("GET", "/faults").json()["data"]) == 1


def test_faults_are_forgotten_on_demand(admin, emulator, platform):
    emulator.order_fault("GET", "/api-keys", status=500, times=5)
    assert platform("GET", "/api-keys").status_code == 500
    assert admin("DELETE", "/faults").status_code == 204
    assert platform("GET", "/api-keys").status_code == 200


def test_admin_routes_are_never_struck(admin):
    admin("POST", "/faults", json={"method": "GET", "path": "/_emulator/clock", "status": 500})
    assert admin("GET", "/clock").status_code == 200


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"path": "/api-keys", "status": 500}, "method"),
        ({"method": "GET", "status": 500}, "path"),
        ({"method": "GET", "path": "api-keys", "status": 500}, "path"),
        ({"method": "GET", "path": "/x"}, "status"),
        ({"method": "GET", "path": "/x", "status": 500, "drop": "after"}, "status"),
        ({"method": "GET", "path": "/x", "status": 99}, "status"),
        ({"method": "GET", "path": "/x", "status": 500, "times": 0}, "times"),
        ({"method": "GET", "path": "/x", "status": 500, "surface": "moon"}, "surface"),
        ({"method": "GET", "path": "/x", "drop": "during"}, "drop"),
        ({"method": "GET", "path": "/x", "spoil": "rotten"}, "spoil"),
        ({"method": "GET", "path": "/x", "status": 500, "times": "often"}, "times"),
        ({"method": "GET", "path": "/x", "status": 500, "every": 0}, "every"),
        ({"method": "GET", "path": "/x", "status": 500, "probability": 1.5}, "probability"),
        ({"method": "GET", "path": "/x", "status": 500, "seed": "a"}, "seed"),
        ({"method": "GET", "path": "/x", "status": 500, "shape": 8}, "shape"),
        ({"method": "GET", "path": "/x", "status": 500, "shape": 1, "body": {}}, "shape"),
        ({"method": "GET", "path": "/x", "delay_seconds": -1}, "delay_seconds"),
        ({"method": "GET", "path": "/x", "hold_seconds": 3601}, "hold_seconds"),
        ({"method": "GET", "path": "/x", "statuss": 500}, "statuss"),
    ],
)
def test_a_wrong_order_is_named(admin, order, field):
    answer = admin("POST", "/faults", json=order)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["detail"]) == [field]
