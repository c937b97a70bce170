"""TLS with a certificate of a test authority that is made anew at every start."""

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class Authority:
    """A certificate authority that nobody trusts until told to, and its one server certificate.

    Args:
        file: where its own certificate is kept.
        names: host names and addresses that the server certificate is good for, besides the
            loopback ones.

    Attributes:
        file: its own certificate in PEM, for clients to trust.
        server_context: what a listener speaks TLS with.
    """

    def __init__(self, file: Path, *names: str) -> None:
        self.file = file
        self.server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._founded = trustme.CA()
        self._founded.cert_pem.write_to_path(str(file))
        self._names: tuple[str, ...] = ()
        self.vouch_for(*LOOPBACK_NAMES, *names)

    def vouch_for(self, *names: str) -> None:
        """Let the server certificate be good for these names too, in handshakes from now on.

        Listeners need no word of it: a context shows the certificate that it loaded last.
        """
        wanted = tuple(dict.fromkeys((*self._names, *names)))
        if wanted != self._names:
            self._founded.issue_cert(*wanted).configure_cert(self.server_context)
            self._names = wanted


@contextmanager
def authority(*names: str) -> Iterator[Authority]:
    """Found an authority for the length of a block; its file is gone afterwards.

    Args:
        names: host names and addresses that its server certificate is good for, besides the
            loopback ones.
    """
    with tempfile.TemporaryDirectory(prefix="thegrid-emulator-") as folder:
        yield Authority(Path(folder) / "authority.pem", *names)
