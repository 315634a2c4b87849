"""Writes memories as a script of Cypher statements, for a Neo4j of one's own.

The statements are those of ``cypher/export``, with the rows they work on written into them as literals: the script
needs no parameters and no file beside it. It makes the graph that the Neo4j store makes, so the queries of
``cypher/explore`` work on it, but no vectors, no facts, no earlier versions and nothing that is only for the store.
Running it again changes nothing.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from coda_graphmem.models import LinkKind, MemoryLink
from coda_graphmem.store.codec import FIELDS, dump_fields
from coda_graphmem.store.protocol import EntityNode, StoredMemory
from coda_graphmem.times import iso_time

#: Rows of a statement: few enough for Browser, and for a transaction of a small server.
ROWS = 50

_FIRST = (
    *("namespace", "scope", "memory_id", "memory_type", "content", "epoch", "arrival", "importance_score"),
    *("access_count", "last_accessed", "metadata", "speaker", "conversation_id"),
)
_LAST = ("decay_factor", "expires_at", "archived_at")

# The properties of a memory in the order in which they are written. Its time is written beside them, and what it was
# merged into is an edge.
_PROPERTIES = (
    *_FIRST,
    *(name for name in FIELDS if name not in (*_FIRST, *_LAST, "timestamp", "consolidated_into")),
    *_LAST,
)

_LINKS = {LinkKind.SIMILAR_TO: "similar", LinkKind.POSSIBLY_OUTDATED_BY: "outdated"}
_SCHEMA = ("constraint_memory", "constraint_entity", "constraint_conversation")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_ESCAPED = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_TO_ESCAPE = re.compile(r"[\\'\x00-\x1f\x7f\x85\u2028\u2029]")


def schema_statements() -> Iterator[str]:
    """What comes first: constraints that MERGE needs to be fast and exact."""
    for name in _SCHEMA:
        yield _statement(f"schema/{name}") + ";\n"


def memory_statements(
    namespace: str, rows: Sequence[StoredMemory], entities: Mapping[str, EntityNode]
) -> Iterator[str]:
    """Statements that make memories with their entities and conversations.

    Args:
        namespace: Theirs.
        rows: The memories.
        entities: The entities they mention, by key.
    """
    yield from _filled("memories", [_memory_row(namespace, row, entities) for row in rows])


def link_statements(namespace: str, rows: Sequence[StoredMemory], links: Sequence[MemoryLink]) -> Iterator[str]:
    """Statements that join memories which are all there: their links, and what originals were merged into.

    Args:
        namespace: Theirs.
        rows: Memories, of which the merged originals are joined.
        links: Links between memories.
    """
    for kind, name in _LINKS.items():
        yield from _filled(name, [_link_row(namespace, link) for link in links if link.kind is kind])
    merged = [
        {
            "namespace": namespace,
            "source_id": row.memory.memory_id,
            "target_id": row.memory.consolidated_into,
            "properties": _without_none({"run_id": row.run_id, "merged_at": row.memory.archived_at}),
        }
        for row in rows
        if row.memory.consolidated_into is not None
    ]
    yield from _filled("merged", merged)


def order_statements(namespace: str) -> Iterator[str]:
    """The statement that comes last: which memory follows which in a conversation."""
    yield from _filled("next", [{"namespace": namespace}])


def literal(value: Any) -> str:
    """A value as Cypher writes it.

    Text stays on one line: control characters and line ends are escaped, as are quotes and backslashes.

    Raises:
        ValueError: It is a number that is not finite.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError("not a finite number")
        return repr(value)
    if isinstance(value, str):
        return f"'{_TO_ESCAPE.sub(_escape, value)}'"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {literal(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(literal, value)) + "]"


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPED.get(character) or f"\\u{ord(character):04x}"


def _key(key: str) -> str:
    return key if _PLAIN_KEY.match(key) else f"`{key.replace('`', '``')}`"


def _filled(name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    text = _statement(f"export/{name}")
    for start in range(0, len(rows), ROWS):
        written = ",\n  ".join(map(literal, rows[start : start + ROWS]))
        # Not str.replace: the rows may hold what looks like the parameter.
        before, after = text.split("$rows", 1)
        yield f"{before}[\n  {written}\n]{after};\n"


def _statement(name: str) -> str:
    # Only here: the package it stands in loads the driver.
    from coda_graphmem.store.neo4j.statements import statement

    return statement(name)


def _memory_row(namespace: str, row: StoredMemory, entities: Mapping[str, EntityNode]) -> dict[str, Any]:
    memory = row.memory
    live = memory.lifetime == "long_term" and memory.archived_at is None
    properties = {
        **dump_fields(memory),
        "tags": memory.tags or None,
        "namespace": namespace,
        "scope": namespace if live else None,
        "epoch": memory.timestamp,
        "arrival": row.position,
        "speaker": memory.speaker,
        # As the store has it: nothing of a memory that was never changed.
        "version": None if memory.version == 1 else memory.version,
    }
    mentioned = []
    for mention in memory.entities:
        node = entities.get(mention.key) or EntityNode(mention.key, mention.name, mention.label, 0)
        mentioned.append(
            {
                "key": node.key,
                "name": node.name,
                "label": node.label,
                "mention_count": node.mention_count,
                "mentioned_name": mention.name,
                "mentioned_label": mention.label,
            }
        )
    return {
        "label": memory.memory_type.value.capitalize(),
        "timestamp": iso_time(memory.timestamp),
        "conversation_id": memory.conversation_id,
        "entities": mentioned,
        "properties": _without_none({name: properties[name] for name in _PROPERTIES}),
    }


def _link_row(namespace: str, link: MemoryLink) -> dict[str, Any]:
    kept = {"score", "guard", "reason", "created_at", "run_id"}
    properties = link.model_dump(mode="json", include=kept, exclude_none=True)
    return {"namespace": namespace, "source_id": link.source_id, "target_id": link.target_id, "properties": properties}


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def comment(lines: Iterable[str]) -> str:
    """Lines of a comment."""
    return "".join(f"// {' '.join(line.split())}\n" for line in lines)
