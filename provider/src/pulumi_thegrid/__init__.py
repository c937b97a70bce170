"""The Grid in Pulumi programs: keys that rotate themselves, and the settings of an account.

What belongs here: one file per resource, with its typed arguments. What does not: how a resource
lives (`_lifecycles`), what is pickled (`_providers`), and what Pulumi does not promise to keep
(`_engine`).
"""

from pulumi_thegrid.account_settings import AccountSettings
from pulumi_thegrid.consumption_key import ConsumptionKey
from pulumi_thegrid.intent import Intent
from pulumi_thegrid.provider import Provider
from pulumi_thegrid.stack_identity import StackIdentity
from pulumi_thegrid.trading_key import TradingKey

__all__ = ["AccountSettings", "ConsumptionKey", "Intent", "Provider", "StackIdentity", "TradingKey"]
