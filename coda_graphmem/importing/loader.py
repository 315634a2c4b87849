"""Stores what was read, batch by batch, so that an interrupted import can be continued."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, TypeVar

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import Account
from coda_graphmem.importing.record import Record, digest
from coda_graphmem.importing.source import Source
from coda_graphmem.memories.draft import Draft, read_entry
from coda_graphmem.models import Memory
from coda_graphmem.store.codec import same_metadata
from coda_graphmem.validation.limits import MAX_LIMIT

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

T = TypeVar("T")

#: Batches of `MemoryConfig.batch_size` that are stored in one transaction.
BATCHES_A_TRANSACTION = 2

#: Where metadata of a section say its place in its document, and documents that are asked for at a time.
_POSITION, _AT_A_TIME = "position", 500


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did."""

    memories: int
    """Memories of the file; all of them are in the store now."""
    new: int
    """Those that were not there before, as far as nobody else wrote meanwhile."""
    namespaces: tuple[str, ...]
    """Where they are, in the order of the file."""
    seconds: float
    """Time of storing, without reading the file."""
    account: Account = field(default_factory=Account)
    """What became of each line, message and file that was read; empty where the records do not come from a `Source`."""
    outdated: int = 0
    """Sections in the store of documents that were read, which these documents hold no more."""
    removed: int = 0
    """Those of them that were removed."""
    moved: int = 0
    """Sections that were there already and have a new place in their document now."""

    @property
    def rate(self) -> float:
        """Memories a second."""
        return self.memories / self.seconds if self.seconds else 0.0


class Loader:
    """Stores records; those that are there already are passed over by their ids, before anything is embedded.

    Args:
        memory: Where to, a `MemoryManager`. Its namespace is that of records that name none.

    Raises:
        ValidationError: It is something else, such as a `SyncMemoryManager`, which `SyncLoader` is for.
    """

    def __init__(self, memory: MemoryManager) -> None:
        from coda_graphmem.manager import MemoryManager

        check_memory(memory, MemoryManager, "SyncLoader for a SyncMemoryManager")
        self._memory = memory
        self.done = 0
        """Records that are in the store for certain; what the last `load` got done, also where it was interrupted."""
        self.total = 0
        """Records there are; 0 until they have been checked and counted."""

    async def load(
        self,
        records: Iterable[Record],
        progress: Callable[[int, int], None] | None = None,
        *,
        replace: bool = False,
    ) -> ImportResult:
        """Store records, in their order.

        Args:
            records: What to store. A `Source` is gone through twice, first to check and count all of it, so that a
                file is never held in memory and one with a fault in it is refused before anything is stored, as is
                one that gives an id which it, or the store, has with other content. What can be gone through only
                once is held in memory.
            progress: Called with (done, total) after each batch.
            replace: Whether sections that a document holds no more are removed, and those that moved in it are told
                their new places. Without it they are counted (`ImportResult.outdated`) and left. Documents that were
                not read are left in any case.

        Raises:
            MemoryStorageError: A batch could not be written; those before it are kept.
            ValidationError: A record is not acceptable, or an id that the file gave exists with other content. Nothing
                was stored, unless somebody else stored that id meanwhile.
        """
        self.done = self.total = 0
        if isinstance(records, Iterator):
            records = await asyncio.to_thread(list, records)
        config = self._memory.config
        size = min(BATCHES_A_TRANSACTION * config.batch_size, config.vector_store.max_batch_size)
        total, names, gives_ids, documents = await asyncio.to_thread(self._survey, records)
        if gives_ids:
            await self._check_ids(records, size)
        self.total = total
        start = time.perf_counter()
        before = await self._count(names)
        moved = 0
        async with aclosing(_ahead(self._ready(records, size))) as batches:
            async for ready in batches:
                moved += await self._store(ready, replace=replace)
                self.done += len(ready.batch)
                if progress is not None:
                    progress(self.done, total)
        new = await self._count(names) - before
        account = records.account if isinstance(records, Source) else Account()
        outdated = [one for name in names async for one in self._outdated(name, documents.get(name, {}))]
        for view, memory_id in outdated if replace else ():
            await view.delete_memory(memory_id)
        removed = len(outdated) if replace else 0
        seconds = time.perf_counter() - start
        return ImportResult(total, new, names, seconds, account, len(outdated), removed, moved)

    def _survey(self, records: Iterable[Record]) -> tuple[int, tuple[str, ...], bool, dict[str, dict[str, set[str]]]]:
        """How many records there are, in which namespaces, whether any brings its id, and each document's sections."""
        found: Counter[str] = Counter()
        documents: dict[str, dict[str, set[str]]] = {}
        given: dict[str, int] = {}
        for record in records:
            name = self._namespace(record)
            found[name] += 1
            if record.document is not None:
                documents.setdefault(name, {}).setdefault(record.document, set()).add(record.memory["memory_id"])
            if not record.once:
                key = self._key(record)
                said = hash(json.dumps(record.memory, sort_keys=True, default=str))
                if given.setdefault(key, said) != said:
                    first = next((other for other in records if self._key(other) == key), record)
                    raise _taken(record, f"stands at {first.place or 'another place'} already")
        return found.total(), tuple(found), bool(given), documents

    async def _check_ids(self, records: Iterable[Record], size: int) -> None:
        """See that no id which the file gave is that of another memory in the store."""
        batches = self._batches((record for record in records if not record.once), size)
        while found := await asyncio.to_thread(next, batches, None):
            name, batch = found
            ids = [record.memory["memory_id"] for record in batch]
            known = {memory.memory_id: memory for memory in await self._memory.for_namespace(name).get_memories(ids)}
            for record in batch:
                memory = known.get(record.memory["memory_id"])
                if memory is not None and not _is_same(memory, read_entry(record.memory, "")):
                    raise _taken(record, "is in the memory")

    def _batches(self, records: Iterable[Record], size: int) -> Iterator[tuple[str, list[Record]]]:
        for name, group in groupby(records, self._namespace):
            while batch := list(islice(group, size)):
                yield name, batch

    async def _ready(self, records: Iterable[Record], size: int) -> AsyncIterator[_Ready]:
        """Batches of which nothing is left to do but to write them."""
        batches = self._batches(records, size)
        while found := await asyncio.to_thread(next, batches, None):
            name, batch = found
            view = self._memory.for_namespace(name)
            known = await _known(view, batch)
            new = _new(batch, known)
            yield _Ready(view, batch, known, await view._analysed(new) if new else [])

    async def _store(self, ready: _Ready, *, replace: bool) -> int:
        """Store what is not there; how many sections were told a new place."""
        view, new = ready.view, ready.new
        # The batch before, or somebody else, may have brought some of it since it was made ready.
        since = await _known(view, [one for one in ready.batch if one.memory["memory_id"] not in ready.known])
        known = {**ready.known, **since}
        if since:
            new = _new(ready.batch, known)
        if new:
            await view.store_memories_batch(new)
        moved = 0
        for record in ready.batch if replace else ():
            memory = known.get(record.memory["memory_id"])
            place = record.memory.get("metadata", {}).get(_POSITION)
            if memory is not None and record.document is not None and memory.metadata.get(_POSITION) != place:
                await view.update_memory(memory.memory_id, metadata={**memory.metadata, _POSITION: place})
                moved += 1
        return moved

    async def _outdated(self, name: str, documents: Mapping[str, set[str]]) -> AsyncIterator[tuple[MemoryManager, str]]:
        """Sections in the store that documents which were read do not hold, archived ones too."""
        view = self._memory.for_namespace(name)
        sources = list(documents)
        for start in range(0, len(sources), _AT_A_TIME):
            some = sources[start : start + _AT_A_TIME]
            where = {"metadata.source": {"$in": some}, f"metadata.{_POSITION}.ordinal": {"$exists": True}}
            for archived in (False, True):
                offset = 0
                while page := await view.list_memories(MAX_LIMIT, offset, "oldest", where=where, archived=archived):
                    for memory in page:
                        source = memory.metadata["source"]
                        # What says so by chance was stored by somebody else.
                        if memory.conversation_id == source and memory.memory_id not in documents[source]:
                            yield view, memory.memory_id
                    offset += len(page)

    def _key(self, record: Record) -> str:
        """What no two memories share: namespace and id."""
        return digest(self._namespace(record), record.memory["memory_id"])

    def _namespace(self, record: Record) -> str:
        return self._memory.namespace if record.namespace is None else record.namespace

    async def _count(self, namespaces: Sequence[str]) -> int:
        views = [self._memory.for_namespace(name) for name in namespaces]
        return sum([await view.count() + await view.count(archived=True) for view in views])


