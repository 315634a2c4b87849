"""Writes memories into files, and brings them back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO, TextIO

from coda_graphmem.graphs.selection import Selection
from coda_graphmem.graphs.service import GraphService
from coda_graphmem.items.pages import item_pages
from coda_graphmem.memories.pages import pages
from coda_graphmem.models import ExportFormat, ExportResult, ImportReport, LinkKind, Memory, MemoryFilter, MemoryLink
from coda_graphmem.private_files import kind_of
from coda_graphmem.resources import Resources
from coda_graphmem.store.planning import is_live
from coda_graphmem.store.protocol import MemoryStore
from coda_graphmem.times import iso_time
from coda_graphmem.transfer import cypher
from coda_graphmem.transfer.files import reopened, written
from coda_graphmem.transfer.formats import FORMATS, GraphFormat
from coda_graphmem.transfer.knowledge_graph import KnowledgeGraph
from coda_graphmem.transfer.lines import End, Header, write_earlier, write_end, write_header, write_item, write_memory
from coda_graphmem.transfer.restore import Progress, restore
from coda_graphmem.transfer.vault import VaultWriter, leads_of, written_vault
from coda_graphmem.transfer.vault_lines import Vault, open_vault, vault_lines

_LINKS = frozenset(kind.value for kind in LinkKind)


@dataclass(slots=True)
class _Numbers:
    """What was written."""

    memories: int = 0
    entities: int = 0
    links: int = 0
    items: int = 0
    left_out: int = 0


class _Counted:
    """A file that counts its bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.bytes = 0

    def write(self, data: str | bytes) -> None:
        encoded = data.encode() if isinstance(data, str) else data
        self._file.write(encoded)
        self.bytes += len(encoded)


