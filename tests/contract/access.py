"""What callers show to be recognised by."""

import uuid
from dataclasses import dataclass, field

from tests.contract.keys import KeyPair

CREDENTIALS = {
    "platform": ["bearer"],
    "trading": ["signature", "bearer"],
    "consumption": ["bearer key", "bearer"],
    "messages": ["x-api-key"],
    "gateway": [],
}
"""What each surface expects to be shown; of several, the first that the caller has."""


@dataclass
class Access:
    """What a caller can show.

    Attributes:
        user_id: whose it is, if that is known.
        may_manage_keys: whether keys that are missing can be made by the access token.
    """

    user_id: str | None = None
    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    key_pair: KeyPair | None = field(default=None, repr=False)
    may_manage_keys: bool = False

    @property
    def secrets(self):
        return {it for it in (self.access_token, self.refresh_token, self.api_key) if it}

    def shown(self, kinds, method, path, body, unix_seconds):
        """The headers that show the first of several kinds of credential that the caller has.

        Args:
            kinds: keys of `CREDENTIALS`' values, the preferred first.
            method: of the request.
            path: on the wire, without the query, as bytes.
            body: as bytes.
            unix_seconds: the market's time.
        """
        for kind in kinds:
            match kind:
                case "signature" if self.key_pair:
                    return self.key_pair.headers(method, path, body, unix_seconds)
                case "bearer" if self.access_token:
                    return {"authorization": f"Bearer {self.access_token}"}
                case "bearer key" if self.api_key:
                    return {"authorization": f"Bearer {self.api_key}"}
                case "x-api-key" if self.api_key:
                    return {"x-api-key": self.api_key}
        return {}


NOBODY = Access()


def stranger():
    """Credentials of the right form that nobody has issued."""
    made_up = f"{uuid.uuid4().hex}0123456789a"
    return Access(
        access_token=f"grid_at_{made_up}",
        refresh_token=f"grid_rt_{made_up}",
        api_key=made_up,
        key_pair=KeyPair.generate(),
    )
