"""Memories as lines of JSON, and back: nothing that a store keeps of a memory is lost on the way.

A file holds one section a namespace. A section is a header, a line for each memory in order of arrival, and an end::

    {"coda_graphmem": "memories", "version": 1, "namespace": "default", "sections": 1,
     "embedding_model": "…" or null, "dimension": 384 or null, "exported_at": 1772452800.0}
    {"memory_id": "…", "content": "…", …}
    {"end": "default", "memories": 1}

The line of a memory holds the fields of `Memory` that say something (those that are None, 0 or empty are left out),
and beside them ``dedup_key``, ``run_id`` (of the merge it was archived by), ``links`` (to other memories, written
with their source), and ``embedding``: the vector's bytes in Base64, little-endian, after ``f2:`` where half precision
holds them exactly and ``f4:`` for single precision. An entity whose own name or label is another than this memory
mentions it by has these as ``known_as``. Numbers are written so that they read back bit by bit.

A version is read by every later version of the package; a file of a version that is newer is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field, Strict

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import EntityMention, LinkKind, Memory, MemoryLink
from coda_graphmem.store.protocol import EntityNode, StoredMemory, Vector
from coda_graphmem.validation import LARGEST, Content, Id, Kind, Metadata, Namespace, Offset, Seconds, Unit, check

MARK, KIND, VERSION = "coda_graphmem", "memories", 1

_Positive = Annotated[int, Strict(), Field(ge=1, le=LARGEST)]
_MEMORY_KEYS = frozenset(
    {
        *("memory_id", "content", "memory_type", "timestamp", "importance_score", "access_count", "last_accessed"),
        *("metadata", "conversation_id", "entities", "created_at", "updated_at", "reinforcement_count", "expires_at"),
        *("archived_at", "consolidated_into", "decay_factor", "dedup_key", "run_id", "embedding", "links"),
    }
)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the memories of a namespace."""

    namespace: str
    sections: int
    """How many namespaces the file holds."""
    embedding_model: str | None
    """The model its vectors come from; None where it holds none."""
    dimension: int | None
    exported_at: float


@dataclass(frozen=True, slots=True)
class End:
    """What stands after them, so that a file that was cut off is told from a whole one."""

    namespace: str
    memories: int


@dataclass(frozen=True, slots=True)
class Line:
    """One memory, with what hangs on it."""

    stored: StoredMemory
    entities: tuple[EntityNode, ...]
    """Entities it mentions, under their own names."""
    links: tuple[MemoryLink, ...]
    """Links of which it is the source."""


# ---------------------------------------------------------------------- writing


def write_header(header: Header) -> str:
    """The line of a header."""
    return _line(
        {
            MARK: KIND,
            "version": VERSION,
            "namespace": header.namespace,
            "sections": header.sections,
            "embedding_model": header.embedding_model,
            "dimension": header.dimension,
            "exported_at": header.exported_at,
        }
    )


def write_end(end: End) -> str:
    """The line of an end."""
    return _line({"end": end.namespace, "memories": end.memories})


def write_memory(stored: StoredMemory, entities: Mapping[str, EntityNode], links: Sequence[MemoryLink]) -> str:
    """The line of a memory.

    Args:
        stored: The memory.
        entities: The entities it mentions, by key.
        links: Links of which it is the source.
    """
    memory = stored.memory
    values: dict[str, Any] = {
        "memory_id": memory.memory_id,
        "content": memory.content,
        "memory_type": memory.memory_type.value,
        "timestamp": memory.timestamp,
        "importance_score": memory.importance_score,
    }
    optional = {
        "conversation_id": memory.conversation_id,
        "metadata": memory.metadata or None,
        "entities": [_write_entity(mention, entities.get(mention.key)) for mention in memory.entities] or None,
        "access_count": memory.access_count or None,
        "last_accessed": memory.last_accessed,
        "created_at": memory.created_at,
        "updated_at": memory.updated_at,
        "reinforcement_count": memory.reinforcement_count or None,
        "decay_factor": memory.decay_factor,
        "expires_at": memory.expires_at,
        "archived_at": memory.archived_at,
        "consolidated_into": memory.consolidated_into,
        "run_id": stored.run_id,
        "dedup_key": stored.dedup_key,
        "links": [_write_link(link) for link in links] or None,
        "embedding": None if stored.embedding is None else _write_vector(stored.embedding),
    }
    return _line(values | {key: value for key, value in optional.items() if value is not None})


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _write_entity(mention: EntityMention, node: EntityNode | None) -> dict[str, Any]:
    values: dict[str, Any] = {"key": mention.key, "name": mention.name, "label": mention.label}
    if node is not None and (node.name, node.label) != (mention.name, mention.label):
        values["known_as"] = {"name": node.name, "label": node.label}
    return values


