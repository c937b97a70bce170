"""The operator broken on purpose, in ways that people break operators; each must be found.

Each mutant is a text that stands once in the source and what takes its place, and a scenario that
must notice. They are tried on a copy of the source: `python -m tests.crash --mutants`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("sdk", "operator")
_STEPS = "operator/src/thegrid_operator/reconcilers/consumption_key/steps.py"
_LOOK = "operator/src/thegrid_operator/reconcilers/consumption_key/look.py"
_REMOVAL = "operator/src/thegrid_operator/reconcilers/consumption_key/removal.py"
_ACCOUNT = "operator/src/thegrid_operator/reconcilers/grid_account/renewal.py"
_OPENING = "operator/src/thegrid_operator/reconcilers/grid_account/opening.py"
_OPERATOR = "operator/src/thegrid_operator"
_RULES = "sdk/src/thegrid/core/rotation"


@dataclass(frozen=True)
class Mutant:
    """One way to break the operator.

    Attributes:
        name: What is wrong with it.
        file: Where, from the root of the repository.
        old: A text that stands there once.
        new: What stands there instead.
        scenario: Which scenario finds it.
        kind: With which kind of fault.
    """

    name: str
    file: str
    old: str
    new: str
    scenario: str
    kind: str = "crash"


MUTANTS = (
    Mutant(
        "a new key is not stored before it is swapped in",
        _STEPS,
        "look.store.store_new_key(place, unstored.put_into(place.holding))",
        "replace(place, holding=unstored.put_into(place.holding))",
        "on-demand",
        "market-503",
    ),
    Mutant(
        "the previous key is revoked before the overlap",
        f"{_RULES}/situation.py",
        "        return self.record.current.since + overlap\n",
        "        return self.record.current.since\n",
        "on-demand",
    ),
    Mutant(
        "an overlap is counted from the look and not from the swap",
        _STEPS,
        "    current = replace(pending, since=look.time(), spread=True)\n",
        "    current = replace(pending, since=look.now, spread=True)\n",
        "rotation",
        "market-slow",
    ),
    Mutant(
        "a write carries no uid",
        f"{_OPERATOR}/kube.py",
        'for name in ("uid", "resourceVersion")}',
        'for name in ("resourceVersion",)}',
        "first-mint",
    ),
    Mutant(
        "a key is made without a look at the market",
        _LOOK,
        "        keys=_of_concern(owner, listing, record),\n",
        "        keys=(),\n",
        "first-mint",
    ),
    Mutant(
        "a key that one listing lacks is taken for dead",
        f"{_RULES}/situation.py",
        ">= LISTING_GRACE",
        ">= timedelta(0)",
        "workloads",
        "key-unlisted",
    ),
    Mutant(
        "a new login is dropped by a leader that was held up",
        _ACCOUNT,
        "uid, finish = self._account.meta.uid, self._tools.effects.finish",
        "uid, finish = self._account.meta.uid, self._tools.effects",
        "change-of-leader",
        "paused",
    ),
    Mutant(
        "the fence is not asked",
        f"{_OPERATOR}/effects.py",
        "        self._fence()\n",
        "",
        "change-of-leader",
        "paused",
    ),
    Mutant(
        "a resource is let go before its keys are revoked",
        _REMOVAL,
        '    if key.deletion == "Orphan":\n',
        "    release = lambda: tools.kube.set_finalizers(CONSUMPTION_KEY, item, [])\n"
        '    tools.effects("key.release", release)\n'
        '    if key.deletion == "Orphan":\n',
        "deletion",
    ),
    Mutant(
        "a resource is let go as if no process had died before",
        f"{_RULES}/removal.py",
        "    if took_over_at:\n",
        "    if False:\n",
        "soon-gone",
    ),
    Mutant(
        "a key in use is taken for a proof that it was made once",
        f"{_RULES}/removal.py",
        "        doubts.append(min([took_over_at, *made]))\n",
        "        doubts += [] if made else [took_over_at]\n",
        "soon-gone",
    ),
    Mutant(
        "pods that run with a dead key are not asked for",
        f"{_OPERATOR}/reconcilers/consumption_key/workloads.py",
        "if previous is None or not _is_settled(look):",
        "if True:",
        "workloads",
        "key-revoked",
    ),
    Mutant(
        "what a deleted resource's key leaves behind is not asked for",
        f"{_OPERATOR}/reconcilers/consumption_key/workloads.py",
        """    return status.get("keyId") != current.id or told""",
        """    return told""",
        "workloads",
        "key-replaced",
    ),
    Mutant(
        "a record that names a stranger's key is believed",
        _LOOK,
        " - owned_by(owner, listing.keys).keys()\n",
        " - frozenset(key.id for key in listing.keys)\n",
        "first-mint",
        "record-forged",
    ),
    Mutant(
        "a status is written although nothing has changed",
        f"{_OPERATOR}/reporting.py",
        "        if status == before:\n            return item\n",
        "",
        "first-mint",
    ),
    Mutant(
        "a new key is swapped in untested",
        _STEPS,
        "    return accepted\n",
        "    return True\n",
        "first-mint",
        "next-key-bad",
    ),
    Mutant(
        "a target is put right with a text that nobody has tested",
        _STEPS,
        "if it and _accepts(look, it)), None)",
        "if it), None)",
        "first-mint",
        "companion-edited",
    ),
    Mutant(
        "a text that cannot be a key is tested for ever",
        _STEPS,
        "    except Misuse:\n        return False",
        "    except ZeroDivisionError:\n        return False",
        "first-mint",
        "companion-edited",
    ),
    Mutant(
        "a key that cannot be stored is made anew at each look",
        _STEPS,
        "    unstored = look.memory.unstored = Unstored(",
        "    unstored = Unstored(",
        "first-mint",
        "writes-fail",
    ),
    Mutant(
        "an account forgets what it could not tell at once",
        _OPENING,
        "    return dict(session.facts)\n",
        "    return {}\n",
        "first-mint",
        "lost",
    ),
    Mutant(
        "an event tells a new key's secret",
        _STEPS,
        "made key #{action.number} ({minted.key.id})",
        "made key #{action.number} ({minted.secret.reveal()})",
        "first-mint",
    ),
    Mutant(
        "a policy is written before the record that explains it",
        "operator/src/thegrid_operator/reconcilers/supplier_egress/reconciler.py",
        "            item = self._reporter.note(SUPPLIER_EGRESS, item, facts)\n",
        "",
        "names",
        "crash",
    ),
    Mutant(
        "a policy is written over whatever is there",
        "operator/src/thegrid_operator/egress/objects.py",
        '    return {**wanted, "metadata": {**wanted["metadata"], **guard}}\n',
        "    return wanted\n",
        "names",
        "crash",
    ),
    Mutant(
        "a policy that people have emptied is left as it is",
        "operator/src/thegrid_operator/reconcilers/supplier_egress/enforcing.py",
        "if seen is None or not says(seen, wanted):",
        'if seen is None or (seen["spec"].get("egress") and not says(seen, wanted)):',
        "names",
        "policies-edited",
    ),
    Mutant(
        "what name servers said is remembered from one term to a later one",
        "operator/src/thegrid_operator/reconcilers/supplier_egress/look.py",
        "(known.uid, known.term) == (last.uid, last.term)",
        "known.uid == last.uid",
        "names-and-leaders",
        "paused",
    ),
)


def survivors(jobs, tell):
    """Try all mutants.

    Args:
        jobs: How many at once.
        tell: Called with each mutant and what found it; None where nothing did.

    Returns:
        Those that were not found.
    """
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(_found_by, MUTANTS)
        lost = []
        for mutant, found in zip(MUTANTS, results, strict=True):
            tell(mutant, found)
            if found is None:
                lost.append(mutant)
        return lost


def _found_by(mutant):
    """Return what the harness says of a mutant, or None if it finds nothing wrong."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in SOURCES:
            shutil.copytree(ROOT / name / "src", copy / name / "src")
        (copy / mutant.file).write_text(broken(ROOT / mutant.file, mutant))
        paths = [*(copy / name / "src" for name in SOURCES), ROOT, *sys.path]
        command = [sys.executable, "-m", "tests.crash", "--singles", "--first", "--jobs", "1"]
        result = subprocess.run(
            [*command, "--only", mutant.scenario, "--kinds", mutant.kind],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    told = [line for line in result.stdout.splitlines() if line.startswith("VIOLATION")]
    if result.returncode and not told:
        raise RuntimeError(f"{mutant.name}: the harness failed\n{result.stderr}")
    return told[0].removeprefix("VIOLATION ") if told else None


def broken(file, mutant):
    """Return the text of a file with a mutant in it.

    Raises:
        RuntimeError: What the mutant replaces does not stand there once.
    """
    text = file.read_text()
    if text.count(mutant.old) != 1:
        raise RuntimeError(f"{mutant.name}: its text stands {text.count(mutant.old)} times")
    return text.replace(mutant.old, mutant.new)
