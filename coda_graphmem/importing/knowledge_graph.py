"""Reads the knowledge graph that the Model Context Protocol's memory server keeps in ``memory.jsonl``.

An entity or a relation a line::

    {"type": "entity", "name": "Nora", "entityType": "person", "observations": ["Sings in a choir"]}
    {"type": "relation", "from": "Nora", "to": "Choir", "relationType": "sings_in"}

or one object of what its tool ``read_graph`` answers, ``{"entities": […], "relations": […]}``. Other servers write
``entityName`` or ``id``, ``from_id`` and ``to_id``, ``entity_type`` and ``relation_type``.

Each observation becomes a memory, with its entity as title and so as an entity here. A relation becomes one that says
it in words (``Nora sings in Choir``); its metadata says whom and what it joins. An entity that nothing is observed of
becomes a memory of its name and type. `coda_graphmem.transfer.knowledge_graph` makes the same file of such memories.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TextIO

from coda_graphmem.importing.account import BLANK
from coda_graphmem.importing.chats import acceptable
from coda_graphmem.importing.foreign import Foreign, kind_of, records_of_foreign, time_of
from coda_graphmem.importing.json_items import read_listed
from coda_graphmem.importing.record import Record, RecordMaker, digest
from coda_graphmem.transfer.knowledge_graph import ENTITY_TYPE, OBSERVED, RELATION, sentence

_LISTS = frozenset({"entities", "relations"})
_NAME = ("name", "entityName", "id")
_TYPE = ("entityType", "entity_type")
_FROM = ("from", "from_id")
_TO = ("to", "to_id")
_RELATION = ("relationType", "relation_type")


def is_knowledge_graph(item: dict[str, Any]) -> bool:
    """Whether an object is an entity or a relation of such a graph."""
    kind = item.get("type")
    if kind == "entity":
        return any(name in item for name in (*_TYPE, "observations"))
    return kind == "relation" and any(name in item for name in _RELATION)


def read_knowledge_graph(file: TextIO, maker: RecordMaker) -> Iterator[Record]:
    """What a graph says as memories, in its order.

    Args:
        file: Open for reading.
        maker: Of that file.

    Raises:
        ValidationError: It is damaged, or an entity or relation lacks its names; the field names file and record.
    """
    seen: dict[str, int] = {}
    for number, (listed, item) in enumerate(read_listed(file, maker.source, "record", _LISTS), start=1):
        place = f"record {number}"
        kind = {"entities": "entity", "relations": "relation"}.get(listed, item.get("type"))
        if kind == "entity":
            found = _entity(item, place, maker)
        elif kind == "relation":
            found = iter([_relation(item, place, maker)])
        else:
            raise maker.fault(place, "is neither an entity nor a relation.", 'Write {"type": "entity", "name": "…"}.')
        for foreign in found:
            # The server keeps what is observed twice twice; so do we.
            key = digest(foreign.key, foreign.content)
            seen[key] = seen.get(key, 0) + 1
            again = f"{foreign.key} {seen[key]}" if seen[key] > 1 else foreign.key
            yield from records_of_foreign(replace(foreign, key=again), place, maker)


def _entity(item: dict[str, Any], place: str, maker: RecordMaker) -> Iterator[Foreign]:
    name, kind = _text(item, _NAME), _text(item, _TYPE)
    if name is None:
        raise maker.fault(place, "is an entity without a name.", 'Write {"type": "entity", "name": "…"}.')
    observations = item.get("observations") or []
    if not isinstance(observations, list):
        raise maker.fault(place, "observations must be a list.", 'Write {"observations": ["…"]}.')
    metadata = {"title": name, ENTITY_TYPE: kind}
    at = time_of(item, place, maker)
    words = [words for one in observations if (words := _observation(one))]
    maker.account.pass_over("records", BLANK, maker.place(place), len(observations) - len(words))
    for text in words:
        yield Foreign("knowledge-graph", f"observation {name}", text, kind_of(kind), at, metadata=metadata)
    if not words:
        text = f"{name}: {kind}" if kind else name
        yield Foreign("knowledge-graph", f"entity {name}", text, at=at, metadata=metadata | {OBSERVED: False})


def _relation(item: dict[str, Any], place: str, maker: RecordMaker) -> Foreign:
    source, target, relation = _text(item, _FROM), _text(item, _TO), _text(item, _RELATION)
    if source is None or target is None or relation is None:
        raise maker.fault(
            place,
            "is a relation without from, to or relationType.",
            'Write {"type": "relation", "from": "…", "to": "…", "relationType": "…"}.',
        )
    metadata = {"title": source, RELATION: {"from": source, "to": target, "type": relation}}
    text = sentence(source, relation, target)
    return Foreign("knowledge-graph", "relation", text, at=time_of(item, place, maker), metadata=metadata)


def _observation(value: object) -> str:
    """What was observed: a text, or an object that says it."""
    if isinstance(value, dict):
        value = next((value[name] for name in ("content", "text", "observation") if name in value), None)
    return value if isinstance(value, str) and acceptable(value).strip() else ""


def _text(item: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        if isinstance(value := item.get(name), str) and (text := acceptable(value).strip()):
            return text
    return None
