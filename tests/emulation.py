"""How the suites start their emulator: with generous limits, in the variant that is asked for.

The variable THEGRID_TEST_EMULATOR names the variant; several are joined by `+`.
"""

import atexit
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

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
    """Let clients that heed the environment trust one more authority; None changes nothing.

    Emulators of different scopes do not end in the reverse order of their starts, so what is
    trusted is made anew from all that run.
    """
    if authority_file is None:
        yield
        return
    authority = Path(authority_file).read_text()
    _running_authorities.append(authority)
    _trust_those_that_run()
    try:
        yield
    finally:
        _running_authorities.remove(authority)
        _trust_those_that_run()


_running_authorities: list[str] = []
_bundles = tempfile.TemporaryDirectory()
atexit.register(_bundles.cleanup)
_before = {name: os.environ.get(name) for name in TRUST}


def _trust_those_that_run():
    """Write a file of another name each time: a client may remember what it has read."""
    for name in TRUST:
        os.environ.pop(name, None)
    if _running_authorities:
        descriptor, bundle = tempfile.mkstemp(suffix=".pem", dir=_bundles.name)
        with open(descriptor, "w") as file:
            file.write("".join(_running_authorities))
        os.environ.update(trust(bundle))
    else:
        os.environ.update({name: value for name, value in _before.items() if value is not None})
