"""Real provider processes, and how to call them over gRPC."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from tests.provider.engine_state import struct


@dataclass
class Server:
    """One provider process."""

    process: int
    calls: provider_pb2_grpc.ResourceProviderStub
    channel: grpc.Channel


class ServerStarter:
    """Starts provider servers by `prepared_server.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = Path(__file__).with_name("prepared_server.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.count = 0
        self.outputs: list[Path] = []

    def start(self, engine: str, environment: dict[str, str], config: dict[str, Any]) -> Server:
        self.count += 1
        output = self.folder / f"server-{self.count}"
        self.outputs.append(output)
        request = {"engine": engine, "environment": environment, "output": str(output)}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        process = int(self.process.stdout.readline())
        channel = grpc.insecure_channel(f"127.0.0.1:{_first_line(output)}")
        calls = provider_pb2_grpc.ResourceProviderStub(channel)
        calls.Configure(provider_pb2.ConfigureRequest(args=struct(config)), wait_for_ready=True)
        return Server(process, calls, channel)

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def _first_line(file: Path) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if file.exists() and "\n" in (text := file.read_text()):
            return text.splitlines()[0]
        time.sleep(0.002)
    raise TimeoutError(f"the provider server printed no port: {file.read_text()}")
