"""What may happen to a call: connections that drop, processes that end."""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from thegrid_lab.pulumi_cli import command_line

HELD_SECONDS = 3000
BRIEFLY_SECONDS = 3
FOREVER = "forever"


def kill_provider(scene, running):
    providers = [it for it in scene.started() if "pulumi.dynamic" in command_line(it)]
    assert providers
    for provider in providers:  # a refresh within the command has one of its own
        provider.kill()


def kill_engine(scene, running):
    os.kill(running.pid, signal.SIGKILL)


def interrupt(scene, running):
    running.signal(signal.SIGINT)
    running.wait_until_ready(lambda: "^C" in running.log.read_text())


def interrupt_twice(scene, running):
    interrupt(scene, running)
    running.signal(signal.SIGINT)


@dataclass(frozen=True)
class Fault:
    """One way in which a call may be struck.

    Attributes:
        ordered: What the emulator is told to do to each request of this call.
        done: What is done to the command while the answer is awaited, if anything.
        had_effect: Whether the call had had its effect by then.
        is_recorded: Whether what came of the call stands in the state all the same.
    """

    ordered: Mapping[str, object]
    done: Callable | None = None
    had_effect: bool = True
    is_recorded: bool = False


FAULTS = {
    "the connection drops before it": Fault({"drop": "before", "times": FOREVER}),
    "the connection drops after it": Fault({"drop": "after", "times": FOREVER}),
    "the provider is killed before it": Fault(
        {"delay_seconds": HELD_SECONDS}, kill_provider, had_effect=False
    ),
    "the provider is killed after it": Fault({"hold_seconds": HELD_SECONDS}, kill_provider),
    "the engine is killed": Fault({"hold_seconds": HELD_SECONDS}, kill_engine),
    "the command is interrupted": Fault(
        {"hold_seconds": BRIEFLY_SECONDS}, interrupt, is_recorded=True
    ),
    "the command is interrupted twice": Fault({"hold_seconds": HELD_SECONDS}, interrupt_twice),
}
