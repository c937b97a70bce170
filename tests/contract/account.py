"""The real account that the contract is held against, if one is named.

`THEGRID_CONTRACT_PROFILE=environment` takes addresses and credentials from `THEGRID_PLATFORM_URL`,
`THEGRID_TRADING_URL`, `THEGRID_CONSUMPTION_URL`, `THEGRID_MESSAGES_URL`, `THEGRID_ACCESS_TOKEN` and
`THEGRID_API_KEY`; addresses that are not set are production's. No token is ever refreshed: log in
before.
"""

import os

from tests.contract.venues import Access, Addresses

from thegrid.client import Endpoints

VARIABLE = "THEGRID_CONTRACT_PROFILE"
FROM_ENVIRONMENT = "environment"


def chosen_account(environment=os.environ):
    """Addresses and credentials of the account that is named, None if none is."""
    name = environment.get(VARIABLE)
    if not name:
        return None
    if name != FROM_ENVIRONMENT:
        raise ValueError(f"{VARIABLE}: must be {FROM_ENVIRONMENT}")
    return _from_environment(environment)


def _from_environment(environment):
    hosts = ("platform", "trading", "consumption", "messages")
    said = {host: environment.get(f"THEGRID_{host.upper()}_URL") for host in hosts}
    endpoints = Endpoints(**{host: url for host, url in said.items() if url})
    access = Access(
        access_token=environment.get("THEGRID_ACCESS_TOKEN"),
        api_key=environment.get("THEGRID_API_KEY"),
    )
    return _addresses(endpoints), access


def _addresses(endpoints):
    return Addresses(
        platform=endpoints.platform + endpoints.platform_prefix,
        trading=endpoints.trading,
        consumption=endpoints.consumption,
        messages=endpoints.messages,
    )
