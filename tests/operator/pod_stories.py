"""Stories about pods and keys, in a world that counts how often pods are listed."""

from __future__ import annotations

from tests.crash.api_rules import Refusal
from tests.crash.api_server import Where
from tests.crash.people import NAMESPACE
from tests.crash.scenarios import CALM, Scenario
from tests.crash.world import World

DEAD, OTHER = "PodsHoldDeadKey", "PodsHoldOtherKey"
ONE = [{"kind": "Deployment", "name": "one"}]
A_MINUTE, AN_HOUR = 60, 3600


class Asked(World):
    """A world that counts how often pods are listed, and may forbid to read objects of one kind."""

    def __init__(self, play):
        self.lists_of_pods = 0
        self.forbidden = ""
        super().__init__(Scenario("dead-keys", play))

    def ask_api_server(self, method, path, **request):
        if self.forbidden and self.forbidden in path:
            raise Refusal((403, "Forbidden"))
        self.lists_of_pods += path.partition("?")[0].endswith("/pods")
        return super().ask_api_server(method, path, **request)

    def adopted(self):
        """Return what the condition says, as a status and a reason."""
        status = self.api.find("consumptionkeys", NAMESPACE, "app")["status"]
        found = [it for it in status["conditions"] if it["type"] == "Adopted"]
        return (found[0]["status"], found[0]["reason"]) if found else None

    def message(self):
        """Return what the condition says in words."""
        status = self.api.find("consumptionkeys", NAMESPACE, "app")["status"]
        return next(it["message"] for it in status["conditions"] if it["type"] == "Adopted")

    def warnings(self):
        """Return the reasons of the warnings about pods, as often as they were given."""
        events = [it for it in self.api.items("events") if it["reason"] in (DEAD, OTHER)]
        return [it["reason"] for it in events for _ in range(it.get("count") or 1)]

    def template(self, name):
        """Return the annotations of a pod template."""
        template = self.api.find("deployments", NAMESPACE, name)["spec"]["template"]
        return template["metadata"].get("annotations") or {}

    def all_pods_work(self):
        """Tell whether the market accepts what every pod runs with."""
        live = {row.key_id for row in self.market.live()}
        return self.rollouts.held() <= live


def run(play):
    world = Asked(play)
    world.play()
    return world


def declare(people, **spec):
    people.log_in()
    people.declare_account()
    people.declare_key(**(CALM | spec))


def end_by_hand(_world, people):
    people.revoke_what_is_in("app-grid")
    people.touch("consumptionkeys", "app", "example.com/look", "now")


def anew(world, people, **spec):
    """Delete the resource and declare it again, once it is gone."""
    people.delete("app", for_good=False)
    yield A_MINUTE
    assert not people.exists("consumptionkeys", "app")
    people.declare_key(**(CALM | spec))
    yield A_MINUTE


def drop_status(world):
    """Lose a status, as a restored backup does."""
    world.api.write_status(Where("consumptionkeys", NAMESPACE, "app"), {})
