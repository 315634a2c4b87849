"""Files that SQLite has open in this process, and how to look into one without harm.

POSIX drops all locks that a process has on a file once it closes any descriptor of it, one that SQLite knows nothing of
included. Others would then take a file for unused that is in use here, and at their end remove the log that holds what
was written last. So a file that SQLite has open is opened by nothing else.
"""

from collections import Counter
from pathlib import Path

from coda_graphmem.forks import Lock

_Key = tuple[int, int]

_LOCK = Lock()
_HELD: Counter[_Key] = Counter()


def hold(path: Path) -> _Key | None:
    """Note that SQLite is about to open a file; what `release` takes, None where it is not there."""
    with _LOCK:
        key = _key_of(path)
        if key is not None:
            _HELD[key] += 1
        return key


def release(key: _Key | None) -> None:
    """Note that a connection to a file was closed."""
    with _LOCK:
        if key is not None:
            _HELD[key] -= 1
            if _HELD[key] <= 0:
                del _HELD[key]


def beginning(path: Path, count: int) -> bytes | None:
    """The first bytes of a file; None where SQLite has it open here, and so has looked at them.

    Raises:
        OSError: It cannot be read.
    """
    with _LOCK:
        if _key_of(path) in _HELD:
            return None
        with path.open("rb") as file:
            return file.read(count)


def _key_of(path: Path) -> _Key | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
