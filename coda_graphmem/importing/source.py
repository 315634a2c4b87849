"""Finds out what a file is and reads it as records, as often as it is asked to."""

import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Self, TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import Account
from coda_graphmem.importing.beir import CORPUS, read_beir
from coda_graphmem.importing.chatgpt import read_chatgpt
from coda_graphmem.importing.chats import USER, Chat, name_of, records_of
from coda_graphmem.importing.claude import read_claude
from coda_graphmem.importing.documents import DOCUMENT, NO_MARKDOWN, path_of, read_documents
from coda_graphmem.importing.graphiti import read_graphiti
from coda_graphmem.importing.json_items import read_items
from coda_graphmem.importing.jsonl import read_jsonl
from coda_graphmem.importing.knowledge_graph import read_knowledge_graph
from coda_graphmem.importing.langgraph import read_langgraph
from coda_graphmem.importing.letta import read_letta
from coda_graphmem.importing.markdown import is_note, read_markdown
from coda_graphmem.importing.mem0 import read_mem0
from coda_graphmem.importing.notes import read_notes
from coda_graphmem.importing.pdf import PdfReader
from coda_graphmem.importing.recognition import beginning_of, recognise
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.importing.slack import DAY, read_slack
from coda_graphmem.importing.telegram import read_telegram
from coda_graphmem.importing.transcript import read_transcript
from coda_graphmem.importing.whatsapp import is_whatsapp, read_whatsapp
from coda_graphmem.importing.zep import read_zep
from coda_graphmem.models import ImportFormat
from coda_graphmem.transfer.lines import Header, read_line
from coda_graphmem.transfer.parts import Part, alone, copied, kept, left_in, parts_of
from coda_graphmem.transfer.vault_lines import Vault, vault_of

#: Texts of a folder that are looked at to find chats among them.
_TEXTS = 1000

_READERS: dict[str, Callable[[dict[str, Any]], Chat]] = {"chatgpt": read_chatgpt, "claude": read_claude}

#: What reads the memories of other programs.
_MEMORIES: dict[str, Callable[[TextIO, RecordMaker], Iterator[Record]]] = {
    "mem0": read_mem0,
    "langgraph": read_langgraph,
    "knowledge-graph": read_knowledge_graph,
}
#: The same of those that keep conversations as well.
_TALKS: dict[str, Callable[[Callable[[], TextIO], RecordMaker, str, str], Iterator[Record]]] = {
    "zep": read_zep,
    "letta": read_letta,
}

#: What files of an export are called, in the order in which they are looked for.
_NAMES: dict[str, re.Pattern[str]] = {
    "conversations": re.compile(r"(?:^|/)conversations(?:-\d+)?\.json$"),
    "telegram": re.compile(r"(?:^|/)result\.json$"),
    "slack": DAY,
    "whatsapp": re.compile(r"(?:^|/)[^/.][^/]*\.txt$"),
    "letta": re.compile(r"\.af$"),
    # But what programs keep for themselves in hidden folders.
    "markdown": re.compile(r"^(?!.*/\.)[^.].*\.(?:md|markdown)$"),
    "documents": DOCUMENT,
}
#: What files are called that are read alone, where the caller says what they are.
_TEXT = re.compile(r"\.(?:txt|md|markdown)$")
_JSON = re.compile(r"\.(?:json|jsonl|ndjson|af)$")
_TOLD = {
    **{"transcript": _TEXT, "notes": _TEXT, "jsonl": re.compile(r"\.(?:jsonl|ndjson)$")},
    **dict.fromkeys(("mem0", "langgraph", "knowledge-graph", "zep", "graphiti", "letta"), _JSON),
}
#: Which of them a format is in.
_FILES_OF = {"chatgpt": "conversations", "claude": "conversations"}
OTHER_FILE = "no part of this export"
OTHER_KIND = "neither Markdown nor text nor PDF"


#: What a shell hands over by a number, which is no name.
_HANDED_OVER = re.compile(r"/dev/(?:stdin|fd/\d+)|/proc/[^/]+/fd/\d+")


