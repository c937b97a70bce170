"""What a small engine remembers of resources and runs, and how it marks what is secret."""

from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format, struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DYNAMIC = "pulumi-python:dynamic"
PROVIDER_TYPE = "pulumi:providers:pulumi-python"


class Refused(RuntimeError):
    """An operation of the provider failed; the text is what the CLI would show."""


def strip(value: Any) -> tuple[Any, bool]:
    """Take secret marks off a value; tell whether there was one."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return strip(value["value"])[0], True
        parts = {name: strip(part) for name, part in value.items()}
        return {name: part for name, (part, _) in parts.items()}, any(s for _, s in parts.values())
    if isinstance(value, list):
        stripped = [strip(part) for part in value]
        return [part for part, _ in stripped], any(secret for _, secret in stripped)
    return value, False


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


@dataclass
class Recorded:
    """One resource in the state."""

    type: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    marked: set[str]
    server: str
    declared_secrets: set[str] = field(default_factory=set)
    external: bool = False

    @property
    def secrets(self):
        return self.marked | self.declared_secrets

    def marked_outputs(self):
        return {
            name: {SIGNATURE: SECRET, "value": value} if name in self.secrets else value
            for name, value in self.outputs.items()
        }


@dataclass
class Run:
    """What one `preview`, `up`, `refresh` or `destroy` did."""

    steps: dict[str, str] = field(default_factory=dict)
    exports: dict[str, Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)


def name_of(urn: str) -> str:
    """Return the name that a program gave to the resource of a URN."""
    return urn.rpartition("::")[2]
