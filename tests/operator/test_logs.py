"""Log lines: one JSON object each, whatever happens at the same time."""

from __future__ import annotations

import json
import threading
from datetime import datetime

from thegrid.core.secret import Secret
from thegrid_operator.logs import log


def lines(capfd):
    return capfd.readouterr().err.splitlines()


def test_a_line_is_one_json_object_with_time_reason_and_message(capfd):
    log("KeyMinted", "made key #1", object="ConsumptionKey a/b", count=2)

    (line,) = lines(capfd)
    found = json.loads(line)
    assert datetime.fromisoformat(found.pop("time")).utcoffset() is not None
    assert found == {
        "reason": "KeyMinted",
        "message": "made key #1",
        "object": "ConsumptionKey a/b",
        "count": 2,
    }


def test_a_text_with_line_breaks_stays_one_line(capfd):
    log("Forged", 'first\n{"reason": "KeyMinted"}\r\u2028second')

    assert len(lines(capfd)) == 1


def test_a_secret_that_is_logged_by_mistake_is_not_shown(capfd):
    log("Mistake", "a value that is no JSON", value=Secret("grid_sk_hidden"))

    (line,) = lines(capfd)
    assert "hidden" not in line


def test_lines_of_many_threads_do_not_mix(capfd):
    def write(name):
        for number in range(50):
            log("Busy", "x" * 200, name=name, number=number)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = [json.loads(line) for line in lines(capfd)]
    assert {(it["name"], it["number"]) for it in found} == {
        (name, number) for name in range(8) for number in range(50)
    }
