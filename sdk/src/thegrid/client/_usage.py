"""What inference calls used and cost (The Grid's documentation, "Consumption API": usage, spend).

Every method needs a consumption key, and raises `Refused` (the market said no, `NotFound` for a
receipt that it does not know) and `Unreachable` (no usable answer came).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from thegrid.client import _wire
from thegrid.client._call import call, segment, within
from thegrid.client._http import Sender
from thegrid.client._listing import PAGE_SIZE, Listing, listing
from thegrid.client.errors import Misuse
from thegrid.core.model import Diagnostics, UsageReceipt, UsageSummary

LONGEST_SPAN_DAYS = 31


class UsageApi:
    """Receipts and sums of one consumption key's account.

    Args:
        base: The base address of the consumption host.
        sender: Sends the requests, with the key.
    """

    def __init__(self, base: str, sender: Sender) -> None:
        self._base = base
        self._sender = sender

    def usage(
        self,
        *,
        called_from: datetime | None = None,
        called_to: datetime | None = None,
        status: str | None = None,
        cost_status: str | None = None,
        model: str | None = None,
        api_key_id: str | None = None,
        order_by: str | None = None,
        order_direction: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Listing[UsageReceipt]:
        """List receipts, the latest first unless said otherwise (`GET /usage`).

        Args:
            called_from: Only of calls at this time or later, or None.
            called_to: Only of calls at this time or earlier, or None.
            status: Only `pending`, `reconciled` or `error`, or None.
            cost_status: Only of costs that are `pending`, `reconciled`, `unpriced` or `cancelled`,
                or None.
            model: Only of this instrument's symbol, or None.
            api_key_id: Only of this consumption key, or None.
            order_by: `inserted_at` or `total_tokens`, or None.
            order_direction: `asc` or `desc`, or None.
            page_size: Rows to ask for at once, from 1 to 100.

        Returns:
            The receipts, without the breakdown of their costs.
        """
        query = {
            "from": called_from,
            "to": called_to,
            "status": status,
            "cost_status": cost_status,
            "model": model,
            "api_key_id": api_key_id,
            "order_by": order_by,
            "order_direction": order_direction,
            "limit": within("page_size", page_size, PAGE_SIZE),
        }
        return listing(
            self._sender,
            self._base,
            "/usage",
            _wire.usage_receipt,
            lambda row: row.request_id,
            query=query,
        )

    def usage_receipt(self, request_id: str) -> UsageReceipt:
        """Read the receipt of one call (`GET /usage/{request_id}`); its cost settles later.

        Args:
            request_id: What the answer to the call carries (`Answer.request_id`).

        Returns:
            The receipt, with the breakdown of its cost.
        """
        path = f"/usage/{segment('request_id', request_id)}"
        return self._sender.read(call("GET", self._base, path), _wire.usage_receipt)

    def usage_summary(
        self,
        *,
        called_from: datetime | None = None,
        called_to: datetime | None = None,
        group_by: Literal["day", "model", "api_key"] | None = None,
        api_key_id: str | None = None,
    ) -> UsageSummary:
        """Read sums over a span of at most 31 days (`GET /usage/summary`).

        Args:
            called_from: Start of the span; None for 30 days before its end.
            called_to: End of the span; None for now.
            group_by: What to sum by besides, or None.
            api_key_id: Only of this consumption key, or None.

        Returns:
            The sums.

        Raises:
            Misuse: The span is longer than 31 days.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        if called_from and called_to and (called_to - called_from).days > LONGEST_SPAN_DAYS:
            raise Misuse(f"called_from: more than {LONGEST_SPAN_DAYS} days before called_to")
        query = {
            "from": called_from,
            "to": called_to,
            "group_by": group_by,
            "api_key_id": api_key_id,
        }
        request = call("GET", self._base, "/usage/summary", query=query)
        return self._sender.read(request, _wire.usage_summary)

    def diagnostics(self) -> Diagnostics:
        """Ask the consumption host what it finds about the key and itself (`GET /diagnostics`)."""
        return self._sender.read(call("GET", self._base, "/diagnostics"), _wire.diagnostics)
