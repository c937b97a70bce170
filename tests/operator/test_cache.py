"""What the cache tells in the end is what the API server has, whatever was missed meanwhile."""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
import threading
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from thegrid_operator.cache import Cache, Name
from thegrid_operator.kube import CONSUMPTION_KEY, connect
from thegrid_operator.recent import Recent

pytestmark = pytest.mark.engines

ACCOUNTS = ("team", "other")


class Line:
    """A line to the API server that can be cut, and stays cut until it is mended."""

    def __init__(self, server):
        there = urlsplit(server)
        self._there = (there.hostname, there.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = []
        self._whole = threading.Event()
        self._whole.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole.is_set():
                here.close()
                continue
            there = socket.create_connection(self._there)
            self._open += [here, there]
            for pair in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    @staticmethod
    def _carry(source, sink):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self):
        self._whole.clear()
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self):
        self._whole.set()

    def close(self):
        self.cut()
        self._listener.close()


class Told:
    """What the cache has told, as the queue would know it."""

    def __init__(self, namespace):
        self._namespace = namespace
        self.last = {}
        self.calls = []

    def __call__(self, name, sight):
        if name.namespace != self._namespace:
            return
        self.calls.append((name.name, sight))
        if sight is None:
            self.last.pop(name.name, None)
        else:
            self.last[name.name] = (sight.uid, sight.generation)