class Source:
    """Memories to be imported. Iterating reads the file anew each time, one memory after another.

    Recognised by what they hold (but notes, `coda_graphmem.importing.notes`, which a caller names): JSON lines
    (`coda_graphmem.importing.jsonl`), BEIR folders (`coda_graphmem.importing.beir`), transcripts
    (`coda_graphmem.importing.transcript`), chats of WhatsApp (`coda_graphmem.importing.whatsapp`), folders of Markdown
    (`coda_graphmem.importing.markdown`) and of other documents, PDF among them
    (`coda_graphmem.importing.documents`), the exports of ChatGPT, Claude, Telegram and Slack, and the memories of mem0,
    Zep, Graphiti, Letta, LangGraph and the Model Context Protocol's memory server: a file, the folder it is in, or the
    ZIP archive as it was downloaded.

    Args:
        path: A file, a folder or a ZIP archive by its path; or an open binary file such as standard input, which is
            read at once, as are pipes.
        format: What it is, where the caller knows better.
        me: Name of whoever talked with an assistant; the export of a chat says ``User``.
        speakers: Who speaks in a transcript; empty to find out.

    Raises:
        ValidationError: It cannot be read or is none of these. Iterating raises it for what is in it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        *,
        format: ImportFormat = "auto",  # noqa: A002 - the word everybody uses
        me: str = USER,
        speakers: Sequence[str] = (),
    ) -> None:
        path = _place(path)
        self.name = path.name if isinstance(path, Path) else "standard input"
        self.account = Account()
        """What became of all that was read when this was last gone through."""
        self._me, self._speakers = me, tuple(speakers)
        self._remark = ""
        self._copy: BinaryIO | None = None
        self._pdfs = PdfReader()
        try:
            self._copy = copied(path) if isinstance(path, Path) else kept(path)
            self.file: Path | BinaryIO = self._copy or path
            """What is read: the path, or a copy of what can be read only once."""
            if isinstance(path, Path) and _HANDED_OVER.fullmatch(path.as_posix()):
                self.name = "standard input"
            found = parts_of(self.file, self.name)
            self._is_alone = found is None
            self._parts = [alone(self.file, self.name)] if found is None else found
            self._others: list[Part] = []
            self._told = format != "auto"
            self._vault: Vault | None = None
            self.format: ImportFormat = self._recognise(format, several=found is not None)
            if self._speakers and self.format != "transcript":
                raise ValidationError(
                    f"means nothing in {self.format}.",
                    field="speakers",
                    remedy="Leave it out; only transcripts need it.",
                )
        except OSError as error:
            self.close()
            raise _unreadable(path, error) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the copy of an open file, where one was made, and what PDF files said."""
        self._pdfs.close()
        if self._copy is not None:
            self._copy.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Record]:
        self.account.clear()
        try:
            yield from self._read()
        except OSError as error:
            raise _unreadable(self.name, error) from None

    @property
    def namespaces(self) -> int:
        """How many namespaces exported memories come from, as the file's first line says.

        Raises:
            ValidationError: It is no file of exported memories.
        """
        if self._vault is not None:
            return len(self._vault.headers)
        with self._parts[0].open() as file:
            header = read_line(file.readline().removeprefix("\ufeff"), f"{self.name}, line 1")
        if not isinstance(header, Header):
            raise ValidationError("does not begin with a header.", field=self.name, remedy="Export again.")
        return header.sections

    def _read(self) -> Iterator[Record]:
        if self.format == "beir":
            if not isinstance(self.file, Path):
                raise ValidationError("is no folder.", field=self.name, remedy="Name a BEIR folder.")
            yield from read_beir(self.file, self.account)
        elif self.format == "documents":
            yield from self._read_documents()
        elif self.format == "slack":
            yield from read_slack(self._parts, self._others, self.account, self._me)
        else:
            if self._remark:
                self.account.note(self._remark)
            for other in self._others:
                self.account.pass_over("files", OTHER_FILE, other.name)
            for part in self._parts:
                yield from self._read_part(part)
                if self._others:
                    self.account.take("files")

    def _read_documents(self) -> Iterator[Record]:
        for other in self._others:
            self.account.pass_over("files", OTHER_KIND, other.name)
        if isinstance(self.file, Path) and self.file.is_dir():
            for name, reason in left_in(self.file):
                self.account.pass_over("files", reason, name)
        try:
            yield from read_documents(
                self._parts, self._path_with_ending, self.account, self._pdfs, alone=self._is_alone
            )
        finally:
            self._pdfs.rest()

    def _read_part(self, part: Part) -> Iterator[Record]:
        maker = RecordMaker(part.name, self.account)
        if self.format == "transcript":
            yield from read_transcript(
                part.open,
                part.name,
                self._conversation(part),
                me=self._me,
                speakers=self._speakers,
                certain=self._told,
                account=self.account,
            )
        elif self.format == "whatsapp":
            yield from read_whatsapp(part.open, part.name, self._conversation(part), me=self._me, account=self.account)
        elif self.format == "notes":
            yield from read_notes(part.open, part.name, self._conversation(part), self.account)
        elif self.format == "jsonl":
            with part.open() as lines:
                yield from read_jsonl(lines, part.name, self.account)
        elif self.format == "markdown":
            yield from read_markdown(part, self._path(part), maker)
        elif self.format == "graphiti":
            yield from read_graphiti(part.open, maker)
        elif self.format in _MEMORIES:
            with part.open() as file:
                yield from _MEMORIES[self.format](file, maker)
        elif self.format in _TALKS:
            yield from _TALKS[self.format](part.open, maker, self._conversation(part), self._me)
        elif self.format == "telegram":
            with part.open() as file:
                yield from read_telegram(file, maker, self._conversation(part), self._me)
        elif self.format in _READERS:
            with part.open() as file:
                yield from _read_chats(read_items(file, part.name), maker, _READERS[self.format], self._me)
        else:
            raise ValidationError(
                "holds exported memories, not text to be remembered.",
                field=part.name,
                remedy="Use MemoryManager.import_memories, or coda-graphmem import.",
            )

    def _conversation(self, part: Part) -> str:
        """What a conversation is called that has no id of its own: as its file, or as its archive."""
        stem = PurePosixPath(part.name).stem
        if stem in ("_chat", "result"):
            stem = PurePosixPath(self.name).stem
        # A file that was downloaded again is called "name (1)".
        return name_of(re.sub(r"\s{0,3}\(\d{1,3}\)$", "", stem)) or "conversation"

    @cached_property
    def _before_paths(self) -> str:
        """What says nothing of a note in its name: that of an archive, and of the one folder that all is in there."""
        if isinstance(self.file, Path) and self.file.is_dir():
            return ""
        begins = f"{self.name}/"
        names = [part.name.removeprefix(begins) for part in self._parts]
        folders = {name.partition("/")[0] if "/" in name else "" for name in names}
        return begins + "".join(f"{folder}/" for folder in folders if folder and len(folders) == 1)

    def _path_with_ending(self, part: Part) -> str:
        """Where a document is in its folder."""
        return path_of(part.name.removeprefix(self._before_paths))

    def _path(self, part: Part) -> str:
        """Where a note is in its folder, without its ending."""
        path = part.name.removeprefix(self._before_paths)
        return name_of(str(PurePosixPath(path).with_suffix(""))) or "note"

    def _recognise(self, told: ImportFormat, *, several: bool) -> ImportFormat:
        """What this is; of several files, those that count are kept as its parts."""
        if several and told in ("auto", "export", "markdown"):
            self._vault = vault_of(self._parts, self.name)
            if self._vault is not None:
                return "export"
        if several and (told == "beir" or any(part.name == CORPUS for part in self._parts)):
            return "beir"
        if several:
            kind = self._choose(_FILES_OF.get(told, told))
            if kind in ("slack", "whatsapp", "letta", "markdown", "documents"):
                return kind if told == "auto" else told  # type: ignore[return-value] # both are formats
        if told != "auto":
            return told
        return recognise(self._parts[0], told=bool(self._speakers))

    def _choose(self, wanted: str) -> str:
        """Keep the files of an export; which kind of files these are."""
        wanted_names = _NAMES if wanted == "auto" else {wanted: (_NAMES | _TOLD).get(wanted, re.compile("(?!)"))}
        for kind, pattern in wanted_names.items():
            found = [part for part in self._parts if pattern.search(part.name) and "__MACOSX/" not in part.name]
            if kind == "whatsapp" and wanted == "auto":
                found = [part for part in found[:_TEXTS] if is_whatsapp(io.StringIO(beginning_of(part)))]
            if kind in ("conversations", "telegram"):
                found = _nearest(found)
            if kind == "markdown" and wanted == "auto" and not self._are_notes(found):
                continue
            if found:
                names = {part.name for part in found}
                self._others = [part for part in self._parts if part.name not in names]
                self._parts = found
                return kind
        raise ValidationError(
            f"holds neither {CORPUS} nor conversations.json, result.json, days of Slack, a chat of WhatsApp or "
            "documents."
            if wanted == "auto"
            else f"holds nothing of the format {wanted}.",
            field=self.name,
            remedy="Name a BEIR folder, the export of a chat program as it was downloaded, or a file.",
        )

    def _are_notes(self, found: Sequence[Part]) -> bool:
        """Whether files of Markdown are notes: there is no other document, or one of them says so itself."""
        others = [part.name for part in self._parts if NO_MARKDOWN.search(part.name) and DOCUMENT.search(part.name)]
        if not others:
            return True
        are = any(is_note(beginning_of(part)) for part in found[:_TEXTS])
        if are and found:
            self._remark = (
                f"{len(others):,} files of text and PDF are passed over, as {self.name} is a folder of notes: "
                "--format documents takes them."
            )
        return are


