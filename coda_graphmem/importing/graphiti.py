"""Reads graphs as Graphiti and Zep keep them: episodes, nodes with summaries, edges that say facts.

A file is one object::

    {"episodes": [{"uuid": "…", "name": "…", "content": "…", "source": "message", "source_description": "…",
                   "group_id": "…", "created_at": "…", "valid_at": "…"}],
     "nodes": [{"uuid": "…", "name": "Nora", "labels": ["Entity", "Person"], "summary": "…", "created_at": "…"}],
     "edges": [{"uuid": "…", "source_node_uuid": "…", "target_node_uuid": "…", "name": "LIVES_IN", "fact": "…",
                "valid_at": "…", "invalid_at": "…", "expired_at": "…", "episodes": ["…"], "created_at": "…"}]}

``entities`` stands for ``nodes``, ``facts`` and ``relationships`` for ``edges``. An episode becomes an episodic memory,
the summary of a node a semantic one with the node as title, and so does the fact of an edge, whose metadata says what
it joins and from when until when it held. A fact that has ended is kept as one that is remembered, not as one that
holds: ``metadata["invalid_at"]`` says when it ended.
"""

from collections.abc import Callable, Iterator
from typing import Any, TextIO

from coda_graphmem.importing.foreign import Foreign, key_of, records_of_foreign, time_of
from coda_graphmem.importing.json_items import read_listed
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.models import MemoryType

_EPISODES, _NODES = frozenset({"episodes", "episodic_nodes"}), frozenset({"nodes", "entities", "entity_nodes"})
_EDGES = frozenset({"edges", "facts", "relationships", "entity_edges"})
_PLAIN = frozenset({"Entity", "entity"})

#: Names of nodes that are kept, to name what edges join.
_NAMED = 1_000_000


def read_graphiti(opened: Callable[[], TextIO], maker: RecordMaker) -> Iterator[Record]:
    """What a graph says as memories, in its order.

    Args:
        opened: Opens the file, which is read twice: edges may stand before the nodes they join.
        maker: Of that file.

    Raises:
        ValidationError: It is damaged, or holds something else; the field names file and item.
    """
    names: dict[str, str] = {}
    with opened() as file:
        for listed, item in read_listed(file, maker.source, "item", _NODES):
            uuid, name = key_of(item.get("uuid")), item.get("name")
            if listed and uuid and isinstance(name, str) and len(names) < _NAMED:
                names[uuid] = name
    with opened() as file:
        found = read_listed(file, maker.source, "item", _EPISODES | _NODES | _EDGES)
        for number, (listed, item) in enumerate(found, start=1):
            place = f"item {number}"
            if listed in _EPISODES:
                foreign = _episode(item, place, maker)
            elif listed in _NODES:
                foreign = _node(item, place, maker)
            elif listed in _EDGES or isinstance(item.get("fact"), str):
                foreign = _edge(item, place, maker, names)
            else:
                raise maker.fault(place, "is no list of episodes, nodes or edges.", 'Write {"edges": […]}.')
            yield from records_of_foreign(foreign, place, maker)


def _episode(item: dict[str, Any], place: str, maker: RecordMaker) -> Foreign:
    return Foreign(
        program="graphiti",
        key=key_of(item.get("uuid")),
        content=item.get("content"),
        kind=MemoryType.EPISODIC,
        at=time_of(item, place, maker, "valid_at", "reference_time", "created_at"),
        metadata=_kept(item, "source", "source_description") | {"episode": item.get("name")},
        said=item,
    )


def _node(item: dict[str, Any], place: str, maker: RecordMaker) -> Foreign:
    labels = item.get("labels")
    kinds = [label for label in labels if isinstance(label, str) and label not in _PLAIN] if labels else []
    return Foreign(
        program="graphiti",
        key=key_of(item.get("uuid")),
        content=item.get("summary"),
        at=time_of(item, place, maker, "created_at"),
        metadata=_kept(item, "attributes") | {"title": _text(item.get("name")), "labels": kinds},
        said=item,
    )


def _edge(item: dict[str, Any], place: str, maker: RecordMaker, names: dict[str, str]) -> Foreign:
    ends = [names.get(key_of(item.get(f"{end}_node_uuid")) or "", "") for end in ("source", "target")]
    if item.get("invalid_at") or item.get("expired_at"):
        maker.account.note(f"{maker.source}: facts that have ended are kept with the time as metadata (invalid_at).")
    return Foreign(
        program="graphiti",
        key=key_of(item.get("uuid")),
        content=item.get("fact"),
        at=time_of(item, place, maker, "valid_at", "created_at"),
        metadata=_kept(item, "valid_at", "invalid_at", "expired_at", "episodes", "attributes")
        | {"title": ends[0], "relation": {"from": ends[0], "to": ends[1], "type": _text(item.get("name"))}},
        said=item,
    )


def _kept(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: item.get(name) for name in ("group_id", *names)} | {"source_id": item.get("uuid")}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
