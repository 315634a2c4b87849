"""Writes a file whole or not at all, and reads one more than once."""

import io
import os
import re
import secrets
import select
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.private_files import FILE_MODE, FOLDER_MODE, NO_LINK, NO_WAIT, is_foreign_link, kind_of, make_folder

if sys.platform != "win32":
    import fcntl

#: What the name of a file ends in until it is whole.
PART = ".part"

#: Hexadecimal digits before it, which nobody can guess and so nobody can have put something in the place of.
_DIGITS = 16

#: Bytes of the name before them; file systems take 255 in all.
_BYTES = 200

#: Seconds that a pipe may take until somebody writes to it.
_WAIT = 30.0

#: Bytes of a pipe that are kept in memory until it is read again; more go into a file that has no name.
_IN_MEMORY = 8 * 1024 * 1024


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only when the block has ended without an error, for its owner alone to read.

    Until then it is ``<name>.<16 digits>.part`` beside it, so a process that is killed leaves the file that was there
    before, and the next call removes what it left. A file that is replaced hands on its mode; a link stays, and what
    it leads to is replaced. What is no file, such as a pipe or a device, is written to as it is. On POSIX systems no
    two processes write the same file at a time.

    Args:
        path: The name it is to have.

    Raises:
        ValidationError: It cannot be written, or somebody else's link stands there.
    """
    try:
        with _opened(path) as file:
            yield file
    except OSError as error:
        raise ValidationError(
            f"cannot be written ({error.strerror}).", field=str(path), remedy="Check the folder, its rights and space."
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if is_foreign_link(path):
        raise ValidationError(
            "is a link that somebody else made.", field=str(path), remedy="Remove it, or name another file."
        )
    kind = kind_of(path)  # First, as it tells links that lead in a circle.
    number = _descriptor(path)
    if number is not None or kind is not None:
        with os.fdopen(_at(path) if number is None else os.dup(number), "wb") as open_file:
            yield open_file
        return
    path = path.resolve()
    _clear(path)
    part = _part_of(path)
    mode = os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(part, mode, FILE_MODE), "w+b")
    try:
        _lock(file)
        yield file
        file.flush()
        os.fsync(file.fileno())
        _hand_on_mode(path, file)
        _release_early(file)
        part.replace(path)
    except BaseException:
        _release_early(file)
        part.unlink(missing_ok=True)
        raise
    finally:
        file.close()


def _descriptor(path: Path) -> int | None:
    """The number of what this process has open already and a path such as ``/dev/stdout`` leads to."""
    while path.is_symlink():
        folder = path.parent.resolve()
        if folder == Path(f"/proc/{os.getpid()}/fd"):
            return int(path.name)
        path = folder / path.readlink()
    return None


def _at(path: Path) -> int:
    """What is no file, open to be written to."""
    kind = kind_of(path)
    if kind == "a directory" or stat.S_ISBLK(path.stat().st_mode):
        raise ValidationError(f"is {kind}.", field=str(path), remedy="Name a file; one that is missing is made.")
    try:
        number = os.open(path, os.O_WRONLY | NO_WAIT | getattr(os, "O_NOCTTY", 0))
    except OSError as error:
        if kind != "a pipe":
            raise
        raise ValidationError(
            "is a pipe that nobody reads.", field=str(path), remedy="Start what reads it first."
        ) from error
    os.set_blocking(number, True)
    return number


def _hand_on_mode(path: Path, file: BinaryIO) -> None:
    """Give a new file the mode of our own that it replaces, which somebody may have opened to others on purpose."""
    if sys.platform == "win32":
        return
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
        os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode) & 0o777)


def _lock(file: BinaryIO) -> None:
    """Tell other processes that a file is being written."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _release_early(file: BinaryIO) -> None:
    """Close a file where an open one can be neither renamed nor removed; elsewhere that would give up the lock."""
    if sys.platform == "win32":
        file.close()


def _clear(path: Path) -> None:
    """Remove what killed processes left of a file; what is not certainly theirs stays.

    Raises:
        ValidationError: Another process is writing the file.
    """
    for left in unfinished(path):
        try:
            with os.fdopen(os.open(left, os.O_RDWR | NO_LINK | NO_WAIT), "r+b") as file:
                if not _is_ours_alone(os.fstat(file.fileno())):
                    continue
                _lock(file)
                _release_early(file)
                left.unlink(missing_ok=True)
        except BlockingIOError:
            raise ValidationError(
                "is being written by another export.", field=str(path), remedy="Wait for it, or name another file."
            ) from None
        except OSError:
            continue


def _part_of(path: Path) -> Path:
    """What a file or folder is called until it is whole."""
    return path.with_name(f"{_beginning(path)}.{secrets.token_hex(_DIGITS // 2)}{PART}")


def _beginning(path: Path) -> str:
    return os.fsdecode(os.fsencode(path.name)[:_BYTES])


def unfinished(path: Path) -> list[Path]:
    """What bears such a name, sorted; nothing where the folder cannot be looked into."""
    pattern = re.compile(rf"{re.escape(_beginning(path))}\.[0-9a-f]{{{_DIGITS}}}{re.escape(PART)}", re.DOTALL)
    try:
        return sorted(other for other in path.parent.iterdir() if pattern.fullmatch(other.name))
    except OSError:
        return []


def _is_ours_alone(found: os.stat_result) -> bool:
    """Whether it is a file as we make them, and has no other name."""
    owned = sys.platform == "win32" or (found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == FILE_MODE)
    return owned and stat.S_ISREG(found.st_mode) and found.st_nlink == 1


@contextmanager
def written_folder(path: Path) -> Iterator[Path]:
    """A folder that takes its name only when the block has ended without an error, for its owner alone to read.

    Until then it is ``<name>.<16 digits>.part`` beside it, made anew for this call; it goes with all that is in it
    where the block fails, and what killed processes left goes with the next call. Nothing else is touched.

    Args:
        path: The name it is to have, which must be free.

    Raises:
        OSError: It cannot be made, or something has the name by now.
    """
    for left in unfinished(path):
        with suppress(OSError), _held(left):
            shutil.rmtree(left)
    part = _part_of(path)
    make_folder(part.parent)
    part.mkdir(FOLDER_MODE)
    try:
        with _held(part):
            yield part
            part.rename(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep other processes from taking a folder of ours for one that a killed process left.

    Raises:
        OSError: It is held already, or is not a folder as we make them.
    """
    if sys.platform == "win32":
        yield
        return
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | NO_LINK)
    try:
        found = os.fstat(number)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o777 != FOLDER_MODE:
            raise PermissionError(f"{folder} was made by another program.")
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def spooled(path: Path) -> BinaryIO:
    """What a pipe or the like gives, which can be read only once, as a file that can be read again and has no name."""
    # Opening waits for nobody: a thread that did could not be stopped.
    with os.fdopen(os.open(path, os.O_RDONLY | NO_WAIT), "rb") as file:
        if sys.platform != "win32":
            if not select.select([file], [], [], _WAIT)[0]:
                raise ValidationError(
                    "is a pipe that nobody writes to.", field=str(path), remedy="Start what writes to it first."
                )
            os.set_blocking(file.fileno(), True)
        kept: BinaryIO = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[assignment] # noqa: SIM115 - lives on
        shutil.copyfileobj(file, kept)
    return kept


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
