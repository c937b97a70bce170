"""The numbers by which the emulated market runs, all of which a test may choose."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Limits and lifetimes.

    Attributes:
        requests_per_minute: requests allowed per credential and surface in a window of a minute.
            Production's figures are lower and not published for every route.
        device_code_seconds: how long a device login may wait for its approval.
        device_poll_seconds: the shortest time between two polls; 0 allows any.
        access_token_seconds: lifetime of an access token.
        refresh_token_seconds: lifetime of a refresh token.
        signed_url_seconds: how long the target of an inference redirect can be called.

    Raises:
        ValueError: if a value is negative, or zero where only the poll interval may be.
    """

    requests_per_minute: int = 6000
    device_code_seconds: int = 900
    device_poll_seconds: int = 5
    access_token_seconds: int = 3600
    refresh_token_seconds: int = 30 * 24 * 3600
    signed_url_seconds: int = 60

    def __post_init__(self) -> None:
        for field in fields(self):
            smallest = 0 if field.name == "device_poll_seconds" else 1
            if getattr(self, field.name) < smallest:
                raise ValueError(f"{field.name}: must be at least {smallest}")
