"""The side door for tests and demonstrations, under `/_emulator/` on the platform listener.

It opens accounts, gives them money and units, decides device logins, moves the clock, orders
faults, names suppliers, and shows what happened. Production has nothing like it. It asks for no
credential: the emulator listens on loopback, and holds nothing that is worth one.
"""

from thegrid_emulator.admin import (
    accounts,
    balances,
    clock,
    dashboard,
    device_logins,
    faults,
    journal,
    suppliers,
)

PREFIX = "/_emulator"

ROUTES = [
    *accounts.ROUTES,
    *balances.ROUTES,
    *clock.ROUTES,
    *dashboard.ROUTES,
    *device_logins.ROUTES,
    *faults.ROUTES,
    *journal.ROUTES,
    *suppliers.ROUTES,
]
