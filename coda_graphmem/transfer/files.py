"""Writes a file whole or not at all, and reads one more than once."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from coda_graphmem.errors import ValidationError

if sys.platform != "win32":
    import fcntl

#: What the name of a file ends in until it is whole.
PART = ".part"


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only when the block has ended without an error.

    Until then it is ``<name>.part`` beside it, so a process that is killed leaves the file that was there before, and
    the next call begins anew. On POSIX systems no two processes write the same one at a time.

    Args:
        path: The name it is to have; a file of that name is replaced.

    Raises:
        ValidationError: It cannot be written.
    """
    part = path.with_name(path.name + PART)
    try:
        file = _claimed(part, path)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _release_early(file)
            part.replace(path)
        except BaseException:
            _release_early(file)
            part.unlink(missing_ok=True)
            raise
        finally:
            file.close()
    except OSError as error:
        raise ValidationError(
            f"cannot be written ({error.strerror}).", field=str(path), remedy="Check the folder, its rights and space."
        ) from error


def _release_early(file: BinaryIO) -> None:
    """Close a file where an open one can be neither renamed nor removed; elsewhere that would give up the lock."""
    if sys.platform == "win32":
        file.close()


def _claimed(part: Path, path: Path) -> BinaryIO:
    """The unfinished file, empty, and ours alone."""
    while True:
        file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                raise ValidationError(
                    "is being written by another export.", field=str(path), remedy="Wait for it, or name another file."
                ) from None
            # Whoever held the lock before may have given the file its name by now: then this one is theirs.
            if not _is(file, part):
                file.close()
                continue
        file.truncate(0)
        return file


def _is(file: BinaryIO, path: Path) -> bool:
    """Whether an open file is the one of this name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def reopened(file: BinaryIO) -> Callable[[], TextIO]:
    """What reads an open file from its beginning each time, as text in UTF-8, and leaves it open."""

    def opened() -> TextIO:
        file.seek(0)
        return _Borrowed(file, encoding="utf-8")

    return opened


class _Borrowed(io.TextIOWrapper):
    """Text of a file that somebody else closes."""

    def close(self) -> None:
        if not self.closed:
            self.detach()
