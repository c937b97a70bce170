"""`ConsumptionKey`: carries out the core's rotation plan with two Secrets and the market.

One subject a file: `reconciler` is the frame, `look` gathers the facts, `steps` does what a plan
asks for, `workloads` asks pods and restarts what is named, `removal` lets a resource go, `report`
says how it stands. What does not belong here:
when a key is replaced or revoked, which `thegrid.core.rotation` decides, and what Secrets look
like (`manifests`). See docs/decisions/0005-rotation-plan.md.
"""

from thegrid_operator.reconcilers.consumption_key.reconciler import ConsumptionKeys
from thegrid_operator.reconcilers.consumption_key.tools import NOT_FOLLOWED, Asking

__all__ = ["NOT_FOLLOWED", "Asking", "ConsumptionKeys"]
