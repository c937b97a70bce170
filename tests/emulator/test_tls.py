import shutil
import socket
import ssl
import subprocess
import time

import httpx
import openai
import pytest
from tests.emulation import generous, trusting
from tests.emulator.conftest import Chat, Platform, Signer

from thegrid_emulator import Clock, serve

SURFACES = ("platform", "trading", "consumption", "messages", "gateway")


@pytest.fixture(scope="module")
def secure():
    with serve(clock=Clock(), rules=generous(), tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def context(secure):
    return ssl.create_default_context(cafile=secure.authority_file)


@pytest.fixture
def https(context):
    with httpx.Client(verify=context, trust_env=False) as client:
        yield client


@pytest.fixture
def secure_platform(secure, https):
    return Platform(https, f"{secure.platform}/api/v1", secure.account.access_token)


def test_every_listener_speaks_tls_and_says_so_in_its_address(secure, https):
    for surface in SURFACES:
        address = getattr(secure, surface)
        assert address.startswith("https://")
        assert https.get(f"{address}/nothing").status_code == 404


def test_nobody_trusts_it_unasked(secure):
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError, match="CERT"):
        client.get(f"{secure.trading}/health")


def test_plain_http_is_not_answered(secure):
    plain = secure.trading.replace("https://", "http://")
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.TransportError):
        client.get(f"{plain}/health")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_certificate_is_good_for_this_machines_names(secure, https, name):
    port = httpx.URL(secure.trading).port
    assert https.get(f"https://{name}:{port}/v1/health").status_code == 200


def test_a_supplier_at_another_address_of_this_machine_is_vouched_for(secure, https):
    chat = Chat(https, secure)
    secure.use_suppliers("127.0.0.2")
    secure.use_suppliers("127.0.0.3", "localhost", "127.0.0.2")
    redirects = [chat.ask(secure.account.access_token) for _ in range(3)]
    hosts = [httpx.URL(it.headers["location"]).host for it in redirects]
    assert hosts == ["127.0.0.3", "localhost", "127.0.0.2"]
    assert {chat.follow(it).status_code for it in redirects} == {200}
    secure.use_suppliers()


def test_an_address_that_no_supplier_has_is_not_vouched_for(secure, context):
    with (
        socket.create_connection(("127.0.0.1", httpx.URL(secure.gateway).port)) as connection,
        pytest.raises(ssl.SSLCertVerificationError, match=r"127\.0\.0\.77"),
    ):
        context.wrap_socket(connection, server_hostname="127.0.0.77")


def test_a_signed_request_is_accepted(secure, secure_platform, https):
    signer = Signer.generate()
    signer.register(secure_platform)
    headers = signer.headers(int(time.time()), "GET", "/v1/me")
    assert https.get(f"{secure.trading}/me", headers=headers).status_code == 200


def test_a_device_login_names_pages_over_tls(secure, https):
    body = {"client_id": "grid-cli-public", "scope": "keys:manage"}
    login = https.post(f"{secure.platform}/v1/oauth/device/code", json=body).json()
    assert login["verification_uri"].startswith(f"{secure.platform}/")


def test_the_openai_sdk_follows_the_redirect(secure, secure_platform):
    key = secure_platform.create_key()["key"]
    turns = [{"role": "user", "content": "hi"}]
    with (
        trusting(secure.authority_file),
        openai.OpenAI(api_key=key, base_url=secure.consumption, max_retries=0) as client,
    ):
        answer = client.chat.completions.create(model="text-prime", messages=turns)
    assert answer.choices[0].message.content == "You said: hi"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_curl_trusts_it_by_the_variable_of_the_banner(secure):
    url = f"{secure.trading}/health"
    trust = {"SSL_CERT_FILE": str(secure.authority_file), "no_proxy": "*"}
    command = [shutil.which("curl"), "-sS", url]
    done = subprocess.run(command, env=trust, capture_output=True, check=True)
    assert b'"status":"ok"' in done.stdout


def test_a_connection_can_be_cut(secure, secure_platform):
    secure.order_fault("GET", "/api-keys", drop="before")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        secure_platform("GET", "/api-keys")
    assert secure_platform("GET", "/api-keys").status_code == 200


def test_the_authoritys_file_is_gone_afterwards():
    with serve(clock=Clock(), tls=True) as running:
        assert running.authority_file.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert not running.authority_file.exists()
