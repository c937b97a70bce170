"""The program that the tests of whole accounts run: every resource, as the configuration wishes."""

RESOURCES = """
import pulumi
import pulumi_thegrid as thegrid

wished = pulumi.Config("wish")


def declare(opts=None):
    rotation = {"rotate_after": wished.get("rotateAfter") or "14d", "overlap": "2d"}
    triggers = [wished.get("trigger") or "first"]
    account = thegrid.AccountSettings(
        "account",
        mode="advanced",
        auto_reload_monthly_limit_usd=wished.get("limit") or "100",
        opts=opts,
    )
    ready = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[account]))
    thegrid.ConsumptionKey(
        "ci", name=wished.get("name"), triggers=triggers, opts=opts, **rotation
    )
    thegrid.TradingKey(
        "desk", label=wished.get("name"), triggers=triggers, opts=opts, **rotation
    )
    thegrid.StandingOrder(
        "bid",
        instrument="text-prime",
        side="buy",
        price=wished.get("price") or "0.01",
        quantity=3,
        renew="when_closed",
        daily_cap_usd="5",
        triggers=triggers,
        opts=ready,
    )
    thegrid.Transfer(
        "units",
        instrument="text-prime",
        quantity=2,
        on_ambiguous=wished.get("inDoubt") or "fail",
        triggers=triggers,
        opts=ready,
    )
"""

PROGRAM = f"""{RESOURCES}

declare()
"""

TEAMS = f"""{RESOURCES}

def team(name, opts=None):
    parent = pulumi.ComponentResource(f"team:index:{{name}}", name, None, opts)
    declare(pulumi.ResourceOptions(parent=parent))


team("red")
if not wished.get_bool("alone"):
    team("blue")
abroad = thegrid.Provider("abroad", access_token=pulumi.Config().require_secret("abroad"))
team("green", pulumi.ResourceOptions(providers=[abroad]))
"""

NAMES = {
    "account": "AccountSettings",
    "ci": "ConsumptionKey",
    "desk": "TradingKey",
    "bid": "StandingOrder",
    "bid-order": "Intent",
    "units": "Transfer",
    "units-transfer": "Intent",
    "thegrid": "StackIdentity",
}
"""What `declare` makes, with what is made along with it."""
