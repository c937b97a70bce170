"""Pages for people, on the platform's listener: the dashboard and the device login's page.

Plain HTML, one style sheet, a little script, all of it files of this package; nothing comes from
another host and nothing has to be built. Production has its pages elsewhere, in the vendor's web
app. What a page decides stands in `thegrid_emulator.state`.
"""

from thegrid_emulator.pages import assets, dashboard, device

ROUTES = [*dashboard.ROUTES, *device.ROUTES, *assets.ROUTES]
