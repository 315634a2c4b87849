"""Finds out what a file is and reads it as records, as often as it is asked to."""

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Self, TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.beir import CORPUS, read_beir
from coda_graphmem.importing.chatgpt import is_chatgpt, read_chatgpt
from coda_graphmem.importing.chats import USER, Chat, records_of
from coda_graphmem.importing.claude import is_claude, read_claude
from coda_graphmem.importing.json_items import read_items
from coda_graphmem.importing.jsonl import read_jsonl
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.importing.transcript import has_turns, read_transcript
from coda_graphmem.models import ImportFormat
from coda_graphmem.transfer.files import reopened
from coda_graphmem.transfer.lines import Header, is_header, read_line

#: Names of the files with conversations in an export of ChatGPT or Claude; large ones come in several.
_CONVERSATIONS = re.compile(r"(?:^|/)conversations(?:-\d+)?\.json$")
#: Characters looked at to tell what a file is.
_HEAD = 1 << 16
#: Bytes of standard input kept in memory; more go to a temporary file.
_IN_MEMORY = 1 << 24

_READERS: dict[str, Callable[[dict[str, Any]], Chat]] = {"chatgpt": read_chatgpt, "claude": read_claude}


@dataclass(frozen=True, slots=True)
class _Part:
    """A file, or one in an archive."""

    name: str
    open: Callable[[], TextIO]


