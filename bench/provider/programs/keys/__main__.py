"""As many consumption keys as the configuration says."""

import pulumi

import pulumi_thegrid as thegrid

for number in range(pulumi.Config().require_int("count")):
    thegrid.ConsumptionKey(f"key-{number}")
