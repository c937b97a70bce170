"""What is about to be done, written into the state before it is done.

The market gives no way to say "this once": what it did although its answer was lost has to be
found again. An intent is recorded before its effect, so a process that dies in between leaves the
trace by which the next one knows that it must look first.
"""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._lifecycles.lifecycle import (
    Checked,
    Difference,
    Lifecycle,
    Properties,
    time_of,
    time_text,
)
from pulumi_thegrid._lifecycles.transfer_history import watermark_of
from thegrid.client import Client
from thegrid.core.model import normal_instrument_id
from thegrid.core.watermark import Watermark

_NONCE_BYTES = 16
_NONCE = re.compile(rf"[0-9a-f]{{{2 * _NONCE_BYTES}}}")

_drawn_here: set[str] = set()


def is_nonce(text: str) -> bool:
    """Tell whether a text has the form of an intent's random digits."""
    return _NONCE.fullmatch(text) is not None


def was_drawn_here(nonce: str) -> bool:
    """Tell whether this process recorded an intent, so that no other one can have acted on it.

    Args:
        nonce: The intent's random digits.
    """
    return nonce in _drawn_here


class IntentLifecycle(Lifecycle):
    """Another request, or another instrument, is another intent."""

    kind = "Intent"
    inputs = frozenset({"request", "instrument"})

    def check(self, inputs: Properties) -> Checked:
        """Check the instrument; a request may be anything."""
        check = Check(inputs, self.inputs)
        check_instrument(check, inputs)
        return check.result()

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:  # noqa: ARG002
        """Compare the request, and the instrument by symbol and by id."""
        replaces = []
        if "request" not in new or _text(new["request"]) != _text(old.get("request")):
            replaces.append("request")
        if is_another_instrument(old, new):
            replaces.append("instrument")
        respelled = new.get("instrument") != old.get("instrument")
        return Difference(changes=bool(replaces) or respelled, replaces=tuple(replaces))

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Draw the random digits and, for an instrument, take the watermark of its history."""
        nonce = secrets.token_hex(_NONCE_BYTES)
        outputs = _declared(inputs) | {
            "nonce": nonce,
            "recorded_at": time_text(connection.clock.now()),
            "account_id": None,
            "instrument_id": None,
            "watermark": None,
        }
        if inputs.get("instrument") is not None:
            outputs["account_id"] = connection.account_id()
            client = connection.client()
            instrument_id = _instrument_id(client, inputs["instrument"])
            outputs["instrument_id"] = instrument_id
            outputs["watermark"] = written(watermark_of(client, instrument_id))
        _drawn_here.add(nonce)
        return nonce, outputs

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:  # noqa: ARG002
        """Return what is recorded; there is nothing else to ask."""
        return dict(old)

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Take over another spelling; everything else stays as it was recorded."""
        return {**old, **_declared(new)}

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:  # noqa: ARG002
        """Nothing is left anywhere."""
        return ()


def check_instrument(check: Check, inputs: Properties) -> None:
    """Check an instrument's symbol or id, and write it as the market does."""
    if not check.known("instrument"):
        return
    text = inputs["instrument"]
    if not isinstance(text, str) or not text.strip():
        check.refuse("instrument", "must be a symbol such as text-prime, or an instrument's id")
    else:
        check.settle("instrument", normal_instrument_id(text.strip().lower()))


def is_another_instrument(old: Properties, new: Properties) -> bool:
    """Tell whether a declaration means another instrument than the recorded one, or may do so."""
    if "instrument" not in new:
        return True
    return new["instrument"] not in (old.get("instrument"), old.get("instrument_id"))


def written(watermark: Watermark) -> dict[str, Any]:
    """Write a watermark for an output."""
    return {"since": time_text(watermark.since), "seen": sorted(watermark.seen)}


def read_watermark(properties: Properties) -> Watermark:
    """Read what `written` wrote."""
    return Watermark(time_of(properties.get("since")), frozenset(properties["seen"]))


def _declared(inputs: Properties) -> dict[str, Any]:
    return {"request": inputs.get("request"), "instrument": inputs.get("instrument")}


def _instrument_id(client: Client, instrument: str) -> str:
    is_id = instrument.startswith("instrument-")
    found = client.instrument(instrument) if is_id else client.instrument_by_symbol(instrument)
    return normal_instrument_id(found.id)


def _text(request: object) -> str:
    return json.dumps(request, sort_keys=True)
