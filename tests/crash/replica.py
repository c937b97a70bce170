"""One process of the operator, taken step by step: the real one, in another world."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from functools import partial

import httpx
import urllib3
from tests.crash.api_connection import Connection, Quiet
from tests.crash.clock import ProcessClock
from tests.crash.faults import ANSWERED, APPLIED, BEFORE, AnswerLost
from tests.crash.market import HOST, READING

from thegrid.client import Client, OAuth
from thegrid.client.first_answer import first_answer
from thegrid.client.inference import catalogue_checks_keys
from thegrid.client.key_check import KeyCheck
from thegrid_operator.effects import Effects
from thegrid_operator.egress import Cluster
from thegrid_operator.kube import Conflict, Kube, KubeError
from thegrid_operator.outside import Outside
from thegrid_operator.running import Operator, Options

ALLOTTED = Cluster(upstream_priority=500)
FREE = {"leases": "lease", "events": "event"}
"""What may be written beside the door for effects: it does no harm, done twice or not at all."""


class Idle(threading.Condition):
    """Says what a worker would wait for, in place of waiting."""

    def wait(self, timeout=None):
        self.seconds = timeout
        raise Quiet


class Stop(threading.Event):
    """Whoever would wait for the end waits for the next step."""

    def wait(self, timeout=None):
        raise Quiet


class Network(httpx.BaseTransport):
    """The wire between one replica and the market."""

    def __init__(self, replica):
        self._replica = replica

    def handle_request(self, request):
        request.read()
        send = partial(self._replica.world.ask_market, request)
        if request.method in READING:
            return send()
        what = f"{request.method} {self._replica.world.market.named(request.url.path)}"
        try:
            return self._replica.write(what, self._replica.site, send)
        except AnswerLost:
            raise httpx.ReadError("the wire broke", request=request) from None


class Elsewhere(Outside):
    """The world beyond a replica."""

    def __init__(self, replica):
        self._clock = replica.clock
        self._world = replica.world
        self._network = Network(replica)
        self.idle = Idle()

    def clock(self, endpoints=None):
        return self._clock

    def client(self, endpoints, token):
        return Client(endpoints, token, transport=self._network, clock=self._clock)

    def oauth(self, endpoints):
        return OAuth(endpoints, transport=self._network, clock=self._clock)

    def accepts(self, endpoints, key):
        return KeyCheck(transport=self._network, clock=self._clock).accepts(endpoints, key)

    def checks_keys(self, endpoints):
        return catalogue_checks_keys(endpoints, transport=self._network, clock=self._clock)

    def first_answer(self, endpoints, key, model):
        return first_answer(endpoints, key, model, transport=self._network, clock=self._clock)

    def resolve(self, servers, hosts):
        return self._world.names.answers(hosts)

    def monotonic(self):
        return self._world.clock.monotonic()

    def event(self):
        return Stop()

    def condition(self):
        return self.idle


class Door(Effects):
    """The operator's door for effects, which tells where an effect begins and ends."""

    def __init__(self, replica, fence, clock):
        super().__init__(fence, clock)
        self._replica = replica

    def __call__(self, site, do):
        return self._through(site, lambda: super(Door, self).__call__(site, self._fenced(do)))

    def finish(self, site, do):
        return self._through(site, lambda: super(Door, self).finish(site, do))

    def _through(self, site, do):
        with self._replica.at(site):
            result = do()
            self._replica.world.moment(self._replica, ANSWERED, site, "answered")
            return result

    def _fenced(self, do):
        def checked():
            if not self._replica.leads:
                self._replica.world.violated("an effect began on a replica that does not lead")
            return do()

        return checked


class Replica:
    """One process.

    Args:
        world: Where it runs.
        name: Its identity.
        lease_seconds: How long it leads without renewal.
    """

    def __init__(self, world, name, *, lease_seconds=15.0):
        self.world = world
        self.name = name
        self.site = None
        self.paused = False
        self.clock = ProcessClock(world.clock, world.pass_time)
        self._outside = Elsewhere(self)
        self._heard = -1
        self.operator = Operator(
            Kube(Connection(self._send, self._watch)),
            Options("thegrid-system", name, frozenset({HOST}), 1, lease_seconds, egress=ALLOTTED),
            self._outside,
            partial(Door, self),
        )

    @property
    def leads(self):
        return self.operator.lease.held()

    @property
    def lead(self):
        """For how long it leads, and since when it has seen another one lead."""
        lease, now = self.operator.lease, self.world.clock.monotonic()
        return lease._held_until - now, lease._others_seen_at - now

    def renew(self):
        """Take part in the election, as the lease's thread does all the time."""
        with suppress(Conflict, KubeError):
            self.operator.lease.try_once()

    def step(self):
        """Look at one thing that is due.

        Returns:
            Zero after a look, else the seconds until something is due; None for never.
        """
        self._follow()
        if not self.operator.may_act():
            return None
        try:
            name = self.operator.queue.take()
        except Quiet:
            return self._outside.idle.seconds
        self.world.note(self, f"looks at {name}")
        self.operator.loop.look_at(name)
        return 0

    def _follow(self):
        if self._heard == self.world.weather.news():
            return
        self._heard = self.world.weather.news()
        for cache in (self.operator.accounts, self.operator.keys, self.operator.egresses):
            with suppress(Quiet):
                cache.run()

    @contextmanager
    def at(self, site):
        """Be within an effect."""
        before, self.site = self.site, site
        try:
            yield
        finally:
            self.site = before

    def write(self, what, site, send):
        """Send something that changes the world, through the moments of its way."""
        if site is None:
            self.world.violated(f"{what} went past the door for effects")
        self.world.moment(self, BEFORE, site, what)
        answer = send()
        if getattr(answer, "is_success", True):
            self.world.written()
        self.world.moment(self, APPLIED, site, what)
        return answer

    def _send(self, method, path, query, content_type, body):
        ask = partial(
            self.world.ask_api_server,
            method,
            path,
            query=query,
            content_type=content_type,
            body=body,
        )
        if method == "GET":
            return ask()
        free = next((site for plural, site in FREE.items() if f"/{plural}" in path), None)
        if free == "lease":
            return ask()
        try:
            return self.write(f"{method} {path}", free or self.site, ask)
        except AnswerLost:
            raise urllib3.exceptions.ProtocolError("the wire broke") from None

    def _watch(self, path, since):
        return self.world.weather.at_watch(path.rsplit("/", 1)[-1], since)
