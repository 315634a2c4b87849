"""The files of an input, each opened as text: one alone, those of a folder, or the members of a ZIP archive.

Whatever is wrong with an archive is one error of ours with the member's name, and what it may unfold to is bounded.
"""

import io
import os
import shutil
import stat
import struct
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, TextIO

from typing_extensions import Buffer

from coda_graphmem.errors import ValidationError
from coda_graphmem.transfer.files import reopened

#: Folders below the one that is named in which files are looked for.
_DEPTH = 12
#: Bytes of what can be read only once that are kept in memory; more go to a temporary file.
_IN_MEMORY = 1 << 24
#: What a member may unfold to: any size up to the first, and above it so many times its own.
_ANY_SIZE, _RATIO = 1 << 24, 200
#: Ways of packing that Python unpacks: none, deflate, bzip2 and LZMA.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
#: Why a link is left: to a folder, to a file elsewhere, or to nothing.
_LINK = "a link that is not followed"
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
#: What the standard library raises for archives that are damaged. LZMA's error is looked up by its base.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError),
    *(struct.error, ValueError, IndexError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or one in a folder or an archive."""

    name: str
    """What messages call it."""
    open: Callable[[], TextIO]
    """Opens it from its beginning."""

    def whole(self, longest: int) -> str:
        """All of it, with the ends of its lines as they are.

        Args:
            longest: Characters that are read at most.

        Raises:
            ValidationError: It has more, or is not UTF-8.
        """
        with self.open() as file:
            if isinstance(file, io.TextIOWrapper):
                file.reconfigure(newline="")
            try:
                text = file.read(longest + 1)
            except UnicodeDecodeError:
                raise ValidationError("is not UTF-8 text.", field=self.name, remedy="Save it as UTF-8.") from None
        if len(text) > longest:
            raise ValidationError(
                f"has more than {longest:,} characters.", field=self.name, remedy="Split it into several."
            )
        return text


def copied(path: Path) -> BinaryIO | None:
    """A copy of what can be read only once (a pipe, a terminal), that can be read again; None for other paths.

    Raises:
        ValidationError: It is a device or a socket.
    """
    mode = path.stat().st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    if not stat.S_ISFIFO(mode) and not stat.S_ISCHR(mode):
        raise ValidationError("is neither a file nor a folder.", field=str(path), remedy="Name one.")
    with path.open("rb") as stream:
        if stat.S_ISCHR(mode) and not stream.isatty() and not os.path.samestat(os.fstat(stream.fileno()), _null()):
            raise ValidationError("is a device without an end.", field=str(path), remedy="Name a file.")
        return kept(stream)


def _null() -> os.stat_result:
    return Path(os.devnull).stat()


def kept(stream: BinaryIO) -> BinaryIO:
    """What can be read only once, as a file that can be read again."""
    copy: BinaryIO = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[assignment] # noqa: SIM115 - lives on
    shutil.copyfileobj(stream, copy)
    return copy


def parts_of(file: Path | BinaryIO, name: str) -> list[Part] | None:
    """The files of a folder or an archive, by their paths in it; None where the input is one file.

    Raises:
        ValidationError: It is an archive that cannot be read.
        OSError: It cannot be opened.
    """
    if isinstance(file, Path) and file.is_dir():
        return [Part(found.relative_to(file).as_posix(), partial(_open, found)) for found in _files(file)]
    if _is_archive(file):
        return _Archive(file, name).parts()
    return None


def alone(file: Path | BinaryIO, name: str) -> Part:
    """The part of an input that is one file."""
    return Part(name, partial(_open, file) if isinstance(file, Path) else reopened(file))


def _open(path: Path) -> TextIO:
    return path.open(encoding="utf-8")


def left_in(folder: Path) -> list[tuple[str, str]]:
    """What a folder holds and `parts_of` leaves there: paths in it, each with the reason."""
    return [(found.relative_to(folder).as_posix(), reason) for found, reason in _found(folder) if reason]


def _files(folder: Path) -> Iterator[Path]:
    return (found for found, reason in _found(folder) if not reason)


def _found(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files up to some folders deep, in the order of their names, each with the reason why it is left; empty for none.

    Links to folders are not followed, nor are those that lead to files elsewhere: whoever made the folder may have laid
    them. Folders that are hidden (``.obsidian``, ``.git``) are what programs keep for themselves.
    """
    root = folder.resolve()
    unread: list[tuple[Path, str]] = []

    def failed(error: OSError) -> None:
        unread.append((Path(error.filename), f"unreadable ({error.strerror or type(error).__name__})"))

    for place, folders, names in os.walk(folder, onerror=failed):
        inside = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if len(inside.relative_to(folder).parts) == _DEPTH:
            yield from ((inside / name, f"more than {_DEPTH} folders deep") for name in folders)
            folders.clear()
        yield from ((inside / name, _LINK) for name in folders if (inside / name).is_symlink())
        for name in sorted(names):
            file = inside / name
            if file.is_symlink() and not (file.is_file() and file.resolve().is_relative_to(root)):
                yield file, _LINK
            else:
                yield file, "" if file.is_file() else "no file"
    yield from unread


def _is_archive(file: Path | BinaryIO) -> bool:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            begins = opened.read(4)
    else:
        file.seek(0)
        begins = file.read(4)
    # What is attached to a PDF may be an archive at the end of it.
    return begins in _SIGNATURES or (begins != b"%PDF" and zipfile.is_zipfile(file))


class _Archive:
    """A ZIP archive, opened once for all its members."""

    def __init__(self, file: Path | BinaryIO, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGE:
            raise ValidationError(
                "is an archive that is damaged or was cut off.", field=name, remedy="Download or copy it again."
            ) from None
        # It is closed with the last of its parts, also where an error that was raised goes round in a circle with them.
        weakref.finalize(self, self._zip.close)

    def parts(self) -> list[Part]:
        """Its files."""
        return [
            Part(f"{self._name}/{member.filename}", partial(self._open, member))
            for member in self._zip.infolist()
            if not member.is_dir()
        ]

    def _open(self, member: zipfile.ZipInfo) -> TextIO:
        if member.flag_bits & 1:
            raise self._fault(member, "is encrypted.", "Unpack the archive with its password, and name the folder.")
        if member.compress_type not in _METHODS:
            raise self._fault(
                member,
                f"is packed in a way that is not supported (method {member.compress_type}).",
                "Unpack the archive, and name the folder.",
            )
        if member.file_size > max(_ANY_SIZE, _RATIO * member.compress_size):
            raise self._fault(
                member,
                f"would unfold to {member.file_size:,} bytes, more than {_RATIO} times its size.",
                "Unpack the archive, and name the folder, if you trust it.",
            )
        damage = self._fault(member, "is damaged.", "Download or copy the archive again.")
        try:
            return io.TextIOWrapper(io.BufferedReader(_Member(self._zip.open(member), damage)), encoding="utf-8")
        except _DAMAGE:
            raise damage from None

    def _fault(self, member: zipfile.ZipInfo, message: str, remedy: str) -> ValidationError:
        return ValidationError(message, field=f"{self._name}/{member.filename}", remedy=remedy)


class _Member(io.RawIOBase):
    """The bytes of a member, whose faults are one error of ours.

    Args:
        member: Opened.
        damage: What is raised where it cannot be read on.
    """

    def __init__(self, member: IO[bytes], damage: ValidationError) -> None:
        self._member = member
        self._damage = damage

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._member.read(len(view))
        except Exception as error:
            # LZMAError has no base of its own, and is imported only with its library.
            if isinstance(error, _DAMAGE) or type(error).__name__ == "LZMAError":
                raise self._damage from None
            raise
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._member.close()
        super().close()
