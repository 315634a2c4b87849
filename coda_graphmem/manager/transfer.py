"""Calls that take memories out, as files, graphs or copies, and bring them back."""

from __future__ import annotations

from collections.abc import Callable
from io import TextIOBase
from os import PathLike, fsdecode, fsencode
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from coda_graphmem.boundary import operation
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.graphs.selection import DRAWN, LISTED, Selection
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import CopyReport, ExportFormat, ExportResult, ImportReport
from coda_graphmem.store.factory import is_same_place
from coda_graphmem.validation.types import Depth, GraphSize, Ids, Namespaces, Offset, QueryText
from coda_graphmem.where import Where

if TYPE_CHECKING:
    from networkx import MultiDiGraph

    from coda_graphmem.graphs.memory_graph import MemoryGraph
    from coda_graphmem.models.conditions import Condition


class Transfer(ManagerCore):
    """Takes memories out and brings them back."""

    @operation(MemoryRetrievalError)
    async def export_memories(
        self,
        target: str | PathLike[str] | BinaryIO,
        format: ExportFormat | None = None,  # noqa: A002 - the word everybody uses
        *,
        query: QueryText | None = None,
        memory_ids: Ids | None = None,
        max_depth: Depth = 1,
        max_memories: GraphSize | None = None,
        include_archived: bool = False,
        where: Where | None = None,
        with_embeddings: bool = True,
        every_namespace: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ExportResult:
        """Write the memories of this namespace, or a part of them, into a file.

        ``jsonl`` is complete and comes back by `import_memories` as it was, and so is ``markdown``, a folder of notes
        that Obsidian opens, or a ZIP archive of it. ``cypher`` is a script that makes the same graph in a Neo4j of
        one's own. These hold all memories, archived and short-term ones included, and are written page by page, so that
        memory does not grow with the namespace. ``knowledge-graph`` is the ``memory.jsonl`` of the Model Context
        Protocol's memory server: entities with what live memories say of them, and relations. ``graphml`` and ``gexf``
        are for graph programs such as Gephi; ``html`` (a page that needs no network), ``svg`` and ``png`` (with the
        extra ``plot``) are to look at. These five are one graph in memory, and take the arguments that choose a part.

        A file is written whole or not at all, for its owner alone to read: until it is done its name ends in ``.part``.
        What is no graph holds, of an embedded store, what that held at one moment; of another one, what is stored
        meanwhile may or may not be part of it.

        Args:
            target: Path of the file, or an open binary file. A file that is there is replaced and hands on its mode;
                of a link, what it leads to; a pipe or device is written to. For ``markdown`` a folder that is not
                there yet; a path that ends in ``.zip`` and an open file become an archive.
            format: What to write; None for what the file's ending says.
            query: A graph of the ten best memories for these words and what is linked to them.
            memory_ids: A graph of these live memories and what is linked to them.
            max_depth: Steps from these over shared entities and neighbouring turns, 0 to 4.
            max_memories: How many memories a graph holds, 1 to 100,000, or 2,000 where it is drawn: the nearest to
                where it begins, else the newest. None for 10,000, or 150 where it is drawn.
            include_archived: Whether a graph without query and ids holds archived memories too.
            where: Only memories of which these conditions hold, as in `retrieve_memories`; in any format.
            with_embeddings: Whether ``jsonl`` and ``markdown`` hold vectors; without, they are made anew at the import.
            every_namespace: Whether all namespaces of the store are written; for administration, not for tenants.
            progress: Called with (done, total) after each page.

        Raises:
            ValidationError: The file cannot be written, arguments do not fit the format, a memory does not exist, or
                Matplotlib is not installed.
        """
        from coda_graphmem.transfer.formats import check_fit, format_of

        place = _place(target, "target", "write")
        if format is not None:
            form = format
        elif isinstance(place, Path):
            form = format_of(place)
        else:
            raise ValidationError("is missing for an open file.", field="format", remedy="Name the format.")
        conditions = cast("Condition | None", where)
        starts = query, tuple(memory_ids or ()), ()
        selection = Selection(*starts, max_depth, max_memories, include_archived, where=conditions)
        check_fit(form, selection, every_namespace=every_namespace, with_embeddings=with_embeddings)
        try:
            return await self._open.transfer.export(
                None if every_namespace else self.namespace,
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
        """Bring memories back from the ``jsonl`` or ``markdown`` that `export_memories` wrote, exactly as they were.

        Every field, entity, link and merge is kept, and the order of arrival. Memories whose id exists here are passed
        over, so that an interrupted call is simply made again. Vectors are kept where they are of the configured
        model, else made anew. Nothing is archived for `MemoryConfig.max_memories` until the next memory is stored.

        Conversations in other forms, and memories of other programs, come in by `coda_graphmem.importing`.

        Args:
            source: Path of the file, of the folder or its archive; or an open binary file that can be read again from
                its beginning.
            every_namespace: Whether memories go into the namespaces the file names, instead of this one; for
                administration, not for tenants.
            progress: Called with (done, total) after each batch.

        Raises:
            ValidationError: The file cannot be read, is damaged, cut off or of a newer version, or holds several
                namespaces. Nothing was kept.
            MemoryStorageError: A batch could not be written; those before it are kept.
        """
        into = None if every_namespace else self.namespace
        place = _place(source, "source", "seek")
        name = place.name if isinstance(place, Path) else "file"
        try:
            return await self._open.transfer.restore(into, place, name, progress)
        except OSError as error:
            raise ValidationError(
                f"cannot be read ({error.strerror}).", field=str(source), remedy="Check it."
            ) from error

    @operation(MemoryRetrievalError)
    async def get_graph(
        self,
        query: QueryText | None = None,
        *,
        memory_ids: Ids | None = None,
        entity_keys: Ids | None = None,
        max_depth: Depth = 1,
        max_memories: GraphSize = DRAWN,
        include_archived: bool = False,
        where: Where | None = None,
        skip: Offset = 0,
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
            where: Only memories of which these conditions hold, as in `retrieve_memories`.
            skip: How many of the newest memories a graph of them passes over, to go through them page by page; those of
                them that are linked with the others come along.

        Raises:
            ValidationError: A memory or an entity does not exist.
        """
        starts = tuple(memory_ids or ()), tuple(entity_keys or ())
        selection = Selection(
            query, *starts, max_depth, max_memories, include_archived, skip, cast("Condition | None", where)
        )
        return await self._open.graphs.make_graph(self.namespace, selection, DRAWN)

    @operation(MemoryRetrievalError)
    async def to_networkx(
        self,
        query: QueryText | None = None,
        *,
        memory_ids: Ids | None = None,
        entity_keys: Ids | None = None,
        max_depth: Depth = 1,
        max_memories: GraphSize = LISTED,
        include_archived: bool = False,
        where: Where | None = None,
    ) -> MultiDiGraph:
        """The same as `get_graph` as a `networkx.MultiDiGraph`, by default of up to 10,000 memories.

        Nodes are named ``memory:ID``, ``entity:KEY`` and ``conversation:ID``, with ``kind``, ``label`` and their fields
        as attributes. Edges have their kind as key: ``MENTIONS``, ``PART_OF``, ``NEXT``, ``SIMILAR_TO``,
        ``POSSIBLY_OUTDATED_BY`` and ``CONSOLIDATED_INTO``.

        Args:
            query: As in `get_graph`, as are the arguments that follow.
        """
        starts = tuple(memory_ids or ()), tuple(entity_keys or ())
        selection = Selection(
            query, *starts, max_depth, max_memories, include_archived, where=cast("Condition | None", where)
        )
        return (await self._open.graphs.make_graph(self.namespace, selection, LISTED)).to_networkx()

    @operation(MemoryStorageError, opens=True)
    async def copy_to(
        self,
        target: MemoryConfig,
        *,
        namespaces: Namespaces | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> CopyReport:
        """Copy memories, with all that the store keeps of them, into another store, and compare both.

        It works in batches and passes over what the target has already, so an interrupted call is continued by the
        next one. Nothing is embedded anew, and nothing is removed from either store. It may be called before
        `initialize`, which refuses a store of another model than the configured one.

        Args:
            target: Configuration of the other store. Only what names the store and how it keeps vectors matters.
            namespaces: Which to copy; None for all of them, whatever the namespace of this manager.
            progress: Called with (memories looked at, all memories) at the start and after each batch.

        Returns:
            What the target holds now and what this store held at the moment ``as_of``. ``complete`` tells whether that
            is the same, by kind and memory by memory. An embedded store is read as of one moment, whatever is written
            to it meanwhile; of another one there is no such moment where it was changed while it was copied.

        Raises:
            EmbeddingMismatchError: The target holds vectors of another model.
            MemoryStorageError: The target could not keep a batch; those before it are kept.
        """
        if not isinstance(target, MemoryConfig):
            raise ValidationError(
                f"must be a MemoryConfig, not {type(target).__name__}.",
                field="target",
                remedy="Pass the configuration of the other store.",
            )
        if is_same_place(self.config, target):
            raise ValidationError(
                "is the store that is copied from.",
                field="target",
                remedy="Name another server, or another vector_store.persist_directory.",
            )
        from coda_graphmem.transfer.copy import copy_into

        await self.lifecycle.open(check_model=False)
        await self.services.access.flush()
        return await copy_into(self.services.resources.store, target, namespaces=namespaces, progress=progress)


def _place(value: str | PathLike[str] | BinaryIO, field: str, able: str) -> Path | BinaryIO:
    """A path, or an open binary file that has a method."""
    if isinstance(value, str | PathLike):
        try:
            if not (name := fsencode(value)) or b"\0" in name:
                raise ValueError
        except ValueError:
            raise ValidationError(
                "is no name of a file.", field=field, remedy="Pass a path without NUL and lone surrogates."
            ) from None
        return Path(fsdecode(value))
    if isinstance(value, TextIOBase) or not hasattr(value, able):
        raise ValidationError(
            f"must be a path or an open binary file, not {type(value).__name__}.",
            field=field,
            remedy="Pass a path, or open the file with 'b'.",
        )
    return value
