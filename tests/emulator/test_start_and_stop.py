import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager

import httpx
import pytest

from thegrid_emulator import AddressError, Clock, Ports, Rules, serve
from thegrid_emulator.__main__ import main
from thegrid_emulator.command_line import options, parser

FREE = [
    flag
    for name in ("platform", "trading", "consumption", "messages", "gateway")
    for flag in (f"--{name}-port", "0")
]


@contextmanager
def command(*flags):
    process = subprocess.Popen(
        [sys.executable, "-m", "thegrid_emulator", *FREE, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"THEGRID_TEST_CLOCK": ""},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly_even_while_a_request_waits(http, number):
    with command("--json") as process:
        ready = json.loads(process.stdout.readline())
        fault = {"method": "GET", "path": "/health", "delay_seconds": 60}
        http.post(f"{ready['platform']}/_emulator/faults", json=fault)
        address = httpx.URL(ready["trading"])
        with socket.create_connection((address.host, address.port)) as waiting:
            waiting.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
            journal = f"{ready['platform']}/_emulator/journal"
            while not http.get(journal).json()["data"]:
                pass
            process.send_signal(number)
            assert process.wait(timeout=5) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_the_json_line_says_where_everything_is_and_who_one_can_be(http):
    with command("--json") as process:
        ready = json.loads(process.stdout.readline())
        bearer = {"authorization": f"Bearer {ready['account']['access_token']}"}
        assert ready["account"].keys() == {"user_id", "email", "access_token", "refresh_token"}
        profile = http.get(f"{ready['platform']}/api/v1/users/self", headers=bearer)
        assert profile.json()["data"]["email"] == ready["account"]["email"]
        assert http.get(f"{ready['trading']}/me", headers=bearer).status_code == 200
        assert http.get(f"{ready['consumption']}/models").status_code == 200
        assert http.post(f"{ready['messages']}/messages").status_code == 401
        assert http.post(f"{ready['gateway']}/v1/messages").status_code == 401


def test_the_banner_says_what_it_is_and_how_to_point_a_client_at_it(http):
    with command() as process:
        lines = []
        while not lines or not lines[-1].startswith("  export THEGRID_ACCESS_TOKEN="):
            lines.append(process.stdout.readline().rstrip("\n"))
        assert "emulator of The Grid, not The Grid" in lines[0]
        exports = dict(
            line.removeprefix("  export ").split("=", 1)
            for line in lines
            if line.startswith("  export ")
        )
        assert exports.keys() == {
            "THEGRID_PLATFORM_URL",
            "THEGRID_TRADING_URL",
            "THEGRID_CONSUMPTION_URL",
            "THEGRID_MESSAGES_URL",
            "THEGRID_ACCESS_TOKEN",
        }
        bearer = {"authorization": f"Bearer {exports['THEGRID_ACCESS_TOKEN']}"}
        assert http.get(f"{exports['THEGRID_TRADING_URL']}/me", headers=bearer).status_code == 200


def test_the_banner_says_what_to_trust(http):
    with command("--tls") as process:
        exports = {}
        while "THEGRID_ACCESS_TOKEN" not in exports:
            name, _, value = process.stdout.readline().strip().partition("=")
            exports[name.removeprefix("export ")] = value
        context = ssl.create_default_context(cafile=exports["SSL_CERT_FILE"])
        url = f"{exports['THEGRID_TRADING_URL']}/health"
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(url).status_code == 200


def test_a_certificate_is_good_for_the_host_that_was_asked_for(http):
    with command("--host", "127.0.0.2", "--tls", "--json") as process:
        ready = json.loads(process.stdout.readline())
        assert ready["trading"].startswith("https://127.0.0.2:")
        context = ssl.create_default_context(cafile=ready["authority_file"])
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(f"{ready['trading']}/health").status_code == 200


def test_limits_and_switches_can_be_chosen(capsys):
    flags = ("--orders-per-second", "3", "--revoke-on-refresh-reuse", "--trading-port", "0")
    asked = options(parser(), list(flags))
    assert asked.rules == Rules(orders_per_second=3, revoke_on_refresh_reuse=True)
    assert asked.ports == Ports(trading=0)
    assert not asked.tls
    assert "orders_per_second: must be at least 1" in refusal(capsys, "--orders-per-second", "0")


def refusal(capsys, *flags):
    with pytest.raises(SystemExit) as end:
        main([*FREE, *flags])
    assert end.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()[-1]


@pytest.mark.parametrize("name", ["platform", "trading", "consumption", "messages", "gateway"])
def test_a_port_in_use_is_one_line_that_names_the_flag(capsys, name):
    with socket.create_server(("127.0.0.1", 0)) as occupied:
        port = occupied.getsockname()[1]
        line = refusal(capsys, f"--{name}-port", str(port))
    assert f"--{name}-port {port}: cannot listen on 127.0.0.1: address already in use" in line


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_number_that_is_no_port_names_the_flag(capsys, port):
    line = refusal(capsys, f"--gateway-port={port}")
    assert "--gateway-port: must be from 0 to 65535" in line


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104 -- refused
def test_it_refuses_to_listen_beyond_this_machine(capsys, host):
    assert "--allow-remote" in refusal(capsys, "--host", host)


def test_listening_beyond_this_machine_can_be_asked_for(http):
    with command("--host", "0.0.0.0", "--allow-remote", "--json") as process:  # noqa: S104 -- the point
        ready = json.loads(process.stdout.readline())
        assert ready["trading"].startswith("http://127.0.0.1:")
        assert http.get(f"{ready['trading']}/health").status_code == 200


def test_the_help_teaches(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    for word in ("--allow-remote", "--json", "THEGRID_TEST_CLOCK", "/_emulator/clock", "4020"):
        assert word in text


def test_an_unreadable_shared_clock_is_one_line(capsys, monkeypatch, tmp_path):
    file = tmp_path / "offset"
    file.write_text("soon")
    monkeypatch.setenv("THEGRID_TEST_CLOCK", str(file))
    assert "THEGRID_TEST_CLOCK: its file must hold a decimal number" in refusal(capsys)


def test_two_emulators_in_one_program_know_nothing_of_each_other(http):
    with serve(clock=Clock()) as one, serve(clock=Clock()) as other:
        bearer = {"authorization": f"Bearer {one.account.access_token}"}
        assert http.get(f"{one.trading}/me", headers=bearer).status_code == 200
        assert http.get(f"{other.trading}/me", headers=bearer).status_code == 401


def test_nothing_is_left_behind(http):
    threads = threading.active_count()
    with serve(clock=Clock()) as emulator:
        url = f"{emulator.trading}/health"
        assert http.get(url).status_code == 200
    assert threading.active_count() == threads
    with pytest.raises(httpx.ConnectError):
        httpx.Client(verify=False, trust_env=False).get(url)  # noqa: S501 -- loopback only


def test_a_port_in_use_is_told_to_the_program_that_serves():
    with serve(clock=Clock()) as emulator:
        port = httpx.URL(emulator.trading).port
        taken = Ports(platform=0, trading=port, consumption=0, messages=0, gateway=0)
        with pytest.raises(AddressError, match="--trading-port"), serve(ports=taken):
            pass
