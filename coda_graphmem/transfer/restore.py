"""Brings memories back from a file of `coda_graphmem.transfer.lines`, as they were."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import ValidationError
from coda_graphmem.items.vectors import ItemEmbedding
from coda_graphmem.memories.passages import PassageWriter
from coda_graphmem.models import Memory, MemoryLink, MemoryVersion
from coda_graphmem.private_files import kind_of
from coda_graphmem.store.protocol import EntityNode, MemoryStore, StoredItem
from coda_graphmem.transfer.files import reopened, spooled
from coda_graphmem.transfer.line_values import DAMAGED
from coda_graphmem.transfer.lines import End, Header, Line, as_of, is_header, read_line, with_earlier

#: Memories a transaction of the store holds.
BATCH = 500

#: Characters of a line at most: several times what the longest memory takes with a vector and thousands of links.
LONGEST_LINE = 16_000_000

#: Memories and items of a section, with its header.
_Batch = tuple[Header, list[Line], list[StoredItem]]

#: Called with (done, total).
Progress = Callable[[int, int], None]

#: Called with a namespace and the memories that were kept there.
OnKept = Callable[[str, Sequence[Memory]], None]


@dataclass(slots=True)
class Restored:
    """What was brought back."""

    namespaces: list[str] = field(default_factory=list)
    memories: int = 0
    new: int = 0
    links: int = 0
    items: int = 0
    new_items: int = 0
    embedded: int = 0


@dataclass(frozen=True, slots=True)
class _Survey:
    """What a file holds."""

    headers: list[Header]
    memories: int
    items: int
    has_links: bool
    merged: frozenset[tuple[str, str]]
    """Namespaces, as the file has them, and ids of memories that others were merged into."""


async def restore(
    path: Path | Callable[[], TextIO],
    source: str,
    store: MemoryStore,
    embedding: EmbeddingService,
    *,
    namespace: str | None,
    on_kept: OnKept,
    progress: Progress | None = None,
) -> Restored:
    """Keep all memories and items of a file in a store, in their order.

    All of the file is checked before the first memory is kept. Then it goes batch by batch, and what is there already
    is passed over, so that an interrupted call is continued by the next one. Links follow when all memories are
    there. Vectors are kept where they are of the store's model; else memories are embedded anew, or kept without
    where semantic search is switched off.

    Args:
        path: The file, or what opens it; it is read up to three times.
        source: Its name, for messages.
        store: An open store.
        embedding: Of the configured model.
        namespace: Where to; None for the namespaces the file names.
        on_kept: Called after each batch of which something was new.
        progress: Called with (done, total) at the start and after each batch.

    Raises:
        ValidationError: The file is damaged, cut off or newer; or it holds several namespaces and one was given.
        MemoryStorageError: A batch could not be written; those before it are kept.
    """
    if isinstance(path, Path) and (kind := kind_of(path)) is not None:
        if kind != "a pipe":
            raise ValidationError(f"is {kind}.", field=source, remedy="Name a file that export made.")
        # It gives what it holds only once.
        with await asyncio.to_thread(spooled, path) as kept:
            return await restore(
                reopened(kept), source, store, embedding, namespace=namespace, on_kept=on_kept, progress=progress
            )
    opened: Callable[[], TextIO] = (lambda: path.open(encoding="utf-8")) if isinstance(path, Path) else path
    survey = await asyncio.to_thread(_survey, opened, source)
    if namespace is not None and len(survey.headers) > 1:
        raise ValidationError(
            f"holds {len(survey.headers)} namespaces.",
            field=source,
            remedy="Import all of them (every_namespace=True), or export one.",
        )
    result = Restored(memories=survey.memories, items=survey.items)
    target = _Target(store, embedding, result, survey.merged, on_kept)
    done, total = 0, survey.memories + survey.items
    if progress:
        progress(0, total)
    async for header, lines, items in _read_batches(opened, source):
        name = header.namespace if namespace is None else namespace
        if name not in result.namespaces:
            result.namespaces.append(name)
        await target.keep(name, header, lines)
        await target.keep_items(name, header, items)
        done += len(lines) + len(items)
        if progress and (lines or items):
            progress(done, total)
    if survey.has_links:
        async for header, lines, _ in _read_batches(opened, source):
            await target.link(header.namespace if namespace is None else namespace, lines)
    for name in result.namespaces:
        await PassageWriter(store, embedding).complete(name)
    return result


async def _read_batches(opened: Callable[[], TextIO], source: str) -> AsyncIterator[_Batch]:
    with opened() as file:
        batches = _batches(file, source)
        while found := await asyncio.to_thread(next, batches, None):
            yield found


@dataclass(slots=True)
class _Target:
    """The store that memories come back to."""

    store: MemoryStore
    embedding: EmbeddingService
    result: Restored
    merged: frozenset[tuple[str, str]]
    on_kept: OnKept

    async def keep(self, namespace: str, header: Header, lines: list[Line]) -> None:
        """Keep memories; those that are there are passed over."""
        if not lines:
            return
        known = {
            memory.memory_id
            for memory in await self.store.records.get(namespace, [line.stored.memory.memory_id for line in lines])
        }
        rows = [
            as_of(line, header.version, is_merged=(header.namespace, memory_id) in self.merged)
            for line in lines
            if (memory_id := line.stored.memory.memory_id) not in known
        ]
        if not rows:
            return
        rows = await self._with_vectors(header, rows)
        entities: dict[str, EntityNode] = {}
        for line in rows:
            line.stored.memory.namespace = namespace
            for entity in line.entities:
                entities.setdefault(entity.key, entity)
        new = await self.store.transfer.import_memories(
            namespace, [line.stored for line in rows], list(entities.values())
        )
        self.result.new += new
        if new:
            self.on_kept(namespace, [line.stored.memory for line in rows])

    async def link(self, namespace: str, lines: list[Line]) -> None:
        """Keep the links of memories that are there."""
        links: list[MemoryLink] = [link for line in lines for link in line.links]
        if links:
            self.result.links += await self.store.links.save_links(namespace, links)

    async def keep_items(self, namespace: str, header: Header, items: list[StoredItem]) -> None:
        """Keep items; those whose path and key are there are passed over."""
        ours = [item for item in items if item.embedder is None and item.fields]
        if ours and not await self._keeps_vectors(header):
            embedded = await ItemEmbedding(self.embedding).fields([(item.value, item.fields) for item in ours])
            anew = {id(item): vectors for item, (_, vectors) in zip(ours, embedded, strict=True)}
            items = [replace(item, vectors=tuple(anew.get(id(item), item.vectors))) for item in items]
            self.result.embedded += len(ours) if self.embedding.enabled else 0
        self.result.new_items += await self.store.items.import_items(namespace, items)

    async def _keeps_vectors(self, header: Header) -> bool:
        """Bind the store to the model of vectors that are kept. False where the file's are of another one."""
        if self.embedding.enabled:
            model = self.embedding.model
        else:
            recorded = (await self.store.info()).embedding_model
            model = recorded if recorded is not None else header.embedding_model or ""
        if header.embedding_model == model and header.dimension is not None:
            await self.store.vectors.bind_model(model, header.dimension)
            return True
        if self.embedding.enabled:
            await self.store.vectors.bind_model(model, await self.embedding.dimension())
        return False

    async def _with_vectors(self, header: Header, rows: list[Line]) -> list[Line]:
        """The same memories with vectors of the store's model."""
        if await self._keeps_vectors(header):
            return rows
        vectors = await self.embedding.embed_documents([line.stored.memory.content for line in rows])
        self.result.embedded += len(rows) if self.embedding.enabled else 0
        return [
            replace(line, stored=replace(line.stored, embedding=vector))
            for line, vector in zip(rows, vectors, strict=True)
        ]


