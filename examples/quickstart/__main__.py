import pulumi

import pulumi_thegrid as thegrid

# What the account may do by itself. What is not declared stays as it is.
settings = thegrid.AccountSettings("account", mode="advanced")

# Signs trades. The pair is made here; its private half stands encrypted in the state.
trading = thegrid.TradingKey("trader")

# Calls models. Replaced in place by the first `up` after 14 days; the old key works 2 days longer.
inference = thegrid.ConsumptionKey("assistant", rotate_after="14d", overlap="2d")

pulumi.export("account_mode", settings.mode)
pulumi.export("trading_key_fingerprint", trading.fingerprint)
pulumi.export("key_id", inference.key_id)
pulumi.export("next_rotation", inference.next_rotation)
pulumi.export("consumption_key", inference.key)
pulumi.export("env", inference.env)
