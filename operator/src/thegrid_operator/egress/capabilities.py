"""What each backend can say, as a page of the documents, found out by asking the renderers. Pure.

`python -m thegrid_operator.egress.capabilities` prints the page.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from ipaddress import ip_address, ip_network

from thegrid.core.egress import Allowed, Domain
from thegrid_operator.egress import (
    BACKENDS,
    HTTPS,
    Cluster,
    DnsAccess,
    DnsElsewhere,
    Limit,
    Port,
    Refusal,
    Rendered,
    Request,
)
from thegrid_operator.resources import Meta

_OWNER = Meta("team", "supplier", "", 0, deleted=False, finalizers=())
_ADDRESSES = (ip_address("192.0.2.1"), ip_address("2001:db8::1"))
_LEAST = Cluster(upstream_domain_names=True, upstream_priority=500)
_MOST = replace(_LEAST, cilium_any_depth=True, ovn_wildcards=True)
_CACHE = DnsAccess(networks=(ip_network("169.254.20.10/32"),))


def _allowed(text: str) -> Allowed:
    return Allowed((Domain.parse(text),), _ADDRESSES)


_PLAIN = Request(_OWNER, {}, _allowed("api.example.com"))

FEATURES: dict[str, Request] = {
    "`api.example.com`": _PLAIN,
    "`*.example.com`, one label": replace(_PLAIN, allowed=_allowed("*.example.com")),
    "`**.example.com`, any depth": replace(_PLAIN, allowed=_allowed("**.example.com")),
    "chosen pods of a namespace": replace(_PLAIN, pods={"matchLabels": {"app": "chat"}}),
    "several ports": replace(_PLAIN, ports=(HTTPS, Port(8443))),
    "a range of ports": replace(_PLAIN, ports=(Port(8000, 8100),)),
    "UDP": replace(_PLAIN, ports=(Port(443, protocol="UDP"),)),
    "SCTP": replace(_PLAIN, ports=(Port(443, protocol="SCTP"),)),
    "a DNS cache on the node": replace(_PLAIN, dns=_CACHE),
    "DNS by another policy": replace(_PLAIN, dns=DnsElsewhere()),
    "without DNS": replace(_PLAIN, dns=None),
}

_HEAD = """\
# What the backends of egress can say

Written by `python -m thegrid_operator.egress.capabilities`, which asks the renderers; a test
compares. A `SupplierEgress` chooses one of them by `spec.backend`.

A renderer says exactly what is asked, or refuses; a wildcard is never widened. *If offered* depends
on the release that the cluster has. How lists come about is in
[0013](decisions/0013-egress-allow-lists.md)."""


def page() -> str:
    """Return the page."""
    table = [
        _row(["", *BACKENDS]),
        _row(["---"] * (len(BACKENDS) + 1)),
        _row(["objects", *_kinds()]),
    ]
    table += [_row([name, *_cells(request)]) for name, request in FEATURES.items()]
    parts = [_HEAD, "\n".join(table), "## Why not", "\n".join(_refusals())]
    return "\n\n".join([*parts, "## What is not enforced", "\n".join(_limits())]) + "\n"


def _kinds() -> list[str]:
    return [" and ".join(it["kind"] for it in _rendered(name).objects) for name in BACKENDS]


def _rendered(backend: str) -> Rendered:
    rendering = BACKENDS[backend](_PLAIN, _LEAST)
    if isinstance(rendering, Refusal):
        raise TypeError(f"{backend} refuses a plain name: {rendering.message}")
    return rendering


def _cells(request: Request) -> list[str]:
    cells = []
    for render in BACKENDS.values():
        least, most = (isinstance(render(request, each), Rendered) for each in (_LEAST, _MOST))
        cells.append("yes" if least else "if offered" if most else "no")
    return cells


def _refusals() -> list[str]:
    lines: dict[str, None] = {}
    for backend, render in BACKENDS.items():
        for request, cluster in [(_PLAIN, Cluster())] + [(it, _LEAST) for it in FEATURES.values()]:
            rendering = render(request, cluster)
            if isinstance(rendering, Refusal) and rendering.reason != "DnsCutOff":
                lines[f"* {backend}, `{rendering.reason}`: {rendering.message}."] = None
    everybody = BACKENDS["Core"](FEATURES["without DNS"], _LEAST)
    if isinstance(everybody, Refusal):
        lines[f"* Every backend, `{everybody.reason}`: {everybody.message}."] = None
    return list(lines)


def _limits() -> list[str]:
    found: dict[Limit, list[str]] = {}
    for backend, render in BACKENDS.items():
        for request in FEATURES.values():
            rendering = render(request, _MOST)
            for limit in rendering.limits if isinstance(rendering, Rendered) else ():
                if backend not in found.setdefault(limit, []):
                    found[limit].append(backend)
    return [f"* {', '.join(found[limit])}: {limit.value}" for limit in Limit if limit in found]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
