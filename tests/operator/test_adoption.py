"""Which pods may still hold an older key, one sentence per kind of pod."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.operator.pods import (
    ENDED,
    SECRET,
    SWAP_AT,
    WAITING,
    at,
    env,
    env_from,
    items,
    mount,
    pod,
    projected_volume,
    running,
    secret_volume,
)

from thegrid_operator.adoption import (
    Holdout,
    Swap,
    Use,
    changes_at,
    holdouts,
    in_the_cluster,
    told,
)

SECOND = timedelta(seconds=1)
MARGIN, DELAY = 10 * SECOND, 180 * SECOND
URL = "OPENAI_BASE_URL"
SWAP = Swap(SECRET, SWAP_AT, MARGIN, DELAY, frozenset({URL, "REGION"}))
LONG_AFTER = 1000
SUB_PATH = mount(subPath="OPENAI_API_KEY")
SETTLED, UPDATED = SWAP_AT + MARGIN, SWAP_AT + DELAY

HOLDS = {
    "env, started before the swap": (pod(running(-1), env()), Use.ENV, None),
    "env, started at the swap": (pod(running(0), env()), Use.ENV, None),
    "env, started within the margin": (pod(running(9), env()), Use.ENV, None),
    "envFrom": (pod(running(-1), env_from()), Use.ENV_FROM, None),
    "an optional reference": (pod(running(-1), env(optional=True)), Use.ENV, None),
    "an optional envFrom": (pod(running(-1), env_from(optional=True)), Use.ENV_FROM, None),
    "a subPath of a Secret's volume": (
        pod(running(-1), SUB_PATH, volumes=[secret_volume()]),
        Use.SUB_PATH,
        None,
    ),
    "a subPathExpr of it": (
        pod(running(-1), mount(subPathExpr="$(NAME)"), volumes=[secret_volume()]),
        Use.SUB_PATH,
        None,
    ),
    "a subPath of a projected volume": (
        pod(running(-1), SUB_PATH, volumes=[projected_volume()]),
        Use.SUB_PATH,
        None,
    ),
    "an init container that still runs": (
        pod(running(-1), env(), place="initContainers", phase="Pending"),
        Use.ENV,
        None,
    ),
    "a sidecar among the init containers": (
        pod(running(-1), env() | {"restartPolicy": "Always"}, place="initContainers"),
        Use.ENV,
        None,
    ),
    "an ephemeral container": (
        pod(running(-1), env(), place="ephemeralContainers"),
        Use.ENV,
        None,
    ),
    "a pod that is being deleted": (pod(running(-1), env(), deleting=True), Use.ENV, None),
    "a pod whose start cannot be read": (
        pod({"running": {"startedAt": None}}, env()),
        Use.ENV,
        None,
    ),
    "a pod whose start lies ahead: clocks were set back since": (
        pod(running(LONG_AFTER + 11), env()),
        Use.ENV,
        None,
    ),
    "a pod that is out of its node's reach": (
        pod(running(-1), env(), phase="Unknown"),
        Use.ENV,
        None,
    ),
    "an entry that nobody declares": (pod(running(-1), env(key="OLD")), Use.ENV, None),
    "a file that shows the key under another name": (
        pod(
            running(-1),
            mount(subPath="OPENAI_API_KEY.txt"),
            volumes=[secret_volume(**items("OPENAI_API_KEY", URL))],
        ),
        Use.SUB_PATH,
        None,
    ),
    "env and a volume: what needs a restart is told": (
        pod(running(-1), env() | mount(), volumes=[secret_volume()]),
        Use.ENV,
        None,
    ),
}


@pytest.mark.parametrize("sentence", HOLDS)
def test_an_older_key_may_be_held_by(sentence):
    seen, use, until = HOLDS[sentence]
    found = holdouts([seen], SWAP, SWAP_AT + LONG_AFTER * SECOND)
    assert found == (Holdout("web-1", "app", use, until),)


HOLDS_FOR_NOW = {
    "a Secret's volume, until the kubelet has updated it": (
        pod(running(-1), mount(), volumes=[secret_volume()]),
        179,
        Use.VOLUME,
        UPDATED,
    ),
    "an optional one": (
        pod(running(-1), mount(), volumes=[secret_volume(optional=True)]),
        179,
        Use.VOLUME,
        UPDATED,
    ),
    "a projected volume": (
        pod(running(-1), mount(), volumes=[projected_volume()]),
        179,
        Use.VOLUME,
        UPDATED,
    ),
    "a volume of a container that started since": (
        pod(running(60), mount(), volumes=[secret_volume()]),
        179,
        Use.VOLUME,
        UPDATED,
    ),
    "env that is new and a volume that is not": (
        pod(running(60), env() | mount(), volumes=[secret_volume()]),
        179,
        Use.VOLUME,
        UPDATED,
    ),
    "a container that may have started just now": (pod(WAITING, env()), 9, Use.ENV, SETTLED),
    "one that may have started just now, with a volume that still shows it": (
        pod(WAITING, mount(), volumes=[secret_volume()]),
        179,
        Use.VOLUME,
        UPDATED,
    ),
    "one that no kubelet has told of yet": (
        pod(None, env(), phase="Pending"),
        9,
        Use.ENV,
        SETTLED,
    ),
}


@pytest.mark.parametrize("sentence", HOLDS_FOR_NOW)
def test_for_a_while_an_older_key_may_be_held_by(sentence):
    seen, seconds, use, until = HOLDS_FOR_NOW[sentence]
    found = holdouts([seen], SWAP, SWAP_AT + seconds * SECOND)
    assert found == (Holdout("web-1", "app", use, until),)
    assert holdouts([seen], SWAP, until) == ()


FREE = {
    "env, started one margin after the swap": pod(running(10), env()),
    "env, started a moment ago on a node whose clock is a little ahead": pod(
        running(LONG_AFTER + 10), env()
    ),
    "envFrom, started since": pod(running(60), env_from()),
    "a subPath, started since": pod(running(60), SUB_PATH, volumes=[secret_volume()]),
    "a volume, when the delay has passed": pod(running(-1), mount(), volumes=[secret_volume()]),
    "a container that has not started": pod(WAITING, env()),
    "a pod that nobody has placed yet": pod(None, env(), phase="Pending"),
    "an init container that has ended": pod(ENDED, env(), place="initContainers"),
    "a container that has ended": pod(ENDED, env()),
    "a pod that has completed": pod(running(-1), env(), phase="Succeeded"),
    "a pod that has failed": pod(running(-1), env(), phase="Failed"),
    "another Secret in env": pod(running(-1), env("other")),
    "another Secret in envFrom": pod(running(-1), env_from("other")),
    "another Secret's volume": pod(running(-1), SUB_PATH, volumes=[secret_volume("other")]),
    "another volume than the Secret's": pod(
        running(-1), mount("cache", subPath="x"), volumes=[secret_volume()]
    ),
    "a volume that no container mounts": pod(running(-1), {}, volumes=[secret_volume()]),
    "a plain variable": pod(running(-1), {"env": [{"name": "KEY", "value": "x"}]}),
    "a ConfigMap of the same name": pod(
        running(-1), {"envFrom": [{"configMapRef": {"name": SECRET}}]}
    ),
    "the address alone in env": pod(running(-1), env(key=URL)),
    "the address alone by subPath": pod(running(-1), mount(subPath=URL), volumes=[secret_volume()]),
    "a file that shows the address": pod(
        running(-1),
        mount(subPath=f"{URL}.txt"),
        volumes=[projected_volume(**items("OPENAI_API_KEY", URL))],
    ),
    "a pod without a status": {**pod(running(-1), env()), "status": {}},
}


@pytest.mark.parametrize("volume", [secret_volume, projected_volume])
def test_a_volume_that_shows_no_key_needs_no_time(volume):
    harmless, telling = items(URL, "REGION"), items(URL, "OPENAI_API_KEY")
    shown = [pod(running(-1), mount(), volumes=[volume(**it)]) for it in (harmless, telling)]
    assert [len(holdouts([it], SWAP, SWAP_AT)) for it in shown] == [0, 1]


@pytest.mark.parametrize("sentence", FREE)
def test_no_older_key_is_held_by(sentence):
    assert holdouts([FREE[sentence]], SWAP, SWAP_AT + LONG_AFTER * SECOND) == ()


def test_a_restart_is_a_new_start():
    before, after = pod(running(-500), env()), pod(running(60), env())
    after["status"]["containerStatuses"][1] |= {"restartCount": 1, "lastState": running(-500)}
    now = SWAP_AT + LONG_AFTER * SECOND
    assert holdouts([before], SWAP, now)
    assert not holdouts([after], SWAP, now)


def test_the_swap_is_as_old_in_the_cluster_as_it_is_at_the_market():
    market, cluster = SWAP_AT + 300 * SECOND, SWAP_AT - 3600 * SECOND
    assert in_the_cluster(SWAP_AT, market=market, cluster=cluster) == cluster - 300 * SECOND


TOLD = {
    "one pod": (["a"], Use.ENV, "pod a (env) that may hold an older key: restart"),
    "two": (["a", "b"], Use.SUB_PATH, "pods a (subPath) and b (subPath) that"),
    "three": (["a", "b", "c"], Use.ENV, "pods a (env), b (env) and c (env) that"),
    "five": (list("abcde"), Use.ENV, "pods a (env), b (env), c (env) and 2 more that"),
    "two containers of one pod": (["a", "a"], Use.ENV_FROM, "pod a (envFrom) that"),
}


@pytest.mark.parametrize("sentence", TOLD)
def test_a_message_names(sentence):
    pods, use, words = TOLD[sentence]
    found = [Holdout(name, f"container-{n}", use, None) for n, name in enumerate(pods)]
    assert told(found).startswith(words)


def test_volumes_alone_ask_for_nothing():
    volume, variable = Holdout("a", "app", Use.VOLUME, UPDATED), Holdout("b", "app", Use.ENV, None)
    assert told([volume]) == "pod a (volume) to see the new key, which takes no restart"
    assert "restart what they belong to" in told([volume, variable])
    assert "restart what it belongs to" in told([variable])
    assert changes_at([variable, volume]) == UPDATED
    assert changes_at([variable]) is None


@dataclass(frozen=True)
class Life:
    """A container as it really was. Nothing here knows how a pod is read.

    Attributes:
        uses: How it reads our Secret.
        starts: When it started, by seconds after the swap.
        ended: Whether its last run has ended.
        kubelet_lag: How long after the swap the kubelet still hands out the old key.
        volume_lag: The same, for what a volume shows.
        report_lag: How old the state is that the API server tells.
        skew: By how much its node's clock is ahead.
    """

    uses: frozenset
    starts: tuple
    ended: bool
    kubelet_lag: int
    volume_lag: int
    report_lag: int
    skew: int

    def holds_an_older_key(self, now):
        started = [start for start in self.starts if start <= now]
        if not started or self.ended:
            return False
        read_then = started[-1] < self.kubelet_lag and self.uses - {Use.VOLUME}
        shows_it_now = now < self.volume_lag and Use.VOLUME in self.uses
        return bool(read_then or shows_it_now)

    def as_told(self, now):
        container = {"env": [], "envFrom": [], "volumeMounts": []}
        if Use.ENV in self.uses:
            container |= env()
        if Use.ENV_FROM in self.uses:
            container |= env_from()
        if Use.VOLUME in self.uses:
            container["volumeMounts"] = [*container["volumeMounts"], *mount()["volumeMounts"]]
        if Use.SUB_PATH in self.uses:
            container["volumeMounts"] = [*container["volumeMounts"], *SUB_PATH["volumeMounts"]]
        known = [start for start in self.starts if start <= now - self.report_lag]
        state = (ENDED if self.ended else running(known[-1] + self.skew)) if known else None
        return pod(state, container, volumes=[secret_volume()])


@st.composite
def lives(draw):
    """Lags and clocks that the margin and the delay are there for, and no worse ones."""
    kubelet_lag = draw(st.integers(0, 10))
    report_lag = draw(st.integers(0, 10 - kubelet_lag))
    skew = draw(st.integers(-30, 10 - kubelet_lag - report_lag))
    starts = draw(st.lists(st.integers(-60, 60), max_size=4).map(sorted).map(tuple))
    return Life(
        uses=draw(st.frozensets(st.sampled_from(list(Use)))),
        starts=starts,
        ended=draw(st.booleans()),
        kubelet_lag=kubelet_lag,
        volume_lag=draw(st.integers(0, 180)),
        report_lag=report_lag,
        skew=skew,
    )


@given(life=lives(), now=st.integers(0, 300))
@settings(max_examples=1500, deadline=None)
def test_whoever_really_holds_an_older_key_is_found(life, now):
    found = holdouts([life.as_told(now)], SWAP, SWAP_AT + now * SECOND)
    assert found or not life.holds_an_older_key(now)


@given(life=lives())
@settings(max_examples=300, deadline=None)
def test_whoever_started_late_enough_is_free_once_the_delay_has_passed(life):
    late = [start for start in life.starts if start + life.skew >= 10]
    now = LONG_AFTER
    if late == list(life.starts):
        assert holdouts([life.as_told(now)], SWAP, SWAP_AT + now * SECOND) == ()


def test_the_order_does_not_depend_on_that_of_the_pods():
    pods = [pod(running(-1), env(), name=name) for name in ("web-2", "web-1", "web-3")]
    found = holdouts(pods, SWAP, SWAP_AT)
    assert [holdout.pod for holdout in found] == ["web-1", "web-2", "web-3"]
    assert at(0) == "2026-03-01T00:00:00Z"
