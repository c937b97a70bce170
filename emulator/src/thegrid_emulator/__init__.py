"""A strict stand-in for The Grid that runs on one machine.

    surface (platform, trading, consumption, gateway, admin)   HTTP: routes and envelopes
    inference                                                  pure: requests and answers
    state                                                      pure: what the market knows

It imports nothing of the client, the provider or the operator: what both sides must agree on are
the vendor's public documentation and the data in `tests/contract`. Where the documentation leaves
something open, the emulator takes the strictest reading that finds a wrong client.
"""

from thegrid_emulator.clock import Clock
from thegrid_emulator.listeners import AddressError, Ports
from thegrid_emulator.rules import Rules
from thegrid_emulator.running import AccountAccess, RunningEmulator, serve

__all__ = ["AccountAccess", "AddressError", "Clock", "Ports", "Rules", "RunningEmulator", "serve"]
