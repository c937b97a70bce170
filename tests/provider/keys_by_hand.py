"""An account's keys in the hands of a person who does not use Pulumi."""

from tests.emulation import settle

from thegrid.client import Client, Endpoints, SigningKey
from thegrid.core.secret import Secret


class Keys:
    """An account's keys of one kind, made, revoked and listed by its own login."""

    def __init__(self, name, access, market):
        addresses = (market.platform, market.trading, market.consumption, market.messages)
        self.client = Client(Endpoints(*addresses), Secret(access.access_token))
        self.is_for_trading = name == "TradingKey"
        self.market = market

    def make(self, public_key=None, name="by hand"):
        if self.is_for_trading:
            public_key = public_key or SigningKey.generate().public_key
            return self.client.create_trading_key(name, public_key).id
        return self.client.create_consumption_key(name).key.id

    def revoke(self, key_id):
        if self.is_for_trading:
            self.client.revoke_trading_key(key_id)
        else:
            self.client.revoke_consumption_key(key_id)

    def live(self):
        settle(self.market)
        listed = (
            self.client.list_trading_keys()
            if self.is_for_trading
            else self.client.list_consumption_keys().keys
        )
        return {key.id for key in listed if key.is_live(self.market.now())}
