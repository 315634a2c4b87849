"""Reads a vault of `coda_graphmem.transfer.vault` as the lines of an export, which are then brought back like any."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pydantic

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryVersion
from coda_graphmem.transfer.front_matter import split_front_matter
from coda_graphmem.transfer.line_values import HeaderValues, fault
from coda_graphmem.transfer.lines import (
    KIND,
    MARK,
    End,
    Header,
    Line,
    check_version,
    read_line,
    with_earlier,
    write_end,
    write_header,
    write_values,
)
from coda_graphmem.transfer.memory_note import LONGEST, MemoryNote, read_note, read_time
from coda_graphmem.transfer.parts import Part, parts_of
from coda_graphmem.transfer.vault import INDEX

#: Characters of an index, which names all namespaces.
_LONGEST_INDEX = 10_000_000

#: Bytes of the lines that are kept in memory; more go into files that have no name.
_IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Vault:
    """What was exported as Markdown."""

    name: str
    notes: list[Part]
    headers: list[Header]
    memories: list[int | None]
    """How many notes each namespace has; None where that is not to be checked."""


def open_vault(file: Path | BinaryIO, name: str) -> Vault | None:
    """The vault that a folder or an archive is; None for a file, which holds lines.

    Args:
        file: The folder, the archive or the file.
        name: Its name, for messages.

    Raises:
        ValidationError: It holds no vault, or the index is damaged or newer.
        OSError: It cannot be read.
    """
    parts = parts_of(file, name)
    if parts is None:
        return None
    vault = vault_of(parts, name)
    if vault is None:
        kind = "a directory" if isinstance(file, Path) and file.is_dir() else "an archive"
        raise ValidationError(
            f"is {kind} that holds no {INDEX}.", field=name, remedy="Name a folder, archive or file that was exported."
        )
    return vault


def vault_of(parts: list[Part], name: str) -> Vault | None:
    """The vault that files are; None where they are another one's.

    Args:
        parts: The files of a folder or an archive.
        name: Its name, for messages.

    Raises:
        ValidationError: The index is damaged or newer.
    """
    found = [part for part in parts if part.name == INDEX or part.name.endswith(f"/{INDEX}")]
    if not found:
        return None
    index = min(found, key=lambda part: part.name.count("/"))
    text = index.whole(_LONGEST_INDEX)
    if MARK not in text:
        return None
    head, _ = split_front_matter(text, index.name)
    if head.get(MARK) != KIND:
        return None
    check_version(head, index.name)
    inside = index.name.removesuffix(INDEX)
    notes = [part for part in parts if part.name.endswith(".md") and part.name.startswith(inside) and part is not index]
    headers, memories = [], []
    listed = head.get("namespaces")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise _damaged(index.name, "namespaces", "is not a list of what the vault holds.")
    for one in listed:
        memories.append(one.get("memories"))
        if not isinstance(memories[-1], int | None) or isinstance(memories[-1], bool):
            raise _damaged(index.name, "memories", "is not a number.")
        headers.append(_header(one, head, len(listed), index.name))
    return Vault(name, notes, headers, memories)


def _header(values: dict[str, Any], head: dict[str, Any], sections: int, place: str) -> Header:
    known = {key: value for key, value in values.items() if key in ("namespace", "embedding_model", "dimension")}
    known |= {"sections": sections, "exported_at": read_time(head.get("exported_at"))}
    try:
        return Header(**vars(HeaderValues.model_validate(known)), version=head["version"])
    except pydantic.ValidationError as error:
        raise fault(error, place) from None


def vault_lines(vault: Vault) -> BinaryIO:
    """The lines of a vault, checked, as a file that has no name.

    Memory does not grow with the vault but for some bytes a note.

    Raises:
        ValidationError: A note is damaged, or one is missing; the field names it.
        OSError: It cannot be read.
    """
    numbers = {header.namespace: number for number, header in enumerate(vault.headers)}
    places: list[list[tuple[int, str, int, int]]] = [[] for _ in vault.headers]
    seen: dict[tuple[int, str], str] = {}
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as unordered:
        for part in vault.notes:
            note = read_note(part.whole(LONGEST), part.name)
            if note is None:
                continue
            number = numbers.get(note.namespace)
            if number is None:
                raise _damaged(part.name, "namespace", "is none that the vault holds.")
            lines = _checked(note, part.name, vault.headers[number])
            other = seen.setdefault((number, note.lines[-1]["memory_id"]), part.name)
            if other != part.name:
                raise ValidationError(
                    f"is that of {other}.", field=f"{part.name}, memory_id", remedy="Remove the copy of the note."
                )
            places[number].append((note.arrival, part.name, unordered.tell(), len(lines)))
            unordered.write(lines)
        ordered: BinaryIO = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[assignment] # noqa: SIM115 - lives on
        try:
            for header, expected, found in zip(vault.headers, vault.memories, places, strict=True):
                _check_number(vault.name, header.namespace, expected, len(found))
                ordered.write(write_header(header).encode())
                for _, _, start, length in sorted(found):
                    unordered.seek(start)
                    ordered.write(unordered.read(length))
                ordered.write(write_end(End(header.namespace, len(found))).encode())
        except BaseException:
            ordered.close()
            raise
    return ordered


def _check_number(name: str, namespace: str, expected: int | None, found: int) -> None:
    if expected not in (None, found):
        raise ValidationError(
            f"holds {found:,} of the {expected:,} memories of {namespace}.",
            field=name,
            remedy="Copy all of it again. Where notes were removed on purpose, take the number of memories out of the "
            f"head of {INDEX}.",
        )


def _checked(note: MemoryNote, place: str, header: Header) -> bytes:
    """The lines of a note, of which each can be read."""
    lines = list(_written(note, place))
    read = [read_line(line, place, header.dimension) for line in lines]
    *earlier, last = read
    versions = [one for one in earlier if isinstance(one, MemoryVersion)]
    if not isinstance(last, Line) or len(versions) < len(earlier):
        raise _damaged(place, "memory_id", "is not that of a memory.")
    with_earlier(last, versions, place)
    return "".join(lines).encode()


def _written(note: MemoryNote, place: str) -> Iterator[str]:
    for values in note.lines:
        try:
            yield write_values(values)
        except (ValueError, RecursionError):
            raise _damaged(place, "its values", "hold a number that is not finite.") from None


def _damaged(place: str, what: str, message: str) -> ValidationError:
    return ValidationError(message, field=f"{place}, {what}", remedy="Undo the change of this note, or export again.")
