"""Name servers of a world, and what an allow list may and must hold because of what they gave.

The operator's record and policy are judged by what was really given, and when, whatever process was
told it.
"""

from __future__ import annotations

from ipaddress import ip_address

from thegrid.core.egress import Answer, Outcome
from thegrid_operator.egress.objects import KINDS
from thegrid_operator.manifests import OWNER

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
        self.fail_until = 0.0
        self.given_at: dict[str, float] = {}

    def answers(self, hosts):
        """Answer as one name server does."""
        return tuple(self._answer(host) for host in hosts)

    def _answer(self, host):
        if self.fail or self._clock.seconds < self.fail_until:
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
            left = self._open.get(name, frozenset()) - now_open if self._keeps(policy) else ()
            if early := sorted(filter(self._is_due_to_stay, left)):
                world.violated(f"{name} lost {', '.join(early)} within its grace")
            self._open[name] = now_open

    def see_changes_by_hand(self):
        """Take what people have made of policies for granted."""
        self._open = {
            policy["metadata"]["name"]: _addresses_in(policy)
            for policy in self._world.api.items("networkpolicies")
        }

    def at_rest(self):
        """Check that everybody can be reached, and nobody else."""
        wanted = {address for of in self._world.names.zone.values() for address in of}
        for policy in self._world.api.items("clusternetworkpolicies"):
            of = policy["metadata"]["annotations"][OWNER].split("/")
            if self._world.api.find("supplieregresses", *of) is None:
                self._world.violated("a policy of the whole cluster outlived its resource")
        for policy in self._world.api.items("networkpolicies"):
            if self._keeps(policy) and _addresses_in(policy) != wanted:
                self._world.violated(f"at rest {policy['metadata']['name']} is not what is wanted")

    def _is_due_to_stay(self, address):
        return self._world.clock.seconds < self._world.names.given_at[address] + TTL + GRACE

    def _recorded(self, policy):
        status = (self._owner(policy) or {}).get("status") or {}
        return {it["address"] for domain in status.get("domains", ()) for it in domain["addresses"]}

    def _keeps(self, policy):
        """Tell whether a policy has addresses: beside what knows names it has none."""
        return ((self._owner(policy) or {}).get("spec") or {}).get("backend") == "Core"

    def _owner(self, policy):
        (owner,) = policy["metadata"]["ownerReferences"]
        of = policy["metadata"]["namespace"], owner["name"]
        return self._world.api.find("supplieregresses", *of)


def serve_policies_of_the_cluster(world):
    """Have the cluster serve the upstream kind with its experimental names."""
    kind = KINDS["ClusterNetworkPolicy"]
    world.api.served[f"/apis/{kind.group}/{kind.version}/"] = kind.plural
    schema = {"name": kind.version, "schema": {"domainNames": {}}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{kind.group}"},
        "spec": {"names": {"kind": kind.kind}, "versions": [schema]},
    }
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    world.api.request("POST", path, body=definition)


def _addresses_in(policy):
    """Return whom a policy opens over https; DNS is another rule."""
    return frozenset(
        peer["ipBlock"]["cidr"].removesuffix("/32")
        for rule in policy["spec"].get("egress", ())
        if [port["port"] for port in rule["ports"]] == [443]
        for peer in rule["to"]
    )
