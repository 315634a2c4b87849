"""Writes memories into files, and brings them back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TextIO

from coda_graphmem.graphs.memory_graph import MemoryGraph, as_time
from coda_graphmem.graphs.subgraph import graph_around, known_entities, live_memories, pages, whole_graph
from coda_graphmem.models import ExportFormat, ExportResult, ImportReport, LinkKind, Memory, MemoryFilter, MemoryLink
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.service import RetrievalService
from coda_graphmem.transfer import cypher
from coda_graphmem.transfer.files import written
from coda_graphmem.transfer.lines import End, Header, write_end, write_header, write_memory
from coda_graphmem.transfer.restore import Progress, restore

#: Memories a query begins at.
SEEDS = 10

#: Memories a picture or a page holds where the caller does not say: more cannot be told apart.
DRAWN = 150

#: Memories a picture or a page may hold: placing more takes minutes.
MOST_DRAWN = 2_000

#: Memories a file for graph programs holds where the caller does not say.
LISTED = 10_000

_LINKS = frozenset(kind.value for kind in LinkKind)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which memories become a graph; without a place to begin the newest of the namespace."""

    query: str | None = None
    memory_ids: tuple[str, ...] = ()
    entity_keys: tuple[str, ...] = ()
    max_depth: int = 1
    max_memories: int | None = None
    include_archived: bool = False
    skip: int = 0
    """Newest memories to pass over."""

    @property
    def starts(self) -> bool:
        """Whether it begins at some memories or entities, instead of taking the newest."""
        return self.query is not None or bool(self.memory_ids or self.entity_keys)

    @property
    def is_part(self) -> bool:
        """Whether it asks for anything but all that is live."""
        return self != Selection(max_depth=self.max_depth)


@dataclass(slots=True)
class _Numbers:
    """What was written."""

    memories: int = 0
    entities: int = 0
    links: int = 0
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


def _render(graph: MemoryGraph, form: ExportFormat) -> str | bytes:
    """A graph as a file. What draws is imported here, as most exports draw nothing."""
    if form == "graphml":
        from coda_graphmem.graphs.networks import render_graphml

        return render_graphml(graph)
    if form == "gexf":
        from coda_graphmem.graphs.networks import render_gexf

        return render_gexf(graph)
    if form == "png":
        from coda_graphmem.graphs.png import render_png

        return render_png(graph)
    return graph.to_svg() if form == "svg" else graph.to_html()


