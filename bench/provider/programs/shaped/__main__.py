"""As many resources of a key's shape that do nothing as the configuration says."""

import pulumi
from shaped import Shaped

for number in range(pulumi.Config().require_int("count")):
    Shaped(f"shaped-{number}")
