"""Calls that take memories out and bring them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import TextIOBase
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.graphs.memory_graph import MemoryGraph
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import ExportFormat, ExportResult, ImportReport
from coda_graphmem.transfer.export import DRAWN, LISTED, MOST_DRAWN, Selection
from coda_graphmem.transfer.files import reopened
from coda_graphmem.transfer.formats import format_of
from coda_graphmem.validation import (
    MAX_DEPTH,
    MAX_QUERY_LENGTH,
    check_choice,
    check_flag,
    check_ids,
    check_integer,
    check_text,
)

if TYPE_CHECKING:
    from networkx import MultiDiGraph

#: Memories a graph holds at most.
_MOST = 100_000

#: Formats that hold all of a namespace, page by page; the others are one graph in memory.
_WHOLE = ("jsonl", "cypher")

_DRAWN = ("html", "svg", "png")


class Exporting(ManagerCore):
    """Takes memories out and brings them back."""

    @operation(MemoryRetrievalError)
    async def export_memories(
        self,
        target: str | PathLike[str] | BinaryIO,
        format: ExportFormat | None = None,  # noqa: A002 - the word everybody uses
        *,
        query: str | None = None,
        memory_ids: Sequence[str] | None = None,
        max_depth: int = 1,
        max_memories: int | None = None,
        include_archived: bool = False,
        with_embeddings: bool = True,
        every_namespace: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ExportResult:
        """Write the memories of this namespace, or a part of them, into a file.

        ``jsonl`` is complete and comes back by `import_memories` as it was; ``cypher`` is a script that makes the same
        graph in a Neo4j of one's own. Both hold all memories, archived and short-term ones included, and are written
        page by page, so that memory does not grow with the namespace. ``graphml`` and ``gexf`` are for graph programs
        such as Gephi; ``html`` (a page that needs no network), ``svg`` and ``png`` (with the extra ``plot``) are to
        look at. These five are one graph in memory, and take the arguments that choose a part.

        A file is written whole or not at all: until it is done it ends in ``.part``. What is stored meanwhile may or
        may not be part of it.

        Args:
            target: Path of the file, which is replaced, or an open binary file.
            format: What to write; None for what the file's ending says.
            query: A graph of the ten best memories for these words and what is linked to them.
            memory_ids: A graph of these live memories and what is linked to them.
            max_depth: Steps from these over shared entities and neighbouring turns, 0 to 4.
            max_memories: How many memories a graph holds, 1 to 100,000, or 2,000 where it is drawn: the nearest to
                where it begins, else the newest. None for 10,000, or 150 where it is drawn.
            include_archived: Whether a graph without query and ids holds archived memories too.
            with_embeddings: Whether ``jsonl`` holds vectors; without, they are made anew at the import.
            every_namespace: Whether all namespaces of the store are written; for administration, not for tenants.
            progress: Called with (done, total) after each page.

        Raises:
            ValidationError: The file cannot be written, arguments do not fit the format, a memory does not exist, or
                Matplotlib is not installed.
        """
        whole = check_flag(every_namespace, "every_namespace")
        place = _place(target, "target", "write")
        if format is not None:
            form = check_choice(format, "format", ExportFormat)
        elif isinstance(place, Path):
            form = format_of(place)
        else:
            raise ValidationError("is missing for an open file.", field="format", remedy="Name the format.")
        selection = _selection(query, memory_ids, max_depth, max_memories, include_archived)
        _check_fit(
            form, selection, every_namespace=whole, with_embeddings=check_flag(with_embeddings, "with_embeddings")
        )
        try:
            return await self._open.exporting.export(
                None if whole else self.namespace,
                place,
                form,
                selection,
                with_embeddings=with_embeddings,
                progress=progress,
            )
        except OSError as error:  # of an open file; those of a path are named where it is opened
            raise ValidationError(
                f"cannot be written ({error.strerror}).", field="target", remedy="Check what it leads to."
            ) from error

    @operation(MemoryStorageError)
    async def import_memories(
        self,
        source: str | PathLike[str] | BinaryIO,
        *,
        every_namespace: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportReport:
        """Bring memories back from the ``jsonl`` that `export_memories` wrote, exactly as they were.

        Every field, entity, link and merge is kept, and the order of arrival. Memories whose id exists here are passed
        over, so that an interrupted call is simply made again. Vectors are kept where they are of the configured
        model, else made anew. Nothing is archived for `MemoryConfig.max_memories` until the next memory is stored.

        Conversations in other forms come in by `coda_graphmem.importing`.

        Args:
            source: Path of the file, or an open binary file that can be read again from its beginning.
            every_namespace: Whether memories go into the namespaces the file names, instead of this one; for
                administration, not for tenants.
            progress: Called with (done, total) after each batch.

        Raises:
            ValidationError: The file cannot be read, is damaged, cut off or of a newer version, or holds several
                namespaces. Nothing was kept.
            MemoryStorageError: A batch could not be written; those before it are kept.
        """
        into = None if check_flag(every_namespace, "every_namespace") else self.namespace
        place = _place(source, "source", "seek")
        if not isinstance(place, Path):
            return await self._open.exporting.restore(into, reopened(place), "file", progress)
        try:
            return await self._open.exporting.restore(into, place, place.name, progress)
        except OSError as error:
            raise ValidationError(
                f"cannot be read ({error.strerror}).", field=str(place), remedy="Check it."
            ) from error

    @operation(MemoryRetrievalError)
    async def get_graph(
        self,
        query: str | None = None,
        *,
        memory_ids: Sequence[str] | None = None,
        entity_keys: Sequence[str] | None = None,
        max_depth: int = 1,
        max_memories: int = DRAWN,
        include_archived: bool = False,
        skip: int = 0,
    ) -> MemoryGraph:
        """A part of the memory as a graph, which notebooks show as a picture.

        Args:
            query: Begin at the ten best memories for these words. Without it, ``memory_ids`` and ``entity_keys``: the
                newest memories.
            memory_ids: Begin at these live memories.
            entity_keys: Begin at these entities, whose memories are one step away. With ``max_depth=1`` the newest
                ``max_memories`` of each are looked at, else the newest 40.
            max_depth: Steps from there over shared entities and neighbouring turns, 0 to 4, with entities at least 1.
            max_memories: How many memories at most, 1 to 100,000.
            include_archived: Whether a graph of the newest memories holds archived ones too.
            skip: How many of the newest memories a graph of them passes over, to go through them page by page; those of
                them that are linked with the others come along.

        Raises:
            ValidationError: A memory or an entity does not exist.
        """
        selection = _selection(
            query, memory_ids, max_depth, max_memories, include_archived, entity_keys=entity_keys, skip=skip
        )
        return await self._open.exporting.graph(self.namespace, selection, DRAWN)

    @operation(MemoryRetrievalError)
    async def to_networkx(
        self,
        query: str | None = None,
        *,
        memory_ids: Sequence[str] | None = None,
        entity_keys: Sequence[str] | None = None,
        max_depth: int = 1,
        max_memories: int = LISTED,
        include_archived: bool = False,
    ) -> MultiDiGraph:
        """The same as `get_graph` as a `networkx.MultiDiGraph`, by default of up to 10,000 memories.

        Nodes are named ``memory:ID``, ``entity:KEY`` and ``conversation:ID``, with ``kind``, ``label`` and their fields
        as attributes. Edges have their kind as key: ``MENTIONS``, ``PART_OF``, ``NEXT``, ``SIMILAR_TO``,
        ``POSSIBLY_OUTDATED_BY`` and ``CONSOLIDATED_INTO``.

        Args:
            query: As in `get_graph`, as are the arguments that follow.
        """
        selection = _selection(query, memory_ids, max_depth, max_memories, include_archived, entity_keys=entity_keys)
        return (await self._open.exporting.graph(self.namespace, selection, LISTED)).to_networkx()


def _place(value: str | PathLike[str] | BinaryIO, field: str, able: str) -> Path | BinaryIO:
    """A path, or an open binary file that has a method."""
    if isinstance(value, str | PathLike):
        return Path(value)
    if isinstance(value, TextIOBase) or not hasattr(value, able):
        raise ValidationError(
            f"must be a path or an open binary file, not {type(value).__name__}.",
            field=field,
            remedy="Pass a path, or open the file with 'b'.",
        )
    return value


def _selection(
    query: str | None,
    memory_ids: Sequence[str] | None,
    max_depth: int,
    max_memories: int | None,
    include_archived: bool,
    *,
    entity_keys: Sequence[str] | None = None,
    skip: int = 0,
) -> Selection:
    selection = Selection(
        query=None if query is None else check_text(query, "query", limit=MAX_QUERY_LENGTH),
        memory_ids=() if memory_ids is None else tuple(check_ids(memory_ids, "memory_ids")),
        entity_keys=() if entity_keys is None else tuple(check_ids(entity_keys, "entity_keys")),
        max_depth=check_integer(max_depth, "max_depth", low=1 if entity_keys else 0, high=MAX_DEPTH),
        max_memories=None if max_memories is None else check_integer(max_memories, "max_memories", low=1, high=_MOST),
        include_archived=check_flag(include_archived, "include_archived"),
        skip=check_integer(skip, "skip", low=0, high=2**53),
    )
    if selection.skip and selection.starts:
        raise ValidationError(
            "means nothing with query, memory_ids or entity_keys.", field="skip", remedy="Leave one of them out."
        )
    if selection.include_archived and selection.starts:
        raise ValidationError(
            "means nothing with query, memory_ids or entity_keys: a walk goes over live memories.",
            field="include_archived",
            remedy="Leave one of them out.",
        )
    return selection


def _check_fit(form: ExportFormat, selection: Selection, *, every_namespace: bool, with_embeddings: bool) -> None:
    """Refuse arguments that the format would pass over.

    Raises:
        ValidationError: There is one.
    """
    if form in _DRAWN and (selection.max_memories or 0) > MOST_DRAWN:
        raise ValidationError(
            f"is more than can be drawn ({MOST_DRAWN:,}).",
            field="max_memories",
            remedy="Take fewer, or a format for graph programs.",
        )
    unfit = None
    if form in _WHOLE and selection.is_part:
        unfit = "query, memory_ids, max_memories and include_archived"
    elif form not in _WHOLE and every_namespace:
        unfit = "every_namespace"
    elif form != "jsonl" and not with_embeddings:
        unfit = "with_embeddings"
    if unfit:
        raise ValidationError(
            f"{form} does not go with {unfit}.", field="format", remedy="Leave them out, or choose another format."
        )
