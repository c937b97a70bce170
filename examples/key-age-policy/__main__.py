import pulumi

import pulumi_thegrid as thegrid

inference = thegrid.ConsumptionKey("assistant", rotate_after="14d", overlap="2d")
trading = thegrid.TradingKey("trader", rotate_after="14d", overlap="2d")

# What the policy looks at. No secret is among it.
pulumi.export(
    "keys",
    {
        name: {
            "since": key.key_since,
            "previous_since": key.previous_key_since,
            "next_rotation": key.next_rotation,
            "overlap": key.overlap,
        }
        for name, key in (("assistant", inference), ("trader", trading))
    },
)