class ExportService:
    """Takes memories out and back in.

    Args:
        resources: Settings, store, models and clock.
        retrieval: Answers queries.
        flush: Writes recalls that were counted and not yet kept.
    """

    def __init__(self, resources: Resources, retrieval: RetrievalService, flush: Callable[[], Awaitable[None]]) -> None:
        self._resources = resources
        self._store = resources.store
        self._retrieval = retrieval
        self._flush = flush

    async def graph(self, namespace: str, selection: Selection, limit: int) -> MemoryGraph:
        """A part of a namespace as a graph.

        Args:
            namespace: Where to look.
            selection: Which part.
            limit: How many memories at most where the selection does not say.

        Raises:
            ValidationError: One of the memories or entities does not exist.
            EmbeddingError: No vector could be made of the query.
        """
        await self._flush()
        most = limit if selection.max_memories is None else selection.max_memories
        if not selection.starts:
            return await whole_graph(
                self._store,
                namespace,
                max_memories=most,
                skip=selection.skip,
                include_archived=selection.include_archived,
                now=self._resources.clock(),
            )
        start = await live_memories(self._store, namespace, selection.memory_ids) if selection.memory_ids else []
        if selection.query is not None:
            given = {memory.memory_id for memory in start}
            found = await self._retrieval.retrieve(
                namespace, selection.query, where=MemoryFilter(), limit=SEEDS, min_relevance=0.0
            )
            start += [memory for memory in found if memory.memory_id not in given]
        return await graph_around(
            self._store,
            namespace,
            start,
            await known_entities(self._store, namespace, selection.entity_keys),
            max_depth=selection.max_depth,
            max_memories=most,
        )

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
            namespace: Whose; None for all namespaces of the store (``jsonl`` and ``cypher``).
            target: A file to be written whole or not at all, or an open one.
            form: What to write.
            selection: Which memories, for the forms that are graphs.
            with_embeddings: Whether ``jsonl`` holds vectors.
            progress: Called with (done, total) after each page of ``jsonl`` and ``cypher``.

        Raises:
            ValidationError: The file cannot be written, or a library is not installed.
        """
        started = time.perf_counter()
        config = self._resources.config
        await self._flush()
        # A store that holds nothing still gives a file that can be read: that of one empty namespace.
        names = [namespace] if namespace is not None else await self._store.records.namespaces() or [config.namespace]
        with written(target) if isinstance(target, Path) else nullcontext(target) as file:
            counted = _Counted(file)
            if form == "jsonl":
                numbers = await self._write_lines(names, counted, with_embeddings=with_embeddings, progress=progress)
            elif form == "cypher":
                numbers = await self._write_script(names, counted, progress)
            else:
                limit = LISTED if form in ("graphml", "gexf") else DRAWN
                graph = await self.graph(names[0], selection, limit)
                # Placing many nodes takes seconds, in which others want to go on.
                counted.write(await asyncio.to_thread(_render, graph, form))
                links = sum(edge.kind in _LINKS for edge in graph.edges)
                numbers = _Numbers(graph.count("memory"), graph.count("entity"), links, graph.left_out)
        return ExportResult(
            format=form,
            namespaces=names,
            memories=numbers.memories,
            entities=numbers.entities,
            links=numbers.links,
            left_out=numbers.left_out,
            bytes=counted.bytes,
            seconds=time.perf_counter() - started,
        )

    async def restore(
        self,
        namespace: str | None,
        path: Path | Callable[[], TextIO],
        source: str,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Bring memories back; see `coda_graphmem.transfer.restore.restore`."""
        started = time.perf_counter()

        def tell(name: str, memories: Sequence[Memory]) -> None:
            self._resources.events.emit("stored", name, memories=memories, details={"imported": len(memories)})

        found = await restore(
            path, source, self._store, self._resources.embedding, namespace=namespace, kept=tell, progress=progress
        )
        return ImportReport(
            namespaces=found.namespaces,
            memories=found.memories,
            new=found.new,
            links=found.links,
            embedded=found.embedded,
            seconds=time.perf_counter() - started,
        )

    async def _write_lines(
        self, names: Sequence[str], file: _Counted, *, with_embeddings: bool, progress: Progress | None
    ) -> _Numbers:
        info = await self._store.info()
        numbers = _Numbers()
        total = await self._total(names) if progress else 0
        for name in names:
            header = Header(
                namespace=name,
                sections=len(names),
                embedding_model=info.embedding_model if with_embeddings else None,
                dimension=info.dimension if with_embeddings else None,
                exported_at=self._resources.clock(),
            )
            file.write(write_header(header))
            before = numbers.memories
            async for page in pages(self._store, name):
                by_source: dict[str, list[MemoryLink]] = {}
                for link in page.links:
                    by_source.setdefault(link.source_id, []).append(link)
                for row in page.rows:
                    stored = row if with_embeddings else replace(row, embedding=None)
                    file.write(write_memory(stored, page.entities, by_source.get(row.memory.memory_id, ())))
                numbers.memories += len(page.rows)
                numbers.links += len(page.links)
                if progress:
                    progress(numbers.memories, total)
            file.write(write_end(End(name, numbers.memories - before)))
        return numbers

    async def _write_script(self, names: Sequence[str], file: _Counted, progress: Progress | None) -> _Numbers:
        numbers = _Numbers()
        total = await self._total(names) if progress else 0
        lines = [f"Memories of {', '.join(names)}, {as_time(self._resources.clock())}.", "For Neo4j 5.26 or newer."]
        file.write(cypher.comment(lines))
        for statement in cypher.schema_statements():
            file.write(statement)
        for name in names:
            entities: set[str] = set()
            async for page in pages(self._store, name):
                for statement in cypher.memory_statements(name, page.rows, page.entities):
                    file.write(statement)
                numbers.memories += len(page.rows)
                entities.update(page.entities)
                if progress:
                    progress(numbers.memories, total)
            # Both ends of a link have to be there before it is.
            async for page in pages(self._store, name):
                for statement in cypher.link_statements(name, page.rows, page.links):
                    file.write(statement)
                numbers.links += len(page.links)
            for statement in cypher.order_statements(name):
                file.write(statement)
            numbers.entities += len(entities)
        return numbers

    async def _total(self, names: Sequence[str]) -> int:
        everything = MemoryFilter(lifetime="any", archived=None)
        return sum([await self._store.records.count(name, everything, now=self._resources.clock()) for name in names])
