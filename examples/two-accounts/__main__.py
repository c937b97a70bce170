import pulumi

import pulumi_thegrid as thegrid

for account in ("research", "production"):
    # The login of the profile with this name, which is refreshed where `thegrid login` stored it.
    provider = thegrid.Provider(account, profile=account)

    key = thegrid.ConsumptionKey(
        f"{account}-assistant",
        rotate_after="14d",
        overlap="2d",
        opts=pulumi.ResourceOptions(provider=provider),
    )
    owner = thegrid.get_account_output(opts=pulumi.InvokeOptions(provider=provider))

    pulumi.export(f"{account}_email", owner.email)
    pulumi.export(f"{account}_key_id", key.key_id)
    pulumi.export(f"{account}_env", key.env)
