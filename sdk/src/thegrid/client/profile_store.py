"""The profile file on the disk: where it is, and how it is read, locked and replaced.

The file holds refresh tokens, each of which works once. So whoever changes it holds the lock beside
it, reads it again, and puts a whole new file in its place (POSIX `rename`); a reader without the
lock sees the old file or the new one, never a part. The vendor's client takes no lock.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import filelock

from thegrid.client.errors import Misuse, Unreachable
from thegrid.client.profile_file import ProfileFile

FILE_VARIABLE = "GRID_CREDENTIALS_FILE"
LONGEST_WAIT_SECONDS = 180.0
"""Longer than a refresh with all its retries may take, so that only a stuck program is given up."""


class ProfileStore:
    """The file of profiles of one user. Safe for several threads and processes.

    Args:
        path: The file, which need not exist.
        longest_wait: Seconds to wait for another program that is changing the file.
    """

    def __init__(self, path: Path, *, longest_wait: float = LONGEST_WAIT_SECONDS) -> None:
        self.path = path
        self._longest_wait = longest_wait

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> ProfileStore:
        """Find the file as the vendor's client does.

        Args:
            environ: The environment variables; `GRID_CREDENTIALS_FILE` names another file.

        Returns:
            The store.

        Raises:
            Misuse: The user has no home directory.
        """
        try:
            named = environ.get(FILE_VARIABLE)
            if named:
                return cls(Path(named).expanduser())
            home = environ.get("HOME")
            return cls((Path(home) if home else Path.home()) / ".grid-cli" / "credentials.json")
        except RuntimeError:
            raise Misuse(f"there is no home directory; name the file in {FILE_VARIABLE}") from None

    @property
    def note_path(self) -> Path:
        """Return where a refresh that is under way is noted."""
        return self._beside(".refreshing")

    def read(self) -> ProfileFile:
        """Read the file; one that is missing has no profiles.

        Raises:
            Misuse: It cannot be read, or is no profile file.
        """
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            text = ""
        except UnicodeDecodeError:
            raise Misuse(f"{self.path}: not UTF-8 text") from None
        except OSError as problem:
            raise Misuse(f"{self.path}: cannot be read ({problem.strerror})") from None
        return ProfileFile.parse(self.path, text)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock for a block; the directory is made if it is not there.

        Raises:
            Misuse: The directory or the lock cannot be written.
            Unreachable: Another program did not let go of the lock.
        """
        lock = filelock.FileLock(self._beside(".lock"), timeout=self._longest_wait, mode=0o600)
        try:
            self._make_directory()
            lock.acquire()
        except filelock.Timeout:
            raise Unreachable(
                f"{lock.lock_file}: another program has held this lock for "
                f"{self._longest_wait:g} s; end it and try again"
            ) from None
        except OSError as problem:
            raise Misuse(f"{lock.lock_file}: cannot be locked ({problem.strerror})") from None
        try:
            yield
        finally:
            lock.release()

    def write(self, file: ProfileFile) -> None:
        """Replace the file, readable by its owner alone. Call it with the lock held.

        Raises:
            Misuse: It cannot be written.
        """
        try:
            replace_privately(self._real_path, file.text())
        except OSError as problem:
            raise Misuse(f"{self.path}: cannot be written ({problem.strerror})") from None

    @property
    def _real_path(self) -> Path:
        """Follow a symbolic link, which a rename would put the file in the place of."""
        return Path(os.path.realpath(self.path))

    def _beside(self, suffix: str) -> Path:
        real = self._real_path
        return real.with_name(real.name + suffix)

    def _make_directory(self) -> None:
        """Make the directory for its owner alone; one that is there is the user's to decide on."""
        directory = self._real_path.parent
        if not directory.is_dir():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def replace_privately(path: Path, text: str) -> None:
    """Put a file in place, whole and durable, with mode 0600.

    Args:
        path: Where it shall be.
        text: Its content.

    Raises:
        OSError: It cannot be written; what was there before is untouched.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as temporary:
            temporary.write(text)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)  # or the rename itself could be lost with the power
    finally:
        os.close(directory)
