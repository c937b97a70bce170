"""What was found in account user_00000000-0000-4000-8000-000000000001."""

import pulumi_thegrid as thegrid

# What the account may do by itself.
thegrid.AccountSettings(
    "account",
    mode="advanced",
    auto_reload_enabled=True,
    auto_reload_threshold_usd="10",
    auto_reload_amount_usd="25.5",
    auto_reload_monthly_limit_usd="100",
)