def _nearest(parts: Sequence[Part]) -> list[Part]:
    """Those in the fewest folders: what lies deeper belongs to something else."""
    least = min((part.name.count("/") for part in parts), default=0)
    return [part for part in parts if part.name.count("/") == least]


def _place(value: str | os.PathLike[str] | BinaryIO) -> Path | BinaryIO:
    if isinstance(value, str | os.PathLike):
        return Path(value)
    if isinstance(value, io.TextIOBase) or not hasattr(value, "read"):
        raise ValidationError(
            f"must be a path or an open binary file, not {type(value).__name__}.",
            field="path",
            remedy="Pass a path, or open the file with 'b'.",
        )
    return value


def _unreadable(path: object, error: OSError) -> ValidationError:
    return ValidationError(
        f"cannot be read ({error.strerror or type(error).__name__}).", field=str(path), remedy="Check it."
    )


def _read_chats(
    items: Iterator[dict[str, Any]], maker: RecordMaker, read: Callable[[dict[str, Any]], Chat], me: str
) -> Iterator[Record]:
    for number, item in enumerate(items, start=1):
        place = f"conversation {number}"
        try:
            chat = read(item)
        except ValidationError as error:
            raise maker.fault(place, error.message, error.remedy) from None
        yield from records_of(chat, place, maker, me)
