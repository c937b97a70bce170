"""Fixtures for every test: real engines come from the lab."""

pytest_plugins = ["thegrid_lab.pytest_plugin"]
