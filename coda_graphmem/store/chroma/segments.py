"""The files in which Chroma keeps an index of vectors."""

import os
import struct
from pathlib import Path

#: The beginning of ``header.bin``: version, offset, room for how many vectors, how many there are, bytes for each.
_HEADER = struct.Struct("<iQQQQ")

_VERSION = 1

#: Bytes that ``length.bin`` has for each vector.
_LENGTH = 4


def blank_spare_room(folder: Path) -> None:
    """Overwrite with zeros what the files of an index hold beyond its vectors; nobody has them open meanwhile.

    Chroma writes room for vectors to come as it finds it in memory: with whatever the process has used that memory for,
    such as texts that are removed by now. Files of another make than the one known here stay as they are.

    Raises:
        OSError: They cannot be read or written.
    """
    header = folder / "header.bin"
    if not header.is_file():
        return
    with header.open("rb") as file:
        beginning = file.read(_HEADER.size)
    if len(beginning) < _HEADER.size:
        return
    version, _, room, number, size = _HEADER.unpack(beginning)
    if version == _VERSION and number <= room:
        _blank(folder / "data_level0.bin", number * size, room * size)
        _blank(folder / "length.bin", number * _LENGTH, room * _LENGTH)


def _blank(path: Path, start: int, end: int) -> None:
    if start < end and path.is_file() and path.stat().st_size == end:
        with path.open("r+b") as file:
            file.seek(start)
            file.write(bytes(end - start))
            file.flush()
            os.fsync(file.fileno())
