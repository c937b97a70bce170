import pulumi

import pulumi_thegrid as thegrid

batch = pulumi.Config().get("batch") or "1"

# Moves five units to where inference calls spend them: once, and again whenever the batch changes.
transfer = thegrid.Transfer("units", instrument="text-prime", quantity=5, triggers=[batch])

pulumi.export("transfer", transfer.transfer_id)
pulumi.export("adopted", transfer.adopted)
pulumi.export("is_shown", transfer.is_shown)
pulumi.export("expires_at", transfer.expires_at)