@dataclass(frozen=True, slots=True)
class _Ready:
    """A batch that is about to be stored."""

    view: MemoryManager
    batch: Sequence[Record]
    known: Mapping[str, Memory]
    """What is there already, of records that are stored once."""
    new: Sequence[Mapping[str, Any]]


async def _known(view: MemoryManager, batch: Sequence[Record]) -> dict[str, Memory]:
    """What is there already of records that are stored once, by id."""
    ids = [record.memory["memory_id"] for record in batch if record.once]
    return {memory.memory_id: memory for memory in await view.get_memories(ids)} if ids else {}


def _new(batch: Sequence[Record], known: Mapping[str, Memory]) -> list[dict[str, Any]]:
    return [record.memory for record in batch if not (record.once and record.memory["memory_id"] in known)]


async def _ahead(source: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """What a source gives, in its order, the next one made while one is used; an error comes when its turn does."""

    async def following() -> T | None:
        return await anext(source, None)

    task = asyncio.create_task(following())
    try:
        while (item := await task) is not None:
            task = asyncio.create_task(following())
            yield item
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def check_memory(memory: object, kind: type, otherwise: str) -> None:
    """See that a loader gets the memory it is for.

    Raises:
        ValidationError: It is of another kind; the remedy names what is for that.
    """
    if not isinstance(memory, kind):
        raise ValidationError(
            f"must be a {kind.__name__}, not {type(memory).__name__}.",
            field="memory",
            remedy=f"Pass one, or use {otherwise}.",
        )


def _is_same(memory: Memory, draft: Draft) -> bool:
    """Whether the store takes a memory for one that it has under the same id."""
    return (
        (memory.content, memory.memory_type, memory.conversation_id)
        == (draft.content, draft.memory_type, draft.conversation_id)
        and same_metadata(memory.metadata, draft.metadata)
        and draft.timestamp in (None, memory.timestamp)
        and draft.importance_score in (None, memory.importance_score)
    )


def _taken(record: Record, where: str) -> ValidationError:
    return ValidationError(
        f"memory_id {record.memory['memory_id']!r} {where} with other content.",
        field=record.place or "memory_id",
        remedy="Give each memory an id of its own, or leave ids out.",
    )