class Watched:
    """A namespace, a cache that follows it over a line, and what was told."""

    def __init__(self, plane, namespace, line):
        self.kube = connect(plane.kubeconfig, connections=4)
        self.namespace = namespace
        self.line = line
        self.told = Told(namespace)
        self.stop = threading.Event()
        content = yaml.safe_load(plane.kubeconfig.read_text())
        content["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{line.port}"
        path = plane.folder / f"{namespace}-line.kubeconfig"
        path.write_text(yaml.safe_dump(content))
        over_the_line = connect(path, connections=2)
        self.cache = Cache(
            over_the_line, CONSUMPTION_KEY, self.told, self.stop, recent=Recent(lambda: 0.0)
        )
        threading.Thread(target=self.cache.run, daemon=True).start()

    def create(self, name, account="team"):
        body = {
            "apiVersion": CONSUMPTION_KEY.api_version,
            "kind": CONSUMPTION_KEY.kind,
            "metadata": {"name": name},
            "spec": {"accountRef": {"name": account}, "target": {"name": f"{name}-grid"}},
        }
        return self.kube.create(CONSUMPTION_KEY, self.namespace, body)

    def get(self, name):
        return self.kube.get(CONSUMPTION_KEY, self.namespace, name)

    def change(self, name, patch):
        return self.kube.patch(CONSUMPTION_KEY, self.get(name), patch)

    def delete(self, name):
        self.kube.delete(CONSUMPTION_KEY, self.get(name))

    def write_status(self, name, rotation):
        ready = {
            "type": "Ready",
            "status": "True",
            "reason": "UpToDate",
            "message": "",
            "lastTransitionTime": "2026-03-01T00:00:00Z",
        }
        status = {"rotation": rotation, "conditions": [ready]}
        self.kube.apply_status(CONSUMPTION_KEY, self.get(name), status)

    def there(self, names):
        found = {name: self.get(name) for name in names}
        return {
            name: (item["metadata"]["uid"], item["metadata"]["generation"])
            for name, item in found.items()
            if item
        }

    def users(self):
        """Return the names by account, as a reconciler asks for them."""
        return {name.name: sight.account[1] for name, sight in self.cache.sights()}


@pytest.fixture
def watched(installed, namespace):
    line = Line(installed.server)
    seen = Watched(installed, namespace, line)
    yield seen
    seen.stop.set()
    line.close()


class Play:
    """Changes objects of its own in any order; what cannot be done is passed over."""

    def __init__(self, watched):
        self._watched = watched
        self._run = secrets.token_hex(3)
        self._steps = 0
        self.accounts = {}

    def do(self, step, letter):
        self._steps += 1
        name = f"{letter}-{self._run}"
        if step in ("cut", "mend"):
            getattr(self._watched.line, step)()
        elif (name in self.accounts) != (step == "create"):
            getattr(self, step)(name)

    def create(self, name):
        self.accounts[name] = ACCOUNTS[self._steps % 2]
        self._watched.create(name, self.accounts[name])

    def redeclare(self, name):
        self._watched.change(name, {"spec": {"rotateAfter": f"{100 + self._steps}d"}})

    def annotate(self, name):
        annotations = {"example.com/step": str(self._steps)}
        self._watched.change(name, {"metadata": {"annotations": annotations}})

    def report(self, name):
        self._watched.write_status(name, self._steps)

    def delete(self, name):
        self._watched.delete(name)
        del self.accounts[name]

    def is_known(self):
        def ours(found):
            return {name: it for name, it in found.items() if name.endswith(self._run)}

        there = self._watched.there(self.accounts)
        return ours(self._watched.told.last) == there and ours(self._watched.users()) == (
            self.accounts
        )


steps = st.lists(
    st.tuples(
        st.sampled_from(["create", "redeclare", "annotate", "report", "delete"]),
        st.sampled_from("abcd"),
    )
    | st.tuples(st.sampled_from(["cut", "mend", "wait"]), st.just("")),
    min_size=3,
    max_size=14,
)


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a failure takes seconds to show
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_after_any_changes_and_cuts_it_has_told_what_is_there(watched, eventually, steps):
    play = Play(watched)
    for step, letter in [*steps, ("wait", "")]:
        if step != "wait":
            play.do(step, letter)
            continue
        watched.line.mend()
        what = "the cache to tell what is there"
        eventually(play.is_known, what, lambda: (watched.told.last, watched.users()), 15.0)
    assert watched.cache.complete.wait(15.0)  # told after the last of what is there


def test_what_has_just_changed_is_at_hand_as_a_read_shows_it(watched, eventually):
    watched.create("app")
    watched.write_status("app", 1)

    def is_at_hand():
        read = watched.get("app")
        del read["metadata"]["managedFields"]
        return watched.cache.recent.take(Name("ConsumptionKey", watched.namespace, "app")) == read

    eventually(is_at_hand, "the resource with its status")


def test_our_own_status_writes_tell_nothing(watched, eventually):
    watched.create("app")
    eventually(lambda: watched.told.calls, "the first sight")
    before = len(watched.told.calls)

    for rotation in range(3):
        watched.write_status("app", rotation)
    watched.create("marker")
    eventually(lambda: "marker" in watched.told.last, "what came after the status writes")

    assert [name for name, _ in watched.told.calls[before:]] == ["marker"]


def test_an_annotation_and_a_deletion_are_told(watched, eventually):
    watched.create("app")
    eventually(lambda: watched.told.calls, "the first sight")
    watched.change("app", {"metadata": {"annotations": {"thegrid.ai/rotate": "now"}}})
    eventually(lambda: len(watched.told.calls) == 2, "the annotation", lambda: watched.told.calls)
    watched.change("app", {"metadata": {"finalizers": ["example.com/keep"]}})
    watched.delete("app")

    eventually(lambda: len(watched.told.calls) == 3, "the wish to go", lambda: watched.told.calls)
    assert watched.told.calls[-1][1].deleted
    watched.change("app", {"metadata": {"finalizers": []}})
    eventually(lambda: "app" not in watched.told.last, "the end")
    assert watched.told.calls[-1] == ("app", None)


def test_what_went_while_the_line_was_cut_is_told_as_gone(watched, eventually):
    watched.create("app")
    watched.create("other")
    eventually(lambda: len(watched.told.last) == 2, "the first sight")
    watched.line.cut()
    watched.delete("app")
    watched.line.mend()

    eventually(lambda: "app" not in watched.told.last, "the end", lambda: watched.told.last)
    assert "other" in watched.told.last


def test_a_namesake_made_while_the_line_was_cut_is_another_object(watched, eventually):
    first = watched.create("app")
    eventually(lambda: watched.told.last, "the first sight")
    watched.line.cut()
    watched.delete("app")
    second = watched.create("app")
    watched.line.mend()

    uid = second["metadata"]["uid"]
    assert uid != first["metadata"]["uid"]
    eventually(
        lambda: watched.told.last["app"][0] == uid, "the namesake", lambda: watched.told.last
    )


def test_a_line_that_works_between_cuts_is_taken_up_again_soon(watched, eventually, capfd):
    for letter in "abcd":
        watched.create(letter)
        eventually(lambda letter=letter: letter in watched.told.last, f"{letter} to be told")
        watched.line.cut()
        watched.line.mend()
    watched.create("marker")
    eventually(lambda: "marker" in watched.told.last, "what came after the cuts")

    pauses = re.findall(r'"pause_seconds": ([0-9.]+)', capfd.readouterr().err)

    assert len(pauses) >= 4
    assert set(pauses) == {"0.5"}
