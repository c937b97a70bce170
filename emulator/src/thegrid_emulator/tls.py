"""TLS with a certificate of a test authority that is made anew at every start."""

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Authority:
    """A certificate authority that nobody trusts until told to.

    Attributes:
        file: its own certificate in PEM, for clients to trust.
        server_context: what a listener speaks TLS with.
    """

    file: Path
    server_context: ssl.SSLContext


@contextmanager
def authority(*names: str) -> Iterator[Authority]:
    """Found an authority for the length of a block; its file is gone afterwards.

    Args:
        names: host names and addresses that its server certificate is good for, besides the
            loopback ones.
    """
    founded = trustme.CA()
    certificate = founded.issue_cert(*dict.fromkeys((*LOOPBACK_NAMES, *names)))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    with tempfile.TemporaryDirectory(prefix="thegrid-emulator-") as folder:
        file = Path(folder) / "authority.pem"
        founded.cert_pem.write_to_path(str(file))
        yield Authority(file, context)
