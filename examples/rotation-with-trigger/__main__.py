import pulumi

import pulumi_thegrid as thegrid

# Raise it to rotate: after a leak, when a colleague leaves, or as a drill.
generation = pulumi.Config().get_int("generation") or 1

# By the clock every 30 days, and at once when the generation changes.
inference = thegrid.ConsumptionKey(
    "assistant", rotate_after="30d", overlap="2d", triggers=[generation]
)

# Never by the clock. The new key has signed a request before it takes its place here.
trading = thegrid.TradingKey("trader", overlap="1h", triggers=[generation])

pulumi.export("generation", generation)
pulumi.export("key_id", inference.key_id)
pulumi.export("previous_key_id", inference.previous_key_id)
pulumi.export("next_rotation", inference.next_rotation)
pulumi.export("env", inference.env)
pulumi.export("trading_key_fingerprint", trading.fingerprint)
pulumi.export("previous_trading_key_fingerprint", trading.previous_fingerprint)
pulumi.export("trading_profile", trading.profile)
