"""Fixtures for every test: real engines come from the lab."""

import signal

from hypothesis import settings

pytest_plugins = ["thegrid_lab.pytest_plugin"]

# How long an example takes says how busy the machine is, so no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell that starts us in the background ignores Ctrl-C, which programs under test would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
