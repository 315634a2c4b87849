"""Reads memories as mem0 lists them, in whichever way they were written into a file.

A file is a list of memories, an object that holds the list as ``results``, ``memories``, ``items`` or ``data``, or a
memory a line::

    {"id": "…", "memory": "…" (or "text", "data", "content"), "user_id": "…", "agent_id": "…", "run_id": "…",
     "categories": ["…"], "metadata": {…}, "created_at": "2026-03-02T19:12:00-08:00", "updated_at": "…"}

Items of a LangGraph store among them (`coda_graphmem.importing.langgraph`) are read as such.
"""

from collections.abc import Iterator
from typing import Any, TextIO

from coda_graphmem.importing.foreign import Foreign, key_of, kind_of, records_of_foreign, time_of, unit_of
from coda_graphmem.importing.json_items import read_listed
from coda_graphmem.importing.langgraph import is_langgraph, records_of_item
from coda_graphmem.importing.record import Record, RecordMaker

#: Keys under which lists of memories stand.
LISTS = frozenset({"results", "memories", "items", "data"})

#: Under which of these the words stand, the first that there is.
_WORDS = ("memory", "text", "data", "content")
#: What only a memory has beside its words, and no line of a conversation.
_BESIDE = frozenset({"id", "user_id", "agent_id", "run_id", "categories", "hash"})
#: What of a memory is kept in other ways than as it stands.
_READ = frozenset({"id", *_WORDS, "metadata", "user_id", "agent_id", "run_id", "categories", "tags", "created_at"})


def is_mem0(item: dict[str, Any]) -> bool:
    """Whether an item of a list is a memory of mem0."""
    if isinstance(item.get("memory"), str):
        return True
    return any(isinstance(item.get(name), str) for name in _WORDS) and not _BESIDE.isdisjoint(item)


def read_mem0(file: TextIO, maker: RecordMaker) -> Iterator[Record]:
    """The memories of a file, in its order.

    ``created_at``, else ``updated_at``, becomes the time. ``user_id``, ``agent_id``, ``run_id`` and ``categories`` are
    kept as `coda_graphmem.importing.belongings` says, the rest as metadata beside its own.

    Args:
        file: Open for reading.
        maker: Of that file.

    Raises:
        ValidationError: It is damaged, or a memory is not acceptable; the field names file and memory.
    """
    for number, (_, item) in enumerate(read_listed(file, maker.source, "memory", LISTS), start=1):
        place = f"memory {number}"
        if is_langgraph(item):
            yield from records_of_item(item, place, maker)
            continue
        own = item.get("metadata")
        if own is not None and not isinstance(own, dict):
            raise maker.fault(place, "metadata must be an object.", 'Write {"metadata": {"key": "value"}}.')
        own = own or {}
        said = {key: value for key, value in own.items() if key in ("user_id", "agent_id", "run_id")} | item
        rest = {key: value for key, value in item.items() if key not in _READ and not _is_vector(key)}
        foreign = Foreign(
            program="mem0",
            key=key_of(item.get("id")),
            content=next((item[name] for name in _WORDS if isinstance(item.get(name), str)), None),
            kind=kind_of(own.get("memory_type") or item.get("memory_type")),
            at=time_of(item, place, maker, "created_at", "createdAt", "timestamp", "updated_at"),
            importance=unit_of(own.get("importance")),
            metadata=rest | own | {"source_id": item.get("id")},
            said=said,
            tags=item.get("categories") or item.get("tags") or own.get("categories") or own.get("tags"),
        )
        yield from records_of_foreign(foreign, place, maker)


def _is_vector(key: str) -> bool:
    return key in ("embedding", "vector", "embeddings", "score", "hash")
