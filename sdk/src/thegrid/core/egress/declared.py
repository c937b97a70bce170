"""What is declared about egress, and the hosts that everybody needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from thegrid.core.egress.addresses import Network
from thegrid.core.egress.discovery import NewDomains, is_trusted
from thegrid.core.egress.names import Domain, host_name
from thegrid.core.egress.timing import Timing

API_HOSTS = ("api.thegrid.ai", "messages-beta.api.thegrid.ai")
"""The hosts that answer inference calls (The Grid, "Consumption API")."""

GATEWAY_HOSTS = ("synapse.thegrid.ai",)
"""Where redirects were seen to lead. It may change, which is what probes are for."""

TRUSTED_SUFFIXES = ("thegrid.ai",)


@dataclass(frozen=True, slots=True)
class WantedEgress:
    """Whom pods may reach, as declared.

    Args:
        domains: Listed by the resource; a probed host that waits is approved by listing it.
        essential: Host names that never drop out, whatever fails or is answered.
        new_domains: What becomes of a probed host outside the trusted suffixes.
        trusted_suffixes: Domains whose hosts need no approval.
        admitted: Special networks whose addresses are believed all the same.
        timing: How long things count.

    Raises:
        ValueError: A name is not in its canonical form.
    """

    domains: tuple[Domain, ...] = tuple(Domain(host) for host in GATEWAY_HOSTS)
    essential: tuple[str, ...] = API_HOSTS
    new_domains: NewDomains = NewDomains.HOLD
    trusted_suffixes: tuple[str, ...] = TRUSTED_SUFFIXES
    admitted: tuple[Network, ...] = ()
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        for name in (*self.essential, *self.trusted_suffixes):
            if host_name(name) != name:
                raise ValueError(f"{name!r} is not in its canonical form")

    @property
    def listed(self) -> frozenset[Domain]:
        """Return what is allowed because the declaration alone says so."""
        return frozenset(self.domains) | {Domain(host) for host in self.essential}

    def allows_probed(self, domain: Domain) -> bool:
        """Tell whether a host that a redirect named needs no approval, or has it."""
        return (
            self.new_domains is NewDomains.ALLOW
            or is_trusted(domain.name, self.trusted_suffixes)
            or any(listed.covers(domain.name) for listed in self.listed)
        )
