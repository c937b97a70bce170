"""Name servers of a world, and what an allow list may and must hold because of what they gave.

The operator's record and policy are judged by what was really given, and when, whatever process was
told it.
"""

from __future__ import annotations

from ipaddress import ip_address

from thegrid.core.egress import Answer, Outcome

TTL = 60
GRACE = 120
LISTED = ("api.example.com", "supplier.example.net")
SPEC = {
    "podSelector": {},
    "essentialHosts": [LISTED[0]],
    "domains": [LISTED[1]],
    "resolvers": [{"address": "192.0.2.53", "port": 53}],
    "grace": f"{GRACE}s",
    "longestTtl": f"{TTL}s",
    "backend": "Core",
}


class Names:
    """Who has which addresses.

    Args:
        clock: Tells when something was given.
    """

    def __init__(self, clock):
        self._clock = clock
        self.zone: dict[str, list[str]] = {}
        self.fail = False
        self.given_at: dict[str, float] = {}

    def answers(self, hosts):
        """Answer as one name server does."""
        return tuple(self._answer(host) for host in hosts)

    def _answer(self, host):
        if self.fail:
            return Answer(host, "one", 4, Outcome.FAILED, problem="SERVFAIL")
        self.given_at |= dict.fromkeys(self.zone[host], self._clock.seconds)
        return Answer(host, "one", 4, Outcome.GAVE, tuple(map(ip_address, self.zone[host])), (TTL,))


class AllowLists:
    """Watches the policies of one world.

    Args:
        world: What to watch.
    """

    def __init__(self, world):
        self._world = world
        self._open: dict[str, frozenset[str]] = {}

    def after_a_write(self):
        """Check every policy."""
        world = self._world
        for policy in world.api.items("networkpolicies"):
            name = policy["metadata"]["name"]
            now_open = _addresses_in(policy)
            if now_open - world.names.given_at.keys():
                world.violated(f"{name} opens what no name server gave")
            if any(map(self._is_due_to_stay, now_open - self._recorded(policy))):
                world.violated(f"{name} opens what a restart would forget")
            left = self._open.get(name, frozenset()) - now_open
            if early := sorted(filter(self._is_due_to_stay, left)):
                world.violated(f"{name} lost {', '.join(early)} within its grace")
            self._open[name] = now_open

    def at_rest(self):
        """Check that everybody can be reached, and nobody else."""
        wanted = {address for of in self._world.names.zone.values() for address in of}
        for policy in self._world.api.items("networkpolicies"):
            if _addresses_in(policy) != wanted:
                self._world.violated(f"at rest {policy['metadata']['name']} is not what is wanted")

    def _is_due_to_stay(self, address):
        return self._world.clock.seconds < self._world.names.given_at[address] + TTL + GRACE

    def _recorded(self, policy):
        (owner,) = policy["metadata"]["ownerReferences"]
        of = policy["metadata"]["namespace"], owner["name"]
        status = (self._world.api.find("supplieregresses", *of) or {}).get("status") or {}
        return {it["address"] for domain in status.get("domains", ()) for it in domain["addresses"]}


def _addresses_in(policy):
    rule = policy["spec"]["egress"][0]
    return frozenset(it["ipBlock"]["cidr"].removesuffix("/32") for it in rule["to"])