def _write_link(link: MemoryLink) -> dict[str, Any]:
    values = link.model_dump(mode="json", exclude={"source_id"})
    return {key: value for key, value in values.items() if value is not None}


def _write_vector(vector: Vector) -> str:
    half = vector.astype("<f2")
    exact = np.array_equal(half.astype(np.float32), vector)
    data = half if exact else vector.astype("<f4")
    return f"f{data.itemsize}:{base64.b64encode(data.tobytes()).decode('ascii')}"


# ---------------------------------------------------------------------- reading


def is_header(line: str) -> bool:
    """Whether a line begins a file of exported memories, of whatever version."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(values, dict) and values.get(MARK) == KIND


def read_line(text: str, place: str, dimension: int | None = None) -> Header | End | Line:
    """What a line says.

    Args:
        text: The line.
        place: File and line, for messages.
        dimension: Length of the vectors, as the header says.

    Raises:
        ValidationError: It is not acceptable; the field names file, line and key.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError("is not JSON.", field=place, remedy="Export again: the file is damaged.") from None
    if not isinstance(values, dict):
        raise ValidationError("is not an object.", field=place, remedy="Export again: the file is damaged.")
    try:
        if MARK in values:
            return _read_header(values)
        if "end" in values:
            return End(check(Namespace, values["end"], "end"), _count(values, "memories"))
        return _read_memory(values, dimension)
    except ValidationError as error:
        name = f"{place}, {error.field}" if error.field else place
        raise ValidationError(error.message, field=name, remedy=error.remedy) from None


def _read_header(values: dict[str, Any]) -> Header:
    version = values.get("version")
    if values[MARK] != KIND or not isinstance(version, int) or version < 1:
        raise ValidationError("is not the header of an export.", remedy="Export again: the file is damaged.")
    if version > VERSION:
        raise ValidationError(
            f"{version} is newer than this package reads ({VERSION}).", field="version", remedy="Upgrade coda-graphmem."
        )
    dimension = values.get("dimension")
    return Header(
        namespace=check(Namespace, values.get("namespace"), "namespace"),
        sections=check(_Positive, values.get("sections"), "sections"),
        embedding_model=check(Id | None, values.get("embedding_model"), "embedding_model"),
        dimension=check(_Positive | None, dimension, "dimension"),
        exported_at=check(Seconds, values.get("exported_at"), "exported_at"),
    )


