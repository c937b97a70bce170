"""Routes of suppliers, which answer everybody else with 403."""

from collections.abc import Sequence

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import Operation, Parameter, in_path, operation
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER


def _refused(name: str, *parameters: Parameter) -> Operation:
    return operation(
        name,
        "For suppliers only.",
        {},
        refusals=refusals.of_trading(),
        security=SIGNED_OR_BEARER,
        parameters=parameters,
    )


_LISTS: Sequence[tuple[str, str]] = (
    ("/issuance-accounts", "listIssuanceAccounts"),
    ("/supply-issuances/summary", "readSupplySummary"),
    ("/supplier-liability", "listLiability"),
)

SUBJECT = Subject(
    paths={
        **{path: {"get": _refused(name)} for path, name in _LISTS},
        "/issuance-accounts/transfer": {"post": _refused("transferIssuance")},
        "/supply-issuances": {
            "get": _refused("listSupplyIssuances"),
            "post": _refused("issueSupply"),
        },
        "/supplier-liability/{instrument_id}": {
            "get": _refused("readLiability", in_path("instrument_id"))
        },
    }
)
