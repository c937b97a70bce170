"""What is declared for a soak: accounts, keys, and workloads that read them in several ways."""

from __future__ import annotations

from dataclasses import dataclass, field

KEY_ENTRY = "OPENAI_API_KEY"
ACCOUNT = "team"
LABEL = "example.com/soak"
FINALIZER = "example.com/process"
"""A pod is gone only when its process is, as a kubelet sees to it."""

_OURS = "thegrid.ai/v1alpha1"
_KEYS_PER_TEAM = 5
_SDKS = ("openai", "anthropic")


@dataclass(frozen=True)
class Times:
    """Durations in seconds, short so that a soak is.

    Attributes:
        rotate_after: A key's age at its replacement.
        overlap: How long it works on at least.
        volume_delay: What the operator takes for the longest time until a volume is up to date.
        volume_period: How often volumes really are brought up to date.
        start_margin: How long after a swap a container must have started to hold the new key.
        start_lag: How old at most what a container gets at its start may really be.
        steady_pause: Between two calls of a client that uses its key all the time.
        seldom_pause: The same for one whose last use does not keep a key alive.
    """

    rotate_after: int = 8
    overlap: int = 2
    volume_delay: int = 6
    volume_period: float = 4.0
    start_margin: int = 2
    start_lag: float = 0.5
    steady_pause: float = 1.0
    seldom_pause: float = 3.0


@dataclass(frozen=True)
class Workload:
    """A Deployment of one pod that reads a key's Secret.

    Attributes:
        name: Its name.
        sdk: What its program calls with.
        mounts: Whether it reads the Secret as a volume; else in its environment.
        pause_seconds: Between two of its calls.
    """

    name: str
    sdk: str
    mounts: bool
    pause_seconds: float


@dataclass(frozen=True)
class Resource:
    """A `ConsumptionKey` and who uses it.

    Attributes:
        namespace: Of the team that it belongs to.
        name: Its name.
        workloads: Who reads its Secret.
    """

    namespace: str
    name: str
    workloads: tuple[Workload, ...] = field(default=())

    @property
    def target(self):
        """The Secret's name."""
        return f"{self.name}-grid"


def resources(count, times):
    """Return resources in teams of five: with volumes, with variables, and with both, in turn."""
    return [_resource(number, times) for number in range(count)]


def _resource(number, times):
    name = f"key-{number}"
    ways = {0: (True, True), 1: (False,), 2: (False, True)}[number % 3]
    pause = times.seldom_pause if number % 2 == 0 else times.steady_pause
    workloads = [
        Workload(f"{name}-{'volume' if mounts else 'env'}-{place}", sdk, mounts, pause)
        for place, mounts in enumerate(ways)
        for sdk in [_SDKS[(number + place) % 2]]
    ]
    return Resource(f"team-{number // _KEYS_PER_TEAM}", name, tuple(workloads))


def team(namespace, market):
    """Return a namespace with a login and an account."""
    endpoints = {
        name: getattr(market.endpoints, name)
        for name in ("platform", "trading", "consumption", "messages")
    }
    account = {"loginSecretRef": {"name": "login"}, "endpoints": endpoints}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        _object(namespace, "v1", "Secret", "login")
        | {"type": "thegrid.ai/login", "stringData": {"refreshToken": market.refresh_token}},
        _object(namespace, _OURS, "GridAccount", ACCOUNT) | {"spec": account},
    ]


AT_REST = {"rotateAfter": "1h"}


def rotating(times):
    """Return what is to be declared for a key to rotate all the time."""
    return {"rotateAfter": f"{times.rotate_after}s"}


def declaration(resource, times):
    """Return the `ConsumptionKey`, at rest."""
    restart = [
        {"kind": "Deployment", "name": workload.name}
        for workload in resource.workloads
        if not workload.mounts
    ]
    spec = {
        "accountRef": {"name": ACCOUNT},
        "target": {"name": resource.target},
        **AT_REST,
        "overlap": f"{times.overlap}s",
        **({"restart": restart} if restart else {}),
    }
    return _object(resource.namespace, _OURS, "ConsumptionKey", resource.name) | {"spec": spec}


def deployment(resource, workload):
    """Return the Deployment of a workload."""
    labels = {"app": workload.name, LABEL: "client"}
    return _object(resource.namespace, "apps/v1", "Deployment", workload.name) | {
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 1,
            "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "selector": {"matchLabels": {"app": workload.name}},
            "template": {
                "metadata": {"labels": labels, "finalizers": [FINALIZER]},
                "spec": _pod_spec(resource, workload),
            },
        }
    }


def _pod_spec(resource, workload):
    container = {"name": "client", "image": "client"}
    if not workload.mounts:
        source = {"secretRef": {"name": resource.target}}
        return {"containers": [container | {"envFrom": [source]}]}
    mount = {"name": "key", "mountPath": "/key"}
    volume = {"name": "key", "secret": {"secretName": resource.target}}
    return {"containers": [container | {"volumeMounts": [mount]}], "volumes": [volume]}


def _object(namespace, version, kind, name):
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}
