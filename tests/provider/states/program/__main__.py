import pulumi

import pulumi_thegrid as thegrid

elsewhere = thegrid.Provider("elsewhere", access_token=pulumi.Config().require_secret("elsewhere"))
there = pulumi.ResourceOptions(provider=elsewhere)

thegrid.AccountSettings("account", mode="advanced", auto_reload_enabled=False)
thegrid.ConsumptionKey("plain")
thegrid.ConsumptionKey("told", name="assistant", rotate_after="30d", overlap="3d", triggers=["a"])
thegrid.ConsumptionKey("there", opts=there)
thegrid.TradingKey("plain")
thegrid.TradingKey("told", label="desk", rotate_after="90d", overlap="1d", triggers=["a", 1])
thegrid.TradingKey("brought", public_key="11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
thegrid.StandingOrder("bid", instrument="text-prime", side="buy", price="0.01", quantity=3)
thegrid.StandingOrder(
    "capped",
    instrument="text-prime",
    side="buy",
    price="0.0100",
    quantity="2",
    renew="when_closed",
    repair=False,
    daily_cap_usd="5",
    fee_rate="0.01",
    triggers=["a"],
)
thegrid.Transfer("units", instrument="text-prime", quantity=2)
