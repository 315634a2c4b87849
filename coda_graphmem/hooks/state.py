"""The folder of a daemon: whether it runs, under which port, and what is queued for it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coda_graphmem.hooks.project import home_folder
from coda_graphmem.private_files import FILE_MODE, NO_LINK, make_file, make_folder

if sys.platform != "win32":
    import fcntl
else:
    import msvcrt

#: Bytes that the log may have when a daemon starts.
_LOG = 1_000_000
#: Variables that say which memory is meant.
_MEANT = ("CODA_GRAPHMEM_", "NEO4J_")
_FOLDER = "CODA_GRAPHMEM_VECTOR_STORE__PERSIST_DIRECTORY"


@dataclass(frozen=True, slots=True)
class Address:
    """How a daemon is reached."""

    port: int
    """On the loopback interface."""
    token: str
    """What clients show, as every user of the machine reaches the port."""


class StateFolder:
    """A folder for its owner alone, one for each memory that hooks were set up for.

    Args:
        options: The options of the command, which with the environment say which memory that is.
    """

    def __init__(self, options: tuple[str, ...]) -> None:
        # Only its hash is kept: the environment may hold a password.
        key = hashlib.sha256(json.dumps([options, sorted(environment().items())]).encode()).hexdigest()[:16]
        self.folder = home_folder() / "hooks" / key
        self.notes = self.folder / "notes"
        self.progress = self.folder / "progress"
        self._address = self.folder / "address.json"

    def make(self) -> None:
        """Make the folder where it is missing.

        Raises:
            OSError: It cannot be made.
        """
        for folder in (self.notes, self.progress):
            make_folder(folder)

    def address(self) -> Address | None:
        """How the daemon is reached; None where none has been there."""
        try:
            held = json.loads(self._address.read_bytes())
            return Address(int(held["port"]), str(held["token"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def announce(self, address: Address) -> None:
        """Say how one is reached.

        Raises:
            OSError: It cannot be written.
        """
        write(self._address, json.dumps({"port": address.port, "token": address.token}).encode())

    def open_log(self) -> int:
        """The log of the daemon, open to be written on.

        Raises:
            OSError: It cannot be opened.
        """
        return os.open(self.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_LINK, FILE_MODE)

    def shorten_log(self) -> None:
        """Begin the log anew where it has grown large."""
        with contextlib.suppress(FileNotFoundError):
            log = self.folder / "log"
            if log.stat().st_size > _LOG:
                os.truncate(log, 0)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder as the only daemon of it, for as long as this lasts.

        Raises:
            OSError: Another one holds it.
        """
        path = self.folder / "lock"
        make_file(path)
        number = os.open(path, os.O_RDWR | NO_LINK)
        try:
            # Ends with the process, however that ends.
            if sys.platform != "win32":
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            else:
                msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            yield
        finally:
            os.close(number)


def environment() -> dict[str, str]:
    """The variables that say which memory is meant, with a folder that is the same from wherever it is looked for."""
    meant = {name: value for name, value in os.environ.items() if name.startswith(_MEANT)}
    if meant.get(_FOLDER):
        meant[_FOLDER] = os.path.abspath(meant[_FOLDER])  # noqa: PTH100
    return meant


def write(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, so that it is there whole or not at all, and stays.

    Raises:
        OSError: It cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    number = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_LINK, FILE_MODE)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
