"""Reads the items of a LangGraph store, in which LangMem keeps memories.

A file is a list of items, an object that holds the list as ``items``, or an item a line::

    {"namespace": ["memories", "user-42"], "key": "…", "value": {"kind": "Memory", "content": {"content": "…"}},
     "created_at": "…", "updated_at": "…"}

The words of a value stand under ``content``, ``memory``, ``text`` or ``data``, in one another where LangMem keeps a
model of its own. A value that has none of these is a set of facts: a line ``name: value`` for each. ``kind`` tells
the type where it is the name of one; a value of ``messages`` is an episode, ``Name: words`` a line.
"""

from collections.abc import Iterator
from typing import Any, TextIO

from coda_graphmem.importing.foreign import Foreign, key_of, kind_of, records_of_foreign, time_of, unit_of
from coda_graphmem.importing.json_items import read_listed
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.models import MemoryType

_LISTS = frozenset({"items", "results", "memories"})
_WORDS = ("content", "memory", "text", "data")
#: What a value says beside its words.
_BESIDE = frozenset({"kind", "type", "metadata", "tags", "categories", "importance", "user_id", "agent_id", "run_id"})
#: Objects in one another that are looked into.
_DEEPEST = 8


def is_langgraph(item: dict[str, Any]) -> bool:
    """Whether an item of a list is one of a store."""
    return isinstance(item.get("value"), dict) and "key" in item and "namespace" in item


def read_langgraph(file: TextIO, maker: RecordMaker) -> Iterator[Record]:
    """The items of a file as memories, in its order.

    Args:
        file: Open for reading.
        maker: Of that file.

    Raises:
        ValidationError: It is damaged, or an item is not acceptable; the field names file and item.
    """
    for number, (_, item) in enumerate(read_listed(file, maker.source, "item", _LISTS), start=1):
        place = f"item {number}"
        if not is_langgraph(item):
            raise maker.fault(place, "has no namespace, key and value.", "Write the items as the store gives them.")
        yield from records_of_item(item, place, maker)


def records_of_item(item: dict[str, Any], place: str, maker: RecordMaker) -> Iterator[Record]:
    """One item as records; see `read_langgraph`."""
    value, namespace, key = item["value"], item["namespace"], key_of(item["key"])
    kind = value.get("kind", value.get("type"))
    inner = value.get("content")
    is_episode = isinstance(inner, dict) and isinstance(inner.get("messages"), list)
    own = value.get("metadata")
    labels = namespace if isinstance(namespace, list) else [namespace]
    foreign = Foreign(
        program="langgraph",
        key=None if key is None else f"{labels} {key}",
        content=_words(value),
        kind=kind_of(kind, MemoryType.EPISODIC if is_episode else MemoryType.SEMANTIC),
        at=time_of(item, place, maker, "created_at", "updated_at"),
        importance=unit_of(value.get("importance")),
        metadata={
            **(own if isinstance(own, dict) else {}),
            "kind": kind,
            "namespace": labels,
            "source_id": item["key"],
            "updated_at": item.get("updated_at"),
        },
        said=value,
        tags=value.get("tags") or value.get("categories"),
    )
    yield from records_of_foreign(foreign, place, maker)


def _words(value: object, depth: int = 0) -> str:
    """What a value says: its words, those of what it holds, or all of its facts."""
    if isinstance(value, dict) and depth < _DEEPEST:
        return _words_of_object(value, depth + 1)
    if isinstance(value, list) and depth < _DEEPEST:
        return "\n".join(filter(None, (_words(item, depth + 1) for item in value)))
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**30):
        return str(value)
    return value if isinstance(value, str) else ""


def _words_of_object(value: dict[str, Any], depth: int) -> str:
    if isinstance(value.get("role"), str) and "content" in value:
        return f"{value['role'].strip().capitalize()}: {_words(value['content'], depth)}"
    for name in (*_WORDS, "messages"):
        if words := _words(value.get(name), depth):
            return words
    lines = ((name, _words(item, depth)) for name, item in value.items() if name not in _BESIDE)
    return "\n".join(f"{name}: {words}" for name, words in lines if words)
