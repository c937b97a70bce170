"""The node: runs a client process for each pod that kwok plays, with what that pod would hold.

* A container's variables are what the Secret held a moment before the container's start, and stay.
* A volume is brought up to date once in a period, each pod's at its own time, by putting a link in
  another's place, as the kubelet does.
* A pod that is being deleted is gone when its process has ended, and that makes one call more.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.soak import client
from tests.soak.cluster import Secrets
from tests.soak.plan import LABEL

_READING_LAG_SECONDS = 0.3
"""How old at most what a kubelet takes for a Secret's content is when it updates a volume."""


class Pod:
    """A pod's process and its volume.

    Args:
        item: The pod, running.
        resource: Whose Secret it reads.
        workload: What it is of.
    """

    def __init__(self, item, resource, workload):
        self.name = item["metadata"]["name"]
        self.path = f"/api/v1/namespaces/{resource.namespace}/pods/{self.name}"
        self.resource = resource
        self.workload = workload
        self.started_at = _started_at(item)
        self.next_update = 0.0
        self.folder = None
        self.process = None
        self.reports = None
        self.leaves = False


class Node:
    """Plays the kubelet's part that kwok does not.

    Args:
        api: The API server.
        resources: All that are declared.
        times: How late everything is.
        folder: Where volumes are kept.
    """

    def __init__(self, api, resources, times, folder):
        self._api = api
        self._times = times
        self._folder = Path(folder) / "volumes"
        self._folder.mkdir()
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

    def turn(self, seconds):
        """Do what is due, for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._hear(min(left, 0.05))
            now = time.time()
            for pod in list(self.pods.values()):
                if pod.workload.mounts and now >= pod.next_update:
                    self._update_volume(pod, now)
                self._collect(pod)
                if pod.process.exitcode is not None:
                    self._let_go(pod)

    def stop(self):
        """End all processes."""
        for pod in self.pods.values():
            pod.process.terminate()
        for pod in self.pods.values():
            pod.process.join(5)
            self._collect(pod)
            pod.process.kill()

    def _hear(self, seconds):
        change = self._api.next_change(seconds)
        while change:
            if change.kind == "DELETED":
                pass
            elif change.item["kind"] == "Secret":
                self.secrets.note(change.seen_at, change.item)
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
        at = pod.started_at - self._dice.uniform(0, self._times.start_lag)
        source = self.secrets.at(pod.resource.namespace, pod.resource.target, at)
        if pod.workload.mounts:
            pod.folder = self._folder / uid
            pod.folder.mkdir()
            _put(pod.folder, source)
            pod.next_update = time.time() + self._dice.uniform(0, self._times.volume_period)
            source = pod.folder
        pod.reports, report = self._processes.Pipe(duplex=False)
        workload = pod.workload
        arguments = (workload.sdk, source, workload.pause_seconds, report)
        pod.process = self._processes.Process(target=client.spend, args=arguments, daemon=True)
        pod.process.start()
        report.close()
        self.started += 1

    def _update_volume(self, pod, now):
        pod.next_update = now + self._times.volume_period
        at = now - self._dice.uniform(0, _READING_LAG_SECONDS)
        _put(pod.folder, self.secrets.at(pod.resource.namespace, pod.resource.target, at))

    def _end(self, uid, item):
        pod = self.pods.get(uid)
        if pod is None:  # it never came to run anything
            meta = item["metadata"]
            self._release(f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}")
        elif not pod.leaves:
            pod.leaves = True
            pod.process.terminate()

    def _let_go(self, pod):
        self._collect(pod)
        if not pod.leaves:
            self.failures.append(f"{pod.name}: its process ended with {pod.process.exitcode}")
        self._release(pod.path)
        if pod.folder:
            shutil.rmtree(pod.folder)
        self.pods = {uid: it for uid, it in self.pods.items() if it is not pod}

    def _release(self, path):
        self._api.patch(path, {"metadata": {"finalizers": None}})

    def _collect(self, pod):
        try:
            while pod.reports.poll():
                failure = pod.reports.recv()
                self.calls += 1
                if failure:
                    at = datetime.now(UTC).isoformat(timespec="milliseconds")
                    self.failures.append(f"{at} {pod.name}: {failure}")
        except EOFError:
            return


def _put(folder, entries):
    """Show a Secret's entries as files: written beside, then a link is put in another's place."""
    before = folder / "..data"
    version = folder / f"..{time.time_ns()}"
    version.mkdir()
    for entry, text in entries.items():
        (version / entry).write_text(text)
    fresh = folder / "..data_tmp"
    fresh.symlink_to(version.name)
    old = before.resolve() if before.is_symlink() else None
    os.replace(fresh, before)
    if old:
        _forget_later(folder, old)


def _forget_later(folder, old):
    """Keep the version that was just replaced, for who reads it now, and remove those before."""
    current = (folder / "..data").resolve()
    for version in folder.iterdir():
        if version.is_dir() and not version.is_symlink() and version not in (old, current):
            shutil.rmtree(version)


def _started_at(item):
    statuses = (item.get("status") or {}).get("containerStatuses") or ()
    for status in statuses:
        running = (status.get("state") or {}).get("running")
        if running:
            return datetime.fromisoformat(running["startedAt"]).timestamp()
    return None
