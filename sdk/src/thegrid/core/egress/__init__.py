"""Whom pods may reach: domains and addresses from what is declared, found, answered and remembered.

A refresh is: `discover` what feed and redirects name, ask resolvers for `hosts_to_resolve`, and let
`plan_egress` say what is allowed, what waits, and when to look again.

Always true, whatever fails: an address that a resolver gave stays for its TTL and a grace after it
was given last, across restarts too; it leaves only at a look at which every resolver told something
definite; an essential host never drops out and never loses its last address; an address that means
something else inside a network than outside is not let in unless its network is admitted; a host
that only a redirect named is not let in unless it is trusted or approved.

What does not belong here: asking resolvers, and what a backend can express. See
docs/decisions/0013.
"""

from thegrid.core.egress.addresses import Address, Network, admitted_network, order, why_not
from thegrid.core.egress.answers import Answer, Outcome, RefusedAddress
from thegrid.core.egress.declared import API_HOSTS, GATEWAY_HOSTS, TRUSTED_SUFFIXES, WantedEgress
from thegrid.core.egress.discovery import (
    Found,
    NewDomains,
    Source,
    is_trusted,
    read_feed,
    read_location,
)
from thegrid.core.egress.memory import (
    Memory,
    Record,
    RecordedAddress,
    RecordedDomain,
    record_of,
    restored,
)
from thegrid.core.egress.names import Depth, Domain, host_name
from thegrid.core.egress.refresh import (
    Allowed,
    EgressPlan,
    allowed_domains,
    discover,
    hosts_to_resolve,
    plan_egress,
)
from thegrid.core.egress.timing import Timing, retry_after

__all__ = [
    "API_HOSTS",
    "GATEWAY_HOSTS",
    "TRUSTED_SUFFIXES",
    "Address",
    "Allowed",
    "Answer",
    "Depth",
    "Domain",
    "EgressPlan",
    "Found",
    "Memory",
    "Network",
    "NewDomains",
    "Outcome",
    "Record",
    "RecordedAddress",
    "RecordedDomain",
    "RefusedAddress",
    "Source",
    "Timing",
    "WantedEgress",
    "admitted_network",
    "allowed_domains",
    "discover",
    "host_name",
    "hosts_to_resolve",
    "is_trusted",
    "order",
    "plan_egress",
    "read_feed",
    "read_location",
    "record_of",
    "restored",
    "retry_after",
    "why_not",
]
