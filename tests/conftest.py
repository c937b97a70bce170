"""Fixtures for every test: real engines come from the lab."""

from hypothesis import settings

pytest_plugins = ["thegrid_lab.pytest_plugin"]

# How long an example takes says how busy the machine is, so no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
