"""Memories as a folder of Markdown, or an archive of one: a vault that Obsidian opens.

::

    coda-graphmem.md                                    what it holds; imports are told by it
    default/conversations/trip.md                       a conversation, which shows its memories one below the other
    default/conversations/trip/2026-03-02 … (3f2a….).md a memory (`coda_graphmem.transfer.memory_note`)
    default/2026-03/2026-03-02 … (b604….).md            one of no conversation, by month
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Protocol

from coda_graphmem.errors import ValidationError
from coda_graphmem.memories.pages import Page
from coda_graphmem.models import LinkKind, Memory, MemoryLink
from coda_graphmem.private_files import FILE_MODE, make_folder
from coda_graphmem.store.protocol import StoredMemory
from coda_graphmem.times import iso_time
from coda_graphmem.transfer.files import written, written_folder
from coda_graphmem.transfer.front_matter import write_front_matter
from coda_graphmem.transfer.lines import KIND, MARK, VERSION, Header
from coda_graphmem.transfer.memory_note import linkable, write_note, write_time

#: The note that says what a vault holds.
INDEX = "coda-graphmem.md"

#: The ending of an archive.
ARCHIVE = ".zip"

#: Characters of a content in the name of its note, and bytes of any name of a file or folder without its ending.
_WORDS, _BYTES = 50, 180

#: What no system lets into the name of a file; what links cannot hold is taken out before.
_UNNAMABLE = re.compile(r'[\\/:*?"<>]+')

_LINKS = {LinkKind.SIMILAR_TO: "Similar to", LinkKind.POSSIBLY_OUTDATED_BY: "Possibly outdated by"}

#: The time that all members of an archive bear, so that equal memories make equal archives.
_MOMENT = (1980, 1, 1, 0, 0, 0)


class Place(Protocol):
    """Where the notes of a vault are written."""

    def put(self, name: str, text: str) -> None:
        """Write a note."""

    def append(self, name: str, text: str) -> None:
        """Write on at the end of a note, which is made where there is none."""


@contextmanager
def written_vault(target: Path | BinaryIO) -> Iterator[Place]:
    """A vault that takes its name only when the block has ended without an error.

    Args:
        target: A folder that is to be made; an archive where its name ends in ``.zip``; or an open file, which becomes
            an archive.

    Raises:
        ValidationError: It cannot be written, or the folder is there already.
    """
    with ExitStack() as stack:
        if not isinstance(target, Path):
            yield stack.enter_context(_archive(target))
        elif target.suffix.lower() == ARCHIVE:
            yield stack.enter_context(_archive(stack.enter_context(written(target))))
        else:
            if target.exists() or target.is_symlink():
                raise ValidationError(
                    "is there already.", field=str(target), remedy="Name a folder that is to be made, or a .zip file."
                )
            try:
                yield _Folder(stack.enter_context(written_folder(target)))
                stack.close()
            except OSError as error:
                raise ValidationError(
                    f"cannot be written ({error.strerror}).",
                    field=str(target),
                    remedy="Check the folder, its rights and space.",
                ) from error


class _Folder:
    """A folder, whose files are for their owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, text: str) -> None:
        self._write(name, text, "xb")

    def append(self, name: str, text: str) -> None:
        self._write(name, text, "ab")

    def _write(self, name: str, text: str, mode: str) -> None:
        path = self._folder / name
        make_folder(path.parent)
        with path.open(mode) as file:
            file.write(text.encode())
        path.chmod(FILE_MODE)


class _Archive:
    """An archive; notes that grow are in a folder until its end."""

    def __init__(self, archive: zipfile.ZipFile, folder: Path) -> None:
        self._archive = archive
        self._growing = _Folder(folder)
        self._folder = folder

    def put(self, name: str, text: str) -> None:
        member = zipfile.ZipInfo(name, _MOMENT)
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = FILE_MODE << 16
        self._archive.writestr(member, text.encode())

    def append(self, name: str, text: str) -> None:
        self._growing.append(name, text)

    def finish(self) -> None:
        """Put the notes that grew into the archive."""
        for path in sorted(self._folder.rglob("*.md")):
            self.put(path.relative_to(self._folder).as_posix(), path.read_bytes().decode())


@contextmanager
def _archive(file: BinaryIO) -> Iterator[Place]:
    with TemporaryDirectory(prefix="coda-graphmem-") as folder, zipfile.ZipFile(file, "w") as archive:
        place = _Archive(archive, Path(folder))
        yield place
        place.finish()


