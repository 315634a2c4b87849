"""A memory as it stands in a file: checked, with an id that is the same at every reading."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.recording.draft import check_batch


@dataclass(frozen=True, slots=True)
class Record:
    """One memory of a file."""

    memory: dict[str, Any]
    """What `MemoryManager.store_memories_batch` takes; always with a ``memory_id``."""
    namespace: str | None = None
    """The tenant the file names; None where it names none."""


@dataclass(slots=True)
class RecordMaker:
    """Checks memories of one file and gives an id to those that have none.

    The id is a digest of the memory itself, so a line keeps its id when others are added before it,
    and reading the file again stores nothing twice. Lines that are equal in everything are told
    apart by how many of them came before.
    """

    source: str
    """Name of the file, for messages."""
    _seen: Counter[str] = field(default_factory=Counter)

    def make(self, line: int, memory: Mapping[str, Any], namespace: str | None = None) -> Record:
        """Check one memory.

        Args:
            line: Where it stands in the file, from 1.
            memory: What `MemoryManager.store_memories_batch` takes.
            namespace: The tenant the file names.

        Raises:
            ValidationError: It is not acceptable; the field names file and line.
        """
        values = {key: value for key, value in memory.items() if value is not None}
        try:
            check_batch([values])
        except ValidationError as error:
            name = (error.field or "").removeprefix("memories[0]").lstrip(".")
            raise self.fault(line, f"{name} {error.message}".strip(), error.remedy) from None
        if "memory_id" not in values:
            written = json.dumps([namespace, values], sort_keys=True, ensure_ascii=False, default=str)
            self._seen[written] += 1
            digest = hashlib.blake2b(f"{self._seen[written]} {written}".encode(), digest_size=16)
            values["memory_id"] = digest.hexdigest()
        return Record(values, namespace)

    def fault(self, line: int, message: str, remedy: str | None) -> ValidationError:
        """The error for a line that cannot be used."""
        return ValidationError(message, field=f"{self.source}, line {line}", remedy=remedy)


def read_lines(
    lines: Iterable[str], source: str, convert: Callable[[RecordMaker, int, dict[str, Any]], Record]
) -> Iterator[Record]:
    """Turn lines of JSON into records; empty lines are passed over.

    Args:
        lines: The file.
        source: Its name, for messages.
        convert: Makes a record of one line's object.

    Raises:
        ValidationError: A line is not a JSON object, or ``convert`` refused it.
    """
    maker = RecordMaker(source)
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            text = line.removeprefix("\ufeff").strip()
            if text:
                yield convert(maker, number, _parse_object(maker, number, text))
    except UnicodeDecodeError:
        raise maker.fault(number + 1, "or one soon after it is not UTF-8.", "Save the file as UTF-8.") from None


def _parse_object(maker: RecordMaker, number: int, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply or a number too long"
        raise maker.fault(number, f"is not JSON ({reason}).", "Write one JSON object a line.") from None
    if not isinstance(value, dict):
        raise maker.fault(number, f"holds a {type(value).__name__}.", "Write one JSON object a line.")
    return value
