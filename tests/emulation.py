"""How the suites start their emulator: with generous limits, in the variant that is asked for.

The variable THEGRID_TEST_EMULATOR names the variant; several are joined by `+`.
"""

import os
from contextlib import contextmanager

from thegrid_emulator import Rules, serve

LAG = 2.0
VARIABLE = "THEGRID_TEST_EMULATOR"
VARIANTS = {
    "plain": {},
    "lag": {"lag_seconds": LAG},
    "alternate": {"dialect": "alternate"},
    "tls": {"tls": True},
}
PLAIN_WORDS = {"dialect": "plain"}
TRUST = ("SSL_CERT_FILE", "CURL_CA_BUNDLE")
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
    """Serve an emulator for a suite; `options` are those of `serve`.

    With TLS this process and those that it starts trust the emulator's authority meanwhile.
    """
    serving = serve(rules=rules or generous(), **(variant() | options))
    with serving as running, trusting(running.authority_file):
        yield running


def settle(running):
    """Let what has changed show: the market's clock moves by the lag, if there is one."""
    lag = variant().get("lag_seconds", 0)
    if lag:
        running.advance(lag)


def trust(authority_file):
    """Return the variables by which clients trust an authority; none if there is no authority.

    curl has a variable of its own, which may be set already and then comes before the common one.
    """
    return dict.fromkeys(TRUST, str(authority_file)) if authority_file else {}


@contextmanager
def trusting(authority_file):
    """Let every client that heeds the environment trust an authority; None changes nothing."""
    trusted = trust(authority_file)
    before = {name: os.environ.pop(name, None) for name in trusted}
    os.environ.update(trusted)
    try:
        yield
    finally:
        for name in trusted:
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if value is not None})
