"""A memory as it stands in a file: checked, with an id that is the same at every reading."""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import BLANK, Account
from coda_graphmem.memories.draft import read_entry
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.moments import parse_time
from coda_graphmem.validation.types import Namespace

#: Characters of the longest line that is read: the longest memory, written in escapes, is shorter.
LONGEST_LINE = 1 << 24


@dataclass(frozen=True, slots=True)
class Record:
    """One memory of a file."""

    memory: dict[str, Any]
    """What `MemoryManager.store_memories_batch` takes; always with a ``memory_id``."""
    namespace: str | None = None
    """The tenant the file names; None where it names none."""
    once: bool = False
    """Whether its id stands for what it says, so that one that is stored already is passed over unread. False for an
    id that the file gave: the store compares, and refuses other words under the same id."""
    place: str = field(default="", compare=False)
    """Where it stands, for messages."""
    document: str | None = None
    """The document that it is a section of, as its ``conversation_id`` and ``metadata["source"]`` say it; None for
    anything else."""


@dataclass(slots=True)
class RecordMaker:
    """Checks memories of one file and gives an id to those that have none.

    The id is a digest of the memory itself, so a line keeps its id when others are added before it,
    and reading the file again stores nothing twice. Lines that are equal in everything are told
    apart by how many of them came before.
    """

    source: str
    """Name of the file, for messages."""
    account: Account = field(default_factory=Account)
    """Where what becomes of its lines and messages is counted."""
    _seen: Counter[bytes] = field(default_factory=Counter)

    def make(
        self, place: int | str, memory: Mapping[str, Any], namespace: str | None = None, *, once: bool = False
    ) -> Record:
        """Check one memory.

        Args:
            place: Where it stands in the file: a line, from 1, or words such as ``conversation 3``.
            memory: What `MemoryManager.store_memories_batch` takes.
            namespace: The tenant the file names.
            once: What `Record.once` says, for a memory that has an id; true for one that gets its id here.

        Raises:
            ValidationError: It is not acceptable; the field names file and line.
        """
        values = {key: value for key, value in memory.items() if value is not None}
        try:
            read_entry(values, "")
            if namespace is not None:
                check(Namespace, namespace, "namespace")
        except ValidationError as error:
            raise self.fault(place, f"{error.field or ''} {error.message}".strip(), error.remedy) from None
        if "memory_id" in values:
            return Record(values, namespace, once, self.place(place))
        written = json.dumps([namespace, values], sort_keys=True, ensure_ascii=False, default=str)
        key = hashlib.blake2b(written.encode(), digest_size=16).digest()
        self._seen[key] += 1
        memory_id = digest(self._seen[key], written)
        return Record(values | {"memory_id": memory_id}, namespace, True, self.place(place))

    def time(self, place: int | str, value: Any) -> float | None:
        """A time that stands in the file, as seconds since the Unix epoch or ISO 8601; None where there is none.

        Raises:
            ValidationError: It is neither; the field names file and line.
        """
        try:
            return None if value is None else parse_time(value)
        except ValidationError as error:
            raise self.fault(place, f"{error.field}: {error.message}", error.remedy) from None

    def decoded(self, lines: Iterable[str]) -> Iterator[str]:
        """The lines of the file without marks of the byte order.

        Raises:
            ValidationError: One is not UTF-8 or longer than `LONGEST_LINE`; the field names file and line.
        """
        number = 0
        if isinstance(lines, io.TextIOBase):
            lines = iter(partial(lines.readline, LONGEST_LINE + 1), "")
        try:
            for number, line in enumerate(lines, start=1):
                if len(line) > LONGEST_LINE:
                    raise self.fault(number, f"has more than {LONGEST_LINE:,} characters.", "Split it into several.")
                yield line.removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise self.fault(number + 1, "or one soon after it is not UTF-8.", "Save the file as UTF-8.") from None

    def place(self, place: int | str) -> str:
        """What a message calls a part of the file."""
        return f"{self.source}, {f'line {place}' if isinstance(place, int) else place}"

    def fault(self, place: int | str, message: str, remedy: str | None) -> ValidationError:
        """The error for a part of the file that cannot be used."""
        return ValidationError(message, field=self.place(place), remedy=remedy)


def digest(*parts: object) -> str:
    """An id that follows from its parts."""
    return hashlib.blake2b(" ".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def read_lines(
    lines: Iterable[str],
    source: str,
    convert: Callable[[RecordMaker, int, dict[str, Any]], Record],
    account: Account | None = None,
) -> Iterator[Record]:
    """Turn lines of JSON into records; empty lines are passed over.

    Args:
        lines: The file.
        source: Its name, for messages.
        convert: Makes a record of one line's object.
        account: Where lines are counted.

    Raises:
        ValidationError: A line is not a JSON object, or ``convert`` refused it.
    """
    maker = RecordMaker(source, account or Account())
    for number, line in enumerate(maker.decoded(lines), start=1):
        if text := line.strip():
            yield convert(maker, number, _parse_object(maker, number, text))
            maker.account.take("lines")
        else:
            maker.account.pass_over("lines", BLANK, maker.place(number))


def _parse_object(maker: RecordMaker, number: int, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply or a number too long"
        raise maker.fault(number, f"is not JSON ({reason}).", "Write one JSON object a line.") from None
    if not isinstance(value, dict):
        raise maker.fault(number, f"holds a {type(value).__name__}.", "Write one JSON object a line.")
    return value
