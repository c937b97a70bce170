import pulumi

import pulumi_thegrid as thegrid

# Orders are placed by hand in this mode, and nothing is bought without one.
settings = thegrid.AccountSettings("account", mode="advanced")

# Buys five units whenever the market comes down to the price, and makes them ready for inference at
# once. When they are bought the next five are asked for, but never for more than 12 USD in one day.
order = thegrid.StandingOrder(
    "feed",
    instrument="text-prime",
    side="buy",
    price="0.999",
    quantity=5,
    auto_transfer=True,
    renew="when_filled",
    daily_cap_usd="12",
    opts=pulumi.ResourceOptions(depends_on=[settings]),
)

pulumi.export("order", order.client_order_id)
pulumi.export("generation", order.generation)
pulumi.export("status", order.status)
pulumi.export("remaining_quantity", order.remaining_quantity)
pulumi.export("spent_today_usd", order.spent_today_usd)
pulumi.export("message", order.message)