def _survey(opened: Callable[[], TextIO], source: str) -> _Survey:
    """Check all lines, and that every section has its end."""
    headers: list[Header] = []
    memories, items, has_links = 0, 0, False
    merged: set[tuple[str, str]] = set()
    inside, expected = False, (0, 0)
    with opened() as file:
        for number, item in _items(file, source):
            place = f"{source}, line {number}"
            if isinstance(item, Header):
                if inside:
                    raise _cut(place)
                headers.append(item)
                inside, expected = True, (memories, items)
            elif isinstance(item, End):
                told = (memories - expected[0], items - expected[1])
                if not inside or item.namespace != headers[-1].namespace or (item.memories, item.items) != told:
                    raise _cut(place)
                inside = False
            else:
                if not inside:
                    raise _cut(place)
                if isinstance(item, StoredItem):
                    items += 1
                    continue
                memories += 1
                has_links = has_links or bool(item.links)
                if (into := item.stored.memory.consolidated_into) is not None:
                    merged.add((headers[-1].namespace, into))
    if inside or not headers or len(headers) != headers[0].sections:
        raise _cut(source)
    return _Survey(headers, memories, items, has_links, frozenset(merged))


def _cut(place: str) -> ValidationError:
    return ValidationError(
        "does not hold all that was exported.", field=place, remedy="Export or copy it again: the file was cut off."
    )


def _batches(file: TextIO, source: str) -> Iterator[_Batch]:
    """Memories and items of one section in batches, with its header; a section without any has one empty batch."""
    header: Header | None = None
    lines: list[Line] = []
    items: list[StoredItem] = []
    for _, item in _items(file, source):
        if isinstance(item, Line):
            lines.append(item)
        elif isinstance(item, StoredItem):
            items.append(item)
        elif isinstance(item, Header):
            header = item
            continue
        if header is not None and (len(lines) + len(items) == BATCH or isinstance(item, End)):
            yield header, lines, items
            lines, items = [], []


def _items(file: TextIO, source: str) -> Iterator[tuple[int, Header | End | StoredItem | Line]]:
    number, begun, dimension = 0, False, None
    earlier: list[MemoryVersion] = []
    try:
        for number, text in enumerate(iter(lambda: file.readline(LONGEST_LINE), ""), start=1):
            if len(text) == LONGEST_LINE:
                raise ValidationError(
                    "is longer than any that was exported.", field=f"{source}, line {number}", remedy=DAMAGED
                )
            stripped = text.removeprefix("\ufeff").strip()
            if stripped:
                place = f"{source}, line {number}"
                if not begun and not is_header(stripped):
                    raise _cut(place)
                begun = True
                item = read_line(stripped, place, dimension)
                if isinstance(item, MemoryVersion):
                    earlier.append(item)
                    continue
                if isinstance(item, Line):
                    item = with_earlier(item, earlier, place)
                    earlier = []
                elif earlier:
                    raise _cut(place)
                if isinstance(item, Header):
                    dimension = item.dimension
                yield number, item
    except UnicodeDecodeError:
        raise ValidationError(
            "or one soon after it is not UTF-8.",
            field=f"{source}, line {number + 1}",
            remedy="Export again: the file is damaged.",
        ) from None
