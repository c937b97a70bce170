"""As many empty dynamic resources as the configuration says."""

import pulumi
from nothing import Nothing

for number in range(pulumi.Config().require_int("count")):
    Nothing(f"nothing-{number}")
