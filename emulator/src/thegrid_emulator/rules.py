"""The numbers by which the emulated market runs, all of which a test may choose."""

from dataclasses import dataclass, fields
from decimal import Decimal

_FEE_DECIMALS = 8

_MAY_BE_ZERO = ("device_poll_seconds",)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Limits and lifetimes.

    Attributes:
        platform_requests_per_minute: requests to the Platform API that one credential may make in
            a window of a minute.
        trading_requests_per_minute: the same for the Trading API.
        inference_requests_per_minute: the same for each Consumption host and for the gateway.
        orders_per_second: order writes that one user may make in one market, in the long run and
            in one burst.
        daily_calls_without_deposit: inference calls in a day of UTC for an account into which no
            money has been paid; None for no such cap. Production's figure is 100.
        revoke_on_refresh_reuse: whether a refresh token that comes a second time ends the whole
            login (RFC 9700, section 4.14.2).
        refresh_keeps_its_token: whether a refresh token stays good and its answer brings no other,
            as integrations have seen.
        device_code_seconds: how long a device login may wait for its approval.
        device_poll_seconds: the shortest time between two polls; 0 allows any.
        access_token_seconds: lifetime of an access token.
        refresh_token_seconds: lifetime of a refresh token.
        signed_url_seconds: how long the target of an inference redirect can be called.
        cursor_seconds: how long a listing's cursor can be followed.
        listings_lose_their_cursor: whether a listing that has more rows says so without a cursor
            that leads to them, as production sometimes does.
        usual_answer_tokens: tokens of an answer that are held for a call which sets no limit.
        receipt_seconds: how long after the end of a call its cost becomes known.
        lot_seconds: how long units live in consumption.
        fee_rate: share of a trade's value that its buyer pays on top, with up to 8 places.
        house_account: whether a house account offers supply in every market.
        sweeps: whether all units move to consumption every four hours.
        two_way_transfers: whether units may go back from consumption to trading.

    Raises:
        ValueError: if a value is negative, or zero where only the poll interval may be.
    """

    platform_requests_per_minute: int = 100
    trading_requests_per_minute: int = 100
    inference_requests_per_minute: int = 60
    orders_per_second: int = 7
    daily_calls_without_deposit: int | None = None
    revoke_on_refresh_reuse: bool = False
    refresh_keeps_its_token: bool = False
    device_code_seconds: int = 900
    device_poll_seconds: int = 5
    access_token_seconds: int = 3600
    refresh_token_seconds: int = 30 * 24 * 3600
    signed_url_seconds: int = 60
    cursor_seconds: int = 900
    listings_lose_their_cursor: bool = False
    usual_answer_tokens: int = 4096
    receipt_seconds: int = 10
    lot_seconds: int = 4 * 3600
    fee_rate: Decimal = Decimal(0)
    house_account: bool = True
    sweeps: bool = False
    two_way_transfers: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            smallest = 0 if field.name in _MAY_BE_ZERO else 1
            if type(value) is int and value < smallest:
                raise ValueError(f"{field.name}: must be at least {smallest}")
        within = self.fee_rate.is_finite() and 0 <= self.fee_rate <= 1
        if not within or self.fee_rate != round(self.fee_rate, _FEE_DECIMALS):
            raise ValueError(f"fee_rate: must be from 0 to 1 with up to {_FEE_DECIMALS} places")
