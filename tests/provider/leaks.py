"""Whether a secret stands where it does not belong, in all that a test of the real CLI left behind.

That is the states and their history, what commands put out, the engine's events, settings of
stacks, programs, and the CLI's home. Secrets are those that the market handed out meanwhile, and
whatever a state marks as one, such as a trading key that the provider generated.
"""

import base64
import functools
import hashlib
import json
import re
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from thegrid_lab.evidence import places_of

ENGINE_LINES = re.compile(
    rb'^\{"time":"[^"]+","level":"INFO","msg":"(?:Unm|M)arshaling property for RPC\[.*"v":9\}$',
    re.MULTILINE,
)
"""At `-v=9` the engine logs every value that it sends or receives, whether it is marked or not."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ROUNDS = 1_000_000
SHORTEST = 16


class Watch:
    """Looks at what a test leaves in a workspace.

    Args:
        workspace: Where the CLI runs.
        handed_out: Every secret that the market has handed out so far; it grows.
        records: A folder for what the CLI puts out.

    Attributes:
        expected: What the test itself has put where it does not belong.
    """

    def __init__(self, workspace, handed_out, records):
        self._workspace, self._handed_out = workspace, handed_out
        self._before = len(handed_out)
        self._there = set(workspace.folder.iterdir()) - {workspace.folder / "home"}
        workspace.records.folder = self._records = records
        self.expected = []

    def secrets(self):
        passphrase = self._workspace.environment["PULUMI_CONFIG_PASSPHRASE"]
        marked = {it for folder in self._left() for it in marked_secrets(folder, passphrase)}
        return marked.union(self._handed_out[self._before :])

    def places(self, *, passing_over=ENGINE_LINES):
        """Return the names of the files that hold a secret in plain, quoted or in base64."""
        secrets = self.secrets()
        return sorted(
            Path(place).name
            for folder in (*self._left(), self._records)
            for place in places_of(secrets, folder, passing_over=passing_over)
        )

    def _left(self):
        return [it for it in self._workspace.folder.iterdir() if it not in self._there]


def marked_secrets(folder, passphrase):
    """Decrypt every text that a state below a folder holds encrypted."""
    found = set()
    for file in folder.glob(".pulumi/**/*.json*"):
        stored = json.loads(file.read_text())
        latest = stored.get("checkpoint", {}).get("latest") or {}
        salt = latest.get("secrets_providers", {}).get("state", {}).get("salt")
        if salt:
            key = key_of(passphrase, salt.split(":")[1])
            values = (json.loads(decrypted(key, it)) for it in ciphertexts(latest))
            found |= {it for it in values if isinstance(it, str) and len(it) >= SHORTEST}
    return found


def ciphertexts(value):
    match value:
        case {"ciphertext": text, **rest} if rest.get(SIGNATURE) == SECRET:
            yield text
        case dict():
            for each in value.values():
                yield from ciphertexts(each)
        case list():
            for each in value:
                yield from ciphertexts(each)


@functools.cache
def key_of(passphrase, salt):
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(salt), ROUNDS)


@functools.cache
def decrypted(key, text):
    version, nonce, data = text.split(":")
    assert version == "v1"
    return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(data), None)