class ExportService:
    """Takes memories out and back in.

    Args:
        resources: Settings, store, models and clock.
        graphs: Makes the graphs of which a file may consist.
        flush: Writes recalls that were counted and not yet kept.
        to_read: Told of a namespace to which memories came that may say facts.
    """

    def __init__(
        self,
        resources: Resources,
        graphs: GraphService,
        flush: Callable[[], Awaitable[None]],
        to_read: Callable[[str], None],
    ) -> None:
        self._resources = resources
        self._to_read = to_read
        self._store = resources.store
        self._graphs = graphs
        self._flush = flush
        self._to_read = to_read

    async def export(
        self,
        namespace: str | None,
        target: Path | BinaryIO,
        form: ExportFormat,
        selection: Selection,
        *,
        with_embeddings: bool,
        progress: Progress | None = None,
    ) -> ExportResult:
        """Write memories.

        Args:
            namespace: Whose; None for all namespaces of the store (``jsonl``, ``markdown`` and ``cypher``).
            target: A file to be written whole or not at all (of ``markdown`` a folder or an archive), or an open one.
            form: What to write.
            selection: Which memories; of what is no graph only its conditions count.
            with_embeddings: Whether ``jsonl`` and ``markdown`` hold vectors.
            progress: Called with (done, total) after each page, but for graphs.

        Raises:
            ValidationError: The file cannot be written, or a library is not installed.
        """
        started = time.perf_counter()
        config = self._resources.config
        await self._flush()
        # A store that holds nothing still gives a file that can be read: that of one empty namespace.
        names = [namespace] if namespace is not None else await self._store.records.namespaces() or [config.namespace]
        if form == "markdown":
            with written_vault(target) as place:
                writer = VaultWriter(place)
                async with self._store.frozen() as frozen:
                    numbers = await self._write_vault(
                        self._store if frozen is None else frozen,
                        names,
                        selection,
                        writer,
                        with_embeddings=with_embeddings,
                        progress=progress,
                    )
            return ExportResult(
                format=form,
                namespaces=names,
                **asdict(numbers),
                bytes=writer.bytes,
                seconds=time.perf_counter() - started,
            )
        with written(target) if isinstance(target, Path) else nullcontext(target) as file:
            counted = _Counted(file)
            chosen = FORMATS[form]
            if isinstance(chosen, GraphFormat):
                numbers = await self._write_graph(names[0], counted, chosen, selection)
            else:
                async with self._store.frozen() as frozen:
                    store = self._store if frozen is None else frozen
                    if form == "jsonl":
                        numbers = await self._write_lines(
                            store, names, selection, counted, with_embeddings=with_embeddings, progress=progress
                        )
                    elif form == "knowledge-graph":
                        numbers = await self._write_knowledge_graph(store, names[0], selection, counted, progress)
                    else:
                        numbers = await self._write_script(store, names, selection, counted, progress)
        return ExportResult(
            format=form, namespaces=names, **asdict(numbers), bytes=counted.bytes, seconds=time.perf_counter() - started
        )

    async def restore(
        self, namespace: str | None, place: Path | BinaryIO, source: str, progress: Progress | None = None
    ) -> ImportReport:
        """Bring memories back, of lines or of Markdown; see `coda_graphmem.transfer.restore.restore`."""
        started = time.perf_counter()
        path: Path | Callable[[], TextIO] = place if isinstance(place, Path) else reopened(place)
        if (vault := await asyncio.to_thread(_vault, place, source)) is not None:
            with await asyncio.to_thread(vault_lines, vault) as lines:
                return await self._restore(namespace, reopened(lines), source, progress, started)
        return await self._restore(namespace, path, source, progress, started)

    async def _restore(
        self,
        namespace: str | None,
        path: Path | Callable[[], TextIO],
        source: str,
        progress: Progress | None,
        started: float,
    ) -> ImportReport:

        def on_kept(name: str, memories: Sequence[Memory]) -> None:
            self._to_read(name)
            self._resources.events.emit("stored", name, memories=memories, details={"imported": len(memories)})

        found = await restore(
            path,
            source,
            self._store,
            self._resources.embedding,
            namespace=namespace,
            on_kept=on_kept,
            progress=progress,
        )
        return ImportReport(**asdict(found), seconds=time.perf_counter() - started)

    async def _write_graph(self, name: str, file: _Counted, form: GraphFormat, selection: Selection) -> _Numbers:
        graph = await self._graphs.make_graph(name, selection, form.memories)
        # Placing many nodes takes seconds, in which others want to go on.
        file.write(await asyncio.to_thread(form.render, graph))
        links = sum(edge.kind in _LINKS for edge in graph.edges)
        return _Numbers(graph.count("memory"), graph.count("entity"), links, left_out=graph.left_out)

    async def _write_lines(
        self,
        store: MemoryStore,
        names: Sequence[str],
        selection: Selection,
        file: _Counted,
        *,
        with_embeddings: bool,
        progress: Progress | None,
    ) -> _Numbers:
        numbers = _Numbers()
        total = await self._total(store, names, selection) if progress else 0
        for name in names:
            file.write(write_header(await self._header(store, name, len(names), with_embeddings)))
            before = numbers.memories
            async for page in pages(store, name, selection.where, now=self._resources.clock()):
                by_source: dict[str, list[MemoryLink]] = {}
                for link in page.links:
                    by_source.setdefault(link.source_id, []).append(link)
                for row in page.rows:
                    stored = row if with_embeddings else replace(row, embedding=None)
                    file.write(write_earlier(stored))
                    file.write(write_memory(stored, page.entities, by_source.get(row.memory.memory_id, ())))
                numbers.memories += len(page.rows)
                numbers.links += len(page.links)
                if progress:
                    progress(numbers.memories, total)
            items = 0
            # Conditions are about memories.
            if selection.where is None:
                async for some in item_pages(store, name):
                    for item in some:
                        # Vectors of another model than the store's could not be made anew.
                        whole = with_embeddings or item.embedder is not None
                        file.write(write_item(item if whole else replace(item, vectors=())))
                    items += len(some)
            numbers.items += items
            file.write(write_end(End(name, numbers.memories - before, items)))
        return numbers

    async def _header(self, store: MemoryStore, name: str, sections: int, with_embeddings: bool) -> Header:
        info = await store.info()
        return Header(
            namespace=name,
            sections=sections,
            embedding_model=info.embedding_model if with_embeddings else None,
            dimension=info.dimension if with_embeddings else None,
            exported_at=self._resources.clock(),
        )

    async def _write_vault(
        self,
        store: MemoryStore,
        names: Sequence[str],
        selection: Selection,
        writer: VaultWriter,
        *,
        with_embeddings: bool,
        progress: Progress | None,
    ) -> _Numbers:
        numbers = _Numbers()
        total = await self._total(store, names, selection) if progress else 0
        for name in names:
            writer.begin(await self._header(store, name, len(names), with_embeddings))
            async for page in pages(store, name, selection.where, now=self._resources.clock()):
                rows = page.rows if with_embeddings else [replace(row, embedding=None) for row in page.rows]
                others = {memory.memory_id: memory for memory in await store.records.get(name, leads_of(page))}
                # Thousands of small files take a while, in which others want to go on.
                await asyncio.to_thread(writer.write, replace(page, rows=rows), others)
                numbers.memories += len(rows)
                numbers.links += len(page.links)
                if progress:
                    progress(numbers.memories, total)
        writer.end()
        return numbers

    async def _write_knowledge_graph(
        self, store: MemoryStore, name: str, selection: Selection, file: _Counted, progress: Progress | None
    ) -> _Numbers:
        numbers, graph = _Numbers(), KnowledgeGraph()
        total = await self._total(store, [name], selection) if progress else 0
        looked_at = 0
        async for page in pages(store, name, selection.where, now=self._resources.clock()):
            live = [row.memory for row in page.rows if is_live(row.memory)]
            graph.add(live)
            numbers.memories += len(live)
            looked_at += len(page.rows)
            if progress:
                progress(looked_at, total)
        for line in graph.lines():
            file.write(line)
        numbers.entities = graph.entities
        return numbers

    async def _write_script(
        self, store: MemoryStore, names: Sequence[str], selection: Selection, file: _Counted, progress: Progress | None
    ) -> _Numbers:
        numbers = _Numbers()
        total = await self._total(store, names, selection) if progress else 0
        lines = [f"Memories of {', '.join(names)}, {iso_time(self._resources.clock())}.", "For Neo4j 5.26 or newer."]
        file.write(cypher.comment(lines))
        for statement in cypher.schema_statements():
            file.write(statement)
        for name in names:
            entities: set[str] = set()
            async for page in pages(store, name, selection.where, now=self._resources.clock()):
                for statement in cypher.memory_statements(name, page.rows, page.entities):
                    file.write(statement)
                numbers.memories += len(page.rows)
                entities.update(page.entities)
                if progress:
                    progress(numbers.memories, total)
            # Both ends of a link have to be there before it is.
            async for page in pages(store, name, selection.where, now=self._resources.clock()):
                for statement in cypher.link_statements(name, page.rows, page.links):
                    file.write(statement)
                numbers.links += len(page.links)
            for statement in cypher.order_statements(name):
                file.write(statement)
            numbers.entities += len(entities)
        return numbers

    async def _total(self, store: MemoryStore, names: Sequence[str], selection: Selection) -> int:
        everything = MemoryFilter(lifetime="any", archived=None, where=selection.where)
        return sum([await store.records.count(name, everything, now=self._resources.clock()) for name in names])


def _vault(place: Path | BinaryIO, source: str) -> Vault | None:
    """What a folder or an archive of Markdown holds; None where lines are to be read."""
    if isinstance(place, Path) and kind_of(place) not in (None, "a directory"):
        return None  # A pipe can be read only once.
    return open_vault(place, source)
