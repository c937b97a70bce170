"""`SupplierEgress`: keeps what enforces an allow list up with names whose addresses move.

One subject a file: `reconciler` is the frame, `sources` asks what names domains, `look` finds out
what is allowed now, `enforcing` writes the objects. What does not belong here: what is allowed
(`thegrid.core.egress`) and what objects look like (`thegrid_operator.egress`). See
docs/decisions/0013.
"""

from thegrid_operator.reconcilers.supplier_egress.reconciler import SupplierEgresses
from thegrid_operator.reconcilers.supplier_egress.sources import Sources

__all__ = ["Sources", "SupplierEgresses"]
