"""Holdings of Secrets, and the Secrets that say them."""

import string
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.manifests import Holding, target
from thegrid_operator.record import Requests
from thegrid_operator.resources import Meta, Target

OWNER = Meta("team-a", "app", "uid-1", 1, deleted=False, finalizers=())
ENTRY = "OPENAI_API_KEY"
NOW = datetime(2026, 3, 1, tzinfo=UTC)

times = st.timedeltas(timedelta(days=-9000), timedelta(days=40000)).map(NOW.__add__)
secrets = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=40).map(Secret)


@st.composite
def held_keys(draw, number, key_id):
    return HeldKey(key_id, number, draw(times), draw(st.none() | times), draw(st.booleans()))


@st.composite
def holdings(draw, *, current=None):
    """Whatever the rotation can leave behind: any slots, numbers growing from slot to slot."""
    numbers = sorted(draw(st.sets(st.integers(1, 10**6), min_size=3, max_size=3)))
    slots = {}
    for slot, number in zip(("previous", "current", "pending"), numbers, strict=True):
        wanted = current if slot == "current" and current is not None else draw(st.booleans())
        slots[slot] = draw(held_keys(number, f"key-{number}")) if wanted else None
    texts = st.text(max_size=20)
    record = Record(**slots, trigger=draw(texts), emergency=draw(texts), urgent=draw(st.booleans()))
    pending = Requests(draw(texts), draw(texts)) if record.pending else Requests()
    return Holding(record, {key.id: draw(secrets) for key in record.held()}, pending)


def our_target(holding: Holding, **more: str):
    current = holding.record.current
    content = {ENTRY: holding.secrets[current.id].reveal(), **more}
    record = holding.record
    handled = {"emergency": record.emergency, "trigger": record.trigger}
    return target(OWNER, Target("app-grid"), current, content, **handled)


def key(number: int) -> HeldKey:
    return HeldKey(f"key-{number}", number, NOW, NOW + timedelta(days=7))


SETTLED = Holding(
    Record(current=key(2), previous=key(1), trigger="t1"),
    {"key-1": Secret("old"), "key-2": Secret("new")},
)
ASKED = Target(
    "app-grid",
    entries={"key": "$(KEY)", "url": "u"},
    labels={"team": "a"},
    annotations={"example.com/note": "n"},
)


def as_asked(asked=ASKED):
    content = {entry: text.replace("$(KEY)", "new") for entry, text in asked.entries.items()}
    return target(OWNER, asked, key(2), content)
