"""Records the state that this version of the package writes; see README.md beside it."""

import json
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from thegrid_emulator import Ports, serve
from thegrid_lab.pulumi_cli import pulumi_workspace

FOLDER = Path(__file__).parent
QUARTER = 90 * 86400


def record(name: str) -> None:
    """Run the kept program against an emulator, and write its state and its configuration."""
    with serve(ports=Ports()) as market, pulumi_workspace() as workspace:
        account, elsewhere = (
            market.create_account(
                mode="advanced",
                access_token_seconds=QUARTER,
                usd=Decimal(1000),
                units={"text-prime": 20},
            )
            for _ in range(2)
        )
        config = {
            "thegrid:platformUrl": market.platform,
            "thegrid:tradingUrl": market.trading,
            "thegrid:consumptionUrl": market.consumption,
            "thegrid:messagesUrl": market.messages,
            "thegrid:rotation": "hold",
        }
        logins = {"thegrid:accessToken": account.access_token, "elsewhere": elsewhere.access_token}
        stack = workspace.project(FOLDER / "program", config=config, secret_config=logins)
        stack.up()
        stack.preview("--expect-no-changes")
        state = without_positions(stack.export())
        (FOLDER / f"{name}.json").write_text(json.dumps(state, indent=1) + "\n")
        settings = (stack.folder / "Pulumi.dev.yaml").read_text()
        (FOLDER / f"{name}.yaml").write_text(settings)


def without_positions(state: dict[str, Any]) -> dict[str, Any]:
    """Leave out where in which file a resource was declared: it tells this machine's folders."""
    for resource in state["deployment"]["resources"]:
        for member in ("sourcePosition", "stackTrace"):
            resource.pop(member, None)
    return state


if __name__ == "__main__":
    record(version("pulumi-thegrid"))
