"""How the suites start their emulator: with generous limits, in the variant that is asked for.

The variable THEGRID_TEST_EMULATOR names the variant; several are joined by `+`.
"""

import os
from contextlib import contextmanager

from thegrid_emulator import Rules, serve

VARIABLE = "THEGRID_TEST_EMULATOR"
VARIANTS = {
    "plain": {},
}
MANY = 1_000_000


def generous(**rules) -> Rules:
    """Rules whose limits no test meets by accident; `rules` are those that a test cares about."""
    limits = {
        "platform_requests_per_minute": MANY,
        "trading_requests_per_minute": MANY,
        "inference_requests_per_minute": MANY,
        "orders_per_second": MANY,
    }
    return Rules(**(limits | rules))


def variant() -> dict:
    """What `serve` is called with for the variant that is asked for."""
    names = os.environ.get(VARIABLE, "plain").split("+")
    for name in names:
        if name not in VARIANTS:
            raise ValueError(f"{VARIABLE}: {name!r} is none of {', '.join(VARIANTS)}")
    return {option: value for name in names for option, value in VARIANTS[name].items()}


@contextmanager
def emulated(*, rules=None, **options):
    """Serve an emulator for a suite; `options` are those of `serve`."""
    with serve(rules=rules or generous(), **(variant() | options)) as running:
        yield running