@dataclass(slots=True)
class VaultWriter:
    """Writes the notes of one namespace after another."""

    place: Place
    bytes: int = 0
    """Of all notes, before they are packed."""
    _headers: list[tuple[Header, int]] = field(default_factory=list)
    _folders: set[str] = field(default_factory=set)

    def begin(self, header: Header) -> None:
        """Begin a namespace."""
        self._headers.append((header, 0))

    def write(self, page: Page, others: Mapping[str, Memory]) -> None:
        """Write the notes of some memories of this namespace, and show them in their conversations.

        Args:
            page: The memories, in order of arrival, without vectors where none are wanted.
            others: The memories that these lead to, by id.
        """
        header, arrival = self._headers[-1]
        folder = _name(header.namespace)
        by_source = _by_source(page)
        shown: dict[str, list[str]] = {}
        for number, stored in enumerate(page.rows, start=arrival + 1):
            memory = stored.memory
            links = by_source.get(memory.memory_id, [])
            related = [(what, note_name(others[to])) for what, to in _leads(stored, links) if to in others]
            name = note_name(memory)
            text = write_note(stored, page.entities, links, namespace=header.namespace, arrival=number, related=related)
            self._put(f"{folder}/{_folder_of(memory)}/{name}.md", text)
            if memory.conversation_id is not None:
                shown.setdefault(memory.conversation_id, []).append(name)
        self._headers[-1] = header, arrival + len(page.rows)
        for conversation_id, names in shown.items():
            self._show(folder, conversation_id, names)

    def _show(self, folder: str, conversation_id: str, names: Sequence[str]) -> None:
        note = f"{folder}/conversations/{_name(conversation_id)}.md"
        if note not in self._folders:
            self._folders.add(note)
            self._append(note, write_front_matter({MARK: "conversation", "conversation_id": conversation_id}))
        self._append(note, "".join(f"\n![[{name}]]\n" for name in names))

    def _put(self, name: str, text: str) -> None:
        self.bytes += len(text.encode())
        self.place.put(name, text)

    def _append(self, name: str, text: str) -> None:
        self.bytes += len(text.encode())
        self.place.append(name, text)

    def end(self) -> None:
        """Write the note that says what all of it is."""
        first = self._headers[0][0]
        namespaces = [
            {
                key: value
                for key, value in asdict(header).items()
                if key in ("namespace", "embedding_model", "dimension")
            }
            | {"memories": memories}
            for header, memories in self._headers
        ]
        head = {MARK: KIND, "version": VERSION, "exported_at": write_time(first.exported_at), "namespaces": namespaces}
        lines = [f"- {memories:,} of {linkable(header.namespace)}" for header, memories in self._headers]
        text = "\n".join(
            [
                f"# Memories, {iso_time(first.exported_at)}",
                "",
                *lines,
                "",
                "`coda-graphmem import` brings this folder back as it is. Where notes were removed on purpose, take "
                "the numbers of `memories` out of the head of this note first.",
                "",
            ]
        )
        self._put(INDEX, write_front_matter(head) + text)


def leads_of(page: Page) -> list[str]:
    """Ids of the memories that those of a page lead to."""
    by_source = _by_source(page)
    leads = (_leads(stored, by_source.get(stored.memory.memory_id, [])) for stored in page.rows)
    return list(dict.fromkeys(memory_id for found in leads for _, memory_id in found))


def _leads(stored: StoredMemory, links: Sequence[MemoryLink]) -> list[tuple[str, str]]:
    """The memories that one leads to, each after what it is to this one."""
    found = [(_LINKS[link.kind], link.target_id) for link in links]
    into, by = stored.memory.consolidated_into, stored.replaced_by
    return found + [(what, to) for what, to in (("Merged into", into), ("Replaced by", by)) if to is not None]


def _by_source(page: Page) -> dict[str, list[MemoryLink]]:
    found: dict[str, list[MemoryLink]] = {}
    for link in page.links:
        found.setdefault(link.source_id, []).append(link)
    return found


def note_name(memory: Memory) -> str:
    """What the note of a memory is called, without its ending: its day, its first words, and a digest of its id."""
    words = _clean(memory.content[: 4 * _WORDS])[:_WORDS].rstrip(" .")
    mark = _digest(memory.memory_id)
    return " ".join(filter(None, (iso_time(memory.timestamp)[:10], words, f"({mark})")))


def _folder_of(memory: Memory) -> str:
    if memory.conversation_id is not None:
        return f"conversations/{_name(memory.conversation_id)}"
    return iso_time(memory.timestamp)[:7]


def _name(text: str) -> str:
    """An id as the name of a folder; one that cannot be one as it is has a digest, so that no two become one."""
    clean = _clean(text)
    short = clean.encode()[:_BYTES].decode(errors="ignore").strip(" .")
    return short if short == text else f"{short} ({_digest(text)})".strip()


def _clean(text: str) -> str:
    """A text without what names of files and links cannot hold, not hidden, and not ending in a dot."""
    return linkable(_UNNAMABLE.sub(" ", text)).strip(" .")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
