"""The floor of a rotation: make a key, store it, test it, swap it in, and nothing else."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from thegrid.core.secret import Secret
from thegrid_lab.emulator_process import Emulator
from thegrid_operator.kube import SECRET, Json, Kube
from thegrid_operator.outside import Outside


class Bare:
    """Rotations by the operator's own clients, with nothing decided, watched or remembered.

    Args:
        kube: The API server.
        market: The market.
        namespace: Where its Secrets are.
        count: How many there are.
    """

    def __init__(self, kube: Kube, market: Emulator, namespace: str, count: int) -> None:
        self._kube = kube
        self._endpoints = market.endpoints
        self._outside = Outside()
        self._client = self._outside.client(market.endpoints, Secret(market.access_token))
        self._pairs = [
            (
                self._made(namespace, f"{count}-{it}-companion"),
                self._made(namespace, f"{count}-{it}"),
            )
            for it in range(count)
        ]

    def _made(self, namespace: str, name: str) -> Json:
        metadata = {"name": f"bare-{name}", "namespace": namespace}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        return self._kube.create(SECRET, namespace, body)

    def rotate(self, number: int, *, lists: bool = False) -> None:
        """Rotate one.

        Args:
            number: Which.
            lists: Whether the keys are listed first; many rotations at once share one listing.
        """
        if lists:
            self._client.list_consumption_keys()
        expires_at = datetime.now(UTC) + timedelta(days=61)
        minted = self._client.create_consumption_key(f"bare {number}", expires_at)
        text = minted.secret.reveal()
        companion, target = self._pairs[number]
        companion = self._kube.patch(SECRET, companion, _holding(text))
        if not self._outside.accepts(self._endpoints, minted.secret):
            raise RuntimeError("the market does not accept a new key")
        self._pairs[number] = companion, self._kube.patch(SECRET, target, _holding(text))


def _holding(text: str) -> Json:
    return {"data": {"OPENAI_API_KEY": base64.b64encode(text.encode()).decode()}}