class Source:
    """Memories to be imported. Iterating reads the file anew each time, one memory after another.

    Recognised by what they hold: JSON lines (`coda_graphmem.importing.jsonl`), BEIR folders
    (`coda_graphmem.importing.beir`), transcripts (`coda_graphmem.importing.transcript`), and the exports of ChatGPT
    and Claude: the file ``conversations.json``, the folder it is in, or the ZIP archive as it was downloaded
    (`coda_graphmem.importing.chatgpt`, `coda_graphmem.importing.claude`).

    Args:
        path: A file, a folder or a ZIP archive; or an open file such as standard input, which is read at once.
        format: What it is, where the caller knows better.
        me: Name of whoever talked with an assistant; the export of a chat says ``User``.
        speakers: Who speaks in a transcript; empty to find out.

    Raises:
        ValidationError: It cannot be read or is none of these. Iterating raises it for what is in it.
    """

    def __init__(
        self,
        path: Path | BinaryIO,
        *,
        format: ImportFormat = "auto",  # noqa: A002 - the word everybody uses
        me: str = USER,
        speakers: Sequence[str] = (),
    ) -> None:
        self.name = path.name if isinstance(path, Path) else "standard input"
        self.file = path if isinstance(path, Path) else _kept(path)
        """What is read: the path, or a copy of the open file that can be read again."""
        self._me, self._speakers = me, tuple(speakers)
        try:
            self._parts = _parts(self.file, beir=format == "beir")
            self.format: ImportFormat = _recognise(self._parts, self.file) if format == "auto" else format
            if self._speakers and self.format != "transcript":
                raise ValidationError(
                    f"means nothing in {self.format}.",
                    field="speakers",
                    remedy="Leave it out; only transcripts need it.",
                )
        except OSError as error:
            self.close()
            raise ValidationError(f"cannot be read ({error.strerror}).", field=str(path), remedy="Check it.") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the copy of an open file, where one was made."""
        if not isinstance(self.file, Path):
            self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Record]:
        if self.format == "beir":
            if not isinstance(self.file, Path):
                raise ValidationError("is no folder.", field=self.name, remedy="Name a BEIR folder.")
            yield from read_beir(self.file)
            return
        for part in self._parts:
            yield from self._read(part)

    @property
    def namespaces(self) -> int:
        """How many namespaces exported memories come from, as the file's first line says.

        Raises:
            ValidationError: It is no file of exported memories.
        """
        with self._parts[0].open() as file:
            header = read_line(file.readline().removeprefix("\ufeff"), f"{self.name}, line 1")
        if not isinstance(header, Header):
            raise ValidationError("does not begin with a header.", field=self.name, remedy="Export again.")
        return header.sections

    def _read(self, part: _Part) -> Iterator[Record]:
        if self.format == "transcript":
            conversation = Path(part.name).stem
            yield from read_transcript(part.open, part.name, conversation, me=self._me, speakers=self._speakers)
        elif self.format == "jsonl":
            with part.open() as lines:
                yield from read_jsonl(lines, part.name)
        elif self.format in _READERS:
            yield from _read_chats(part, _READERS[self.format], self._me)
        else:
            raise ValidationError(
                "holds exported memories, not text to be remembered.",
                field=part.name,
                remedy="Use MemoryManager.import_memories, or coda-graphmem import.",
            )


def _read_chats(part: _Part, read: Callable[[dict[str, Any]], Chat], me: str) -> Iterator[Record]:
    maker = RecordMaker(part.name)
    with part.open() as file:
        for number, item in enumerate(read_items(file, part.name), start=1):
            place = f"conversation {number}"
            try:
                chat = read(item)
            except ValidationError as error:
                raise maker.fault(place, error.message, error.remedy) from None
            yield from records_of(chat, place, maker, me)


def _parts(path: Path | BinaryIO, *, beir: bool) -> list[_Part]:
    """The files to read."""
    if not isinstance(path, Path):
        return [_Part("standard input", reopened(path))]
    if path.is_dir():
        if beir or (path / CORPUS).is_file():
            return [_Part(CORPUS, partial((path / CORPUS).open, encoding="utf-8"))]
        names = sorted(entry for entry in path.iterdir() if _CONVERSATIONS.search(entry.name))
        if not names:
            raise ValidationError(
                f"holds neither {CORPUS} nor conversations.json.",
                field=str(path),
                remedy="Name a BEIR folder, the unpacked export of a chat program, or a file.",
            )
        return [_Part(entry.name, partial(entry.open, encoding="utf-8")) for entry in names]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = sorted(name for name in archive.namelist() if _CONVERSATIONS.search(name))
        if not members:
            raise ValidationError(
                "is an archive without conversations.json.",
                field=str(path),
                remedy="Use the archive as ChatGPT or Claude exported it, or unpack it and name a file.",
            )
        return [_Part(f"{path.name}/{name}", partial(_open_member, path, name)) for name in members]
    return [_Part(path.name, partial(path.open, encoding="utf-8"))]


def _recognise(parts: Sequence[_Part], path: Path | BinaryIO) -> ImportFormat:
    if isinstance(path, Path) and path.is_dir() and parts[0].name == CORPUS:
        return "beir"
    first = parts[0]
    with first.open() as file:
        try:
            head = file.read(_HEAD)
        except UnicodeDecodeError:
            raise ValidationError("is not UTF-8 text.", field=first.name, remedy="Save it as UTF-8.") from None
    start = head.lstrip("\ufeff \t\r\n")
    line = start.split("\n", 1)[0]
    if is_header(line):
        return "export"
    if re.match(r"\[\s*[{\]]|\{", start):
        return _recognise_json(first, start)
    if has_turns(head.splitlines()):
        return "transcript"
    if not start:
        return "jsonl"
    raise ValidationError(
        "is of no kind that is known.",
        field=first.name,
        remedy="Known are JSON lines, BEIR folders, transcripts, and exports of ChatGPT, Claude and this package; "
        "--format says which it is.",
    )


def _recognise_json(part: _Part, start: str) -> ImportFormat:
    """What a file is that begins with an object, or a list of them."""
    is_list = start.startswith("[")
    try:
        with part.open() as file:
            item = next(read_items(file, part.name), None)
    except ValidationError:
        if is_list:
            raise
        return "jsonl"  # whose reader says in which line the fault is
    if item is None or is_chatgpt(item):
        return "chatgpt" if is_list or item else "jsonl"
    if is_claude(item):
        return "claude"
    if not is_list:
        return "jsonl"
    raise ValidationError(
        "is a list of objects that are no conversations of ChatGPT or Claude.",
        field=part.name,
        remedy="Write one JSON object a line instead of a list.",
    )


def _open_member(path: Path, name: str) -> TextIO:
    return io.TextIOWrapper(zipfile.ZipFile(path).open(name), encoding="utf-8")


def _kept(stream: BinaryIO) -> BinaryIO:
    """What can be read only once, as a file that can be read again."""
    kept: BinaryIO = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[assignment] # noqa: SIM115 - lives on
    shutil.copyfileobj(stream, kept)
    return kept
