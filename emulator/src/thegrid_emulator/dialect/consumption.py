"""How the Consumption hosts may also word their answers."""

from thegrid_emulator.dialect.changes import in_shape, only, rows
from thegrid_emulator.dialect.rule import Rule

_OFTEN_BARE = (401, 402, 500)

CONSUMPTION = (
    Rule(
        "a model has the members that the SDK reads and no other",
        "SDK",
        ("consumption GET /models",),
        rows(only("object", "data", "id", "display_name")),
    ),
    Rule(
        "a refusal is a bare string",
        "SDK",
        ("consumption", "messages"),
        in_shape(6, *_OFTEN_BARE),
        to="refusals",
    ),
)
