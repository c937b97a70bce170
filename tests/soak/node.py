"""The node: runs a client process for each pod that kwok plays, with what that pod would hold.

* A container's variables are what the Secret held a moment before the container's start, and stay.
* A volume is brought up to date once in a period, each pod's at its own time.
* A pod that is being deleted is gone when its process has ended, and that makes one call more.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from datetime import UTC, datetime

from tests.soak import client
from tests.soak.cluster import Secrets
from tests.soak.plan import LABEL
from tests.soak.volume import Volume


class Pod:
    """A pod and its process.

    Args:
        item: The pod, running.
        resource: Whose Secret it reads.
        workload: What it is of.
    """

    def __init__(self, item, resource, workload):
        self.name = item["metadata"]["name"]
        self.path = _path("pods", resource.namespace, self.name)
        self.resource = resource
        self.workload = workload
        self.started_at = _started_at(item)
        self.process = None
        self.reports = None
        self.leaves = False
        self.calls = 0


class Node:
    """Plays the kubelet's part that kwok does not.

    Args:
        api: The API server.
        resources: All that are declared.
        times: How late everything is.
    """

    def __init__(self, api, resources, times):
        self._api = api
        self._times = times
        self._dice = random.SystemRandom()
        self._owners = {
            (resource.namespace, workload.name): (resource, workload)
            for resource in resources
            for workload in resource.workloads
        }
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([client.__name__])
        self._first = self._processes.Process(target=client.warm_up, daemon=True)
        self._first.start()
        self.pods: dict[str, Pod] = {}
        self.secrets = Secrets()
        self.calls = 0
        self.failures: list[str] = []
        self.started = 0

    def follow(self):
        """Begin to hear of pods and Secrets, once clients can start without delay."""
        self._first.join()
        self._api.watch("/api/v1/pods", labelSelector=LABEL)
        self._api.watch("/api/v1/secrets")

    def all_call(self, count):
        """Tell whether so many pods run, and the process of each has called."""
        return len(self.pods) == count and all(pod.calls for pod in self.pods.values())

    def turn(self, seconds):
        """Do what is due, for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._hear(min(left, 0.05))
            for pod in list(self.pods.values()):
                self._collect(pod)
                if pod.process.exitcode is not None:
                    self._let_go(pod)

    def stop(self):
        """End all processes."""
        running = [pod for pod in self.pods.values() if pod.process]
        for pod in running:
            pod.process.terminate()
        for pod in running:
            pod.process.join(5)
            self._collect(pod)
            pod.process.kill()

    def _hear(self, seconds):
        change = self._api.next_change(seconds)
        while change:
            if change.kind == "DELETED":
                pass
            elif change.item["kind"] == "Secret":
                self.secrets.note(change.item)
            else:
                self._see_pod(change.item)
            change = self._api.next_change(0)

    def _see_pod(self, item):
        uid = item["metadata"]["uid"]
        if "deletionTimestamp" in item["metadata"]:
            self._end(uid, item)
        elif _started_at(item) and uid not in self.pods:
            self._start(uid, item)

    def _start(self, uid, item):
        meta = item["metadata"]
        owner = self._owners.get((meta["namespace"], meta["labels"]["app"]))
        if owner is None:
            return
        pod = self.pods[uid] = Pod(item, *owner)
        source = self._volume_of(pod) if pod.workload.mounts else self._held_at_start(pod)
        pod.reports, report = self._processes.Pipe(duplex=False)
        workload = pod.workload
        arguments = (workload.sdk, source, workload.pause_seconds, report)
        pod.process = self._processes.Process(target=client.spend, args=arguments, daemon=True)
        pod.process.start()
        report.close()
        self.started += 1

    def _held_at_start(self, pod):
        return self._held_at(pod, pod.started_at - self._dice.uniform(0, self._times.start_lag))

    def _held_at(self, pod, moment):
        """Return what the Secret held, also if its last versions were not heard of yet."""
        namespace, name = pod.resource.namespace, pod.resource.target
        self.secrets.note(self._api.get(_path("secrets", namespace, name)))
        return self.secrets.at(namespace, name, moment)

    def _volume_of(self, pod):
        period = self._times.volume_period
        path = _path("secrets", pod.resource.namespace, pod.resource.target)
        first_turn = pod.started_at + self._dice.uniform(0, period)
        now = time.time()
        volume = Volume(self._api.door, path, self._held_at_start(pod), now, first_turn, period)
        turn = volume.last_turn(now)
        if turn >= first_turn:  # the process starts late
            volume.shown = self._held_at(pod, turn)
        return volume

    def _end(self, uid, item):
        pod = self.pods.get(uid)
        if pod is None:  # it never came to run anything
            meta = item["metadata"]
            self._release(_path("pods", meta["namespace"], meta["name"]))
        elif not pod.leaves:
            pod.leaves = True
            pod.process.terminate()

    def _let_go(self, pod):
        self._collect(pod)
        if not pod.leaves:
            self.failures.append(f"{pod.name}: its process ended with {pod.process.exitcode}")
        self._release(pod.path)
        self.pods = {uid: it for uid, it in self.pods.items() if it is not pod}

    def _release(self, path):
        self._api.patch(path, {"metadata": {"finalizers": None}})

    def _collect(self, pod):
        try:
            while pod.reports.poll():
                failure = pod.reports.recv()
                self.calls += 1
                pod.calls += 1
                if failure:
                    at = datetime.now(UTC).isoformat(timespec="milliseconds")
                    self.failures.append(f"{at} {pod.name}: {failure}")
        except EOFError:
            return


def _path(plural, namespace, name):
    return f"/api/v1/namespaces/{namespace}/{plural}/{name}"


def _started_at(item):
    statuses = (item.get("status") or {}).get("containerStatuses") or ()
    for status in statuses:
        running = (status.get("state") or {}).get("running")
        if running:
            return datetime.fromisoformat(running["startedAt"]).timestamp()
    return None
