"""`thegrid-operator egress explain`, and its answers on a real API server."""

import json
from dataclasses import dataclass

import pytest
from tests.egress.dns_server import DnsServer

from thegrid_operator.__main__ import main

HOST = "api.example.com"
LABELS = {"app": "chat"}


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    code: object
    said: str
    complained: str


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command as the process does, but without a process of its own."""
    for variable in ("KUBERNETES_SERVICE_HOST", "KUBECONFIG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*arguments):
        try:
            code = main(["egress", *arguments])
        except SystemExit as exit_:
            code = exit_.code
        return Ended(code, *capsys.readouterr())

    return run


NOBODY_ANSWERS = """\
current-context: it
clusters: [{name: it, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: it, user: {token: none}}]
contexts: [{name: it, context: {cluster: it, user: it}}]
"""

BAD = {
    "no question": ([], "COMMAND"),
    "another question": (["tell"], "invalid choice: 'tell'"),
    "no pod": (["explain"], "NAMESPACE/POD, HOST[:PORT]"),
    "a pod without a namespace": (["explain", "chat", HOST], "'chat' is not NAMESPACE/POD"),
    "a URL": (["explain", "a/b", f"https://{HOST}"], "is not HOST or HOST:PORT, as in api.the"),
    "a port that is none": (["explain", "a/b", f"{HOST}:x"], "'x' is not a port from 1 to 65535"),
    "a name for a name server": (
        ["explain", "a/b", HOST, "--resolver", "dns.google"],
        "'dns.google' is not the IP address of a name server",
    ),
    "another output": (["explain", "a/b", HOST, "--output", "yaml"], "invalid choice: 'yaml'"),
    "a kubeconfig that is missing": (
        ["explain", "a/b", "192.0.2.1", "--kubeconfig", "/nowhere/config"],
        "cannot use kubeconfig /nowhere/config: there is no such file; name the cluster's",
    ),
    "no cluster at all": (
        ["explain", "a/b", "192.0.2.1"],
        "this is no pod; outside a cluster name",
    ),
}


@pytest.mark.parametrize("sentence", BAD)
def test_it_cannot_say_for(run, sentence):
    arguments, expected = BAD[sentence]
    ended = run(*arguments)
    assert ended.code == 2
    assert expected in ended.complained
    assert len(ended.complained.splitlines()) == 1
    assert ended.said == ""


UNUSABLE = {
    "YAML that ends too soon": ("contexts: [a", "it is malformed; `KUBECONFIG="),
    "a text": ("hidden", "it is malformed; `KUBECONFIG="),
    "nothing": ("", "it is incomplete (config file is empty); `KUBECONFIG="),
    "a list": ("[hidden]", "it is malformed; `KUBECONFIG="),
    "no current context": ("{contexts: []}", "it is incomplete (Expected key current-context in"),
}


@pytest.mark.parametrize("sentence", UNUSABLE)
def test_a_kubeconfig_that_holds_this_is_told_without_its_text(
    run, tmp_path, sentence, monkeypatch
):
    content, expected = UNUSABLE[sentence]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").write_text(content)
    ended = run("explain", "a/b", "192.0.2.1", "--kubeconfig", "config")
    assert ended.code == 2
    assert expected in ended.complained
    assert "hidden" not in ended.complained
    assert len(ended.complained.splitlines()) == 1


def test_a_folder_is_no_kubeconfig(run, tmp_path):
    ended = run("explain", "a/b", "192.0.2.1", "--kubeconfig", str(tmp_path))
    assert "it cannot be read (Is a directory); name another" in ended.complained


def test_a_cluster_that_does_not_answer_is_told_with_the_flags_that_choose_another(run, tmp_path):
    (tmp_path / "config").write_text(NOBODY_ANSWERS)
    ended = run("explain", "a/b", "192.0.2.1", "--kubeconfig", str(tmp_path / "config"))
    assert ended.code == 2
    assert "no answer from the API server" in ended.complained
    assert "--context choose another cluster" in ended.complained


def test_help_teaches(run):
    said = run("explain", "--help").said
    for part in ("team/chat-5d9f7 api.thegrid.ai", "0 reachable, 1 not", "--resolver", "--output"):
        assert part in said


@pytest.fixture
def dns():
    server = DnsServer()
    server.zone[HOST, "A"] = (60, ["198.51.100.7", "198.51.100.8"])
    server.zone[HOST, "AAAA"] = (60, ["2001:db8::7"])
    yield server
    server.close()


@pytest.fixture
def team(control_plane, namespace):
    """A namespace with a pod and two policies that people wrote."""

    def policy(name, egress):
        spec = {"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Egress"], "egress": egress}
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        }

    blocks = [{"ipBlock": {"cidr": it}} for it in ("198.51.100.0/24", "2001:db8::/64")]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "chat", "namespace": namespace, "labels": LABELS},
        "spec": {"containers": [{"name": "main", "image": "main"}]},
    }
    supplier = [{"to": blocks, "ports": [{"protocol": "TCP", "port": 443}]}]
    control_plane.apply([pod, policy("deny-all", []), policy("supplier", supplier)])
    return namespace


@pytest.mark.engines
def test_it_answers_by_the_policies_of_the_cluster(run, control_plane, team, dns):
    flags = ("--kubeconfig", str(control_plane.kubeconfig), "--resolver", f"127.0.0.1:{dns.port}")

    def ask(destination, *more):
        return run("explain", f"{team}/chat", destination, *flags, *more)

    opened = ask(HOST)
    assert (opened.code, opened.complained) == (0, "")
    assert f"{team}/chat may reach {HOST} on TCP 443." in opened.said
    for address in ("198.51.100.7", "198.51.100.8", "2001:db8::7"):
        assert f"NetworkPolicy supplier opens {address} on TCP 443 with its rule 0" in opened.said

    dns.zone[HOST, "A"] = (60, ["203.0.113.1"])
    half = ask(HOST)
    assert half.code == 1
    assert "at 1 of its 2 addresses only" in half.said

    closed = ask(f"{HOST}:8443", "--output", "json")
    told = json.loads(closed.said)
    assert (closed.code, told["reachable"]) == (1, False)
    assert told["addresses"][0]["message"].endswith("ipBlock 203.0.113.1/32, TCP 8443")

    dns.codes[HOST] = "SERVFAIL"
    unknown = ask(HOST)
    assert unknown.code == 2
    assert "SERVFAIL" in unknown.said


@pytest.mark.engines
def test_what_it_may_not_see_is_said_in_one_line(run, control_plane, team):
    def ask(pod, kubeconfig, *more):
        return run("explain", pod, "198.51.100.7", "--kubeconfig", str(kubeconfig), *more)

    missing = ask(f"{team}/nobody", control_plane.kubeconfig)
    assert missing.complained == (
        f"thegrid-operator egress explain: there is no pod {team}/nobody\n"
    )
    elsewhere = ask(f"{team}/chat", control_plane.kubeconfig, "--context=elsewhere")
    assert "with context elsewhere: it is incomplete (Expected object" in elsewhere.complained
    rightless = ask(f"{team}/chat", control_plane.service_account_kubeconfig(team, "default"))
    assert "was refused: 403 Forbidden" in rightless.complained
    assert len(rightless.complained.splitlines()) == 1
    assert {missing.code, elsewhere.code, rightless.code} == {2}