def _read_memory(values: dict[str, Any], dimension: int | None) -> Line:
    unknown = sorted(values.keys() - _MEMORY_KEYS)
    if unknown:
        raise ValidationError("is no key of this version.", field=unknown[0], remedy="Export again.")
    memory_id = check(Id, values.get("memory_id"), "memory_id")
    pairs = [_read_entity(item, f"entities[{i}]") for i, item in enumerate(_items(values, "entities"))]
    decay = values.get("decay_factor")
    memory = Memory.model_construct(
        memory_id=memory_id,
        content=check(Content, values.get("content"), "content"),
        memory_type=check(Kind, values.get("memory_type"), "memory_type"),
        timestamp=check(Seconds, values.get("timestamp"), "timestamp"),
        importance_score=check(Unit, values.get("importance_score"), "importance_score"),
        access_count=_count(values, "access_count"),
        last_accessed=check(Seconds | None, values.get("last_accessed"), "last_accessed"),
        metadata=check(Metadata, values.get("metadata") or {}, "metadata"),
        embedding=None,
        relevance_score=None,
        decay_factor=None if decay is None else check(Unit, decay, "decay_factor"),
        conversation_id=check(Id | None, values.get("conversation_id"), "conversation_id"),
        entities=[mention for mention, _ in pairs],
        created_at=check(Seconds, values.get("created_at"), "created_at"),
        updated_at=check(Seconds | None, values.get("updated_at"), "updated_at"),
        reinforcement_count=_count(values, "reinforcement_count"),
        expires_at=check(Seconds | None, values.get("expires_at"), "expires_at"),
        archived_at=check(Seconds | None, values.get("archived_at"), "archived_at"),
        consolidated_into=check(Id | None, values.get("consolidated_into"), "consolidated_into"),
    )
    return Line(
        stored=StoredMemory(
            memory=memory,
            embedding=_read_vector(values.get("embedding"), dimension),
            dedup_key=check(Id | None, values.get("dedup_key"), "dedup_key"),
            position=0,
            run_id=check(Id | None, values.get("run_id"), "run_id"),
        ),
        entities=tuple(node for _, node in pairs),
        links=tuple(_read_link(memory_id, item, f"links[{i}]") for i, item in enumerate(_items(values, "links"))),
    )


def _read_entity(item: Any, field: str) -> tuple[EntityMention, EntityNode]:
    key, name, label = (check(Content, item.get(part), f"{field}.{part}") for part in ("key", "name", "label"))
    own = item.get("known_as") or {"name": name, "label": label}
    if not isinstance(own, dict):
        raise ValidationError("is not an object.", field=f"{field}.known_as", remedy="Export again.")
    node = EntityNode(
        key=key,
        name=check(Content, own.get("name"), f"{field}.known_as.name"),
        label=check(Content, own.get("label"), f"{field}.known_as.label"),
        mention_count=0,
    )
    return EntityMention.model_construct(key=key, name=name, label=label), node


def _read_link(source_id: str, item: Any, field: str) -> MemoryLink:
    kinds = [kind.value for kind in LinkKind]
    if item.get("kind") not in kinds:
        raise ValidationError("is no kind of link.", field=f"{field}.kind", remedy=f"Use one of {', '.join(kinds)}.")
    score = item.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise ValidationError("must be a number.", field=f"{field}.score", remedy="Export again.")
    guard, reason = (
        None if item.get(key) is None else check(Content, item[key], f"{field}.{key}") for key in ("guard", "reason")
    )
    return MemoryLink.model_construct(
        source_id=source_id,
        target_id=check(Id, item.get("target_id"), f"{field}.target_id"),
        kind=LinkKind(item["kind"]),
        score=float(score),
        guard=guard,
        reason=reason,
        created_at=check(Seconds, item.get("created_at"), f"{field}.created_at"),
        run_id=check(Id | None, item.get("run_id"), f"{field}.run_id"),
    )


def _read_vector(value: object, dimension: int | None) -> Vector | None:
    if value is None:
        return None
    remedy = "Export again: the file is damaged."
    kind, _, data = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in ("f2", "f4"):
        raise ValidationError("is no vector.", field="embedding", remedy=remedy)
    try:
        vector = np.frombuffer(base64.b64decode(data, validate=True), dtype=f"<{kind}").astype(np.float32)
    except ValueError:
        raise ValidationError("is no vector.", field="embedding", remedy=remedy) from None
    if vector.shape != (dimension,) or not np.isfinite(vector).all():
        raise ValidationError(
            f"has {len(vector)} numbers or some that are not finite, where the header says {dimension}.",
            field="embedding",
            remedy=remedy,
        )
    return vector


def _items(values: dict[str, Any], key: str) -> list[Any]:
    items = values.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValidationError("is not a list of objects.", field=key, remedy="Export again: the file is damaged.")
    return items


def _count(values: dict[str, Any], key: str) -> int:
    count: int = check(Offset, values.get(key, 0), key)
    return count
