import time

import httpx
import pytest


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
    assert create(platform, "made").status_code == 201
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
    assert create(platform, "made").status_code == 201


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
    assert create(platform, "slow").status_code == 201
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
        ({"method": "GET", "path": "/x", "delay_seconds": -1}, "delay_seconds"),
        ({"method": "GET", "path": "/x", "hold_seconds": 3601}, "hold_seconds"),
        ({"method": "GET", "path": "/x", "statuss": 500}, "statuss"),
    ],
)
def test_a_wrong_order_is_named(admin, order, field):
    answer = admin("POST", "/faults", json=order)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["detail"]) == [field]
