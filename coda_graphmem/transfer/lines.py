"""Memories as lines of JSON, and back: nothing that a store keeps of a memory is lost on the way.

A file holds one section a namespace. A section is a header, a line for each memory in order of arrival, and an end::

    {"coda_graphmem": "memories", "version": 1, "namespace": "default", "sections": 1,
     "embedding_model": "…" or null, "dimension": 384 or null, "exported_at": 1772452800.0}
    {"memory_id": "…", "content": "…", …}
    {"end": "default", "memories": 1}

The line of a memory holds the fields of `Memory` that say something (those that are None, 0 or empty are left out),
and beside them ``dedup_key``, ``run_id`` (of the merge it was archived by), ``links`` (to other memories, written
with their source), ``sayings`` (what each conversation says of a memory that several share), and
``embedding``: the vector's bytes in Base64, little-endian, after ``f2:`` where half precision
holds them exactly and ``f4:`` for single precision. An entity whose own name or label is another than this memory
mentions it by has these as ``known_as``. Numbers are written so that they read back bit by bit.
What a line may hold when it is read, and of which type, stands in `coda_graphmem.transfer.line_values`.

A version is read by every later version of the package; a file of a version that is newer is refused.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pydantic

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import EntityMention, Memory, MemoryLink
from coda_graphmem.store.codec import FIELDS
from coda_graphmem.store.protocol import EntityNode, Saying, StoredMemory, Vector
from coda_graphmem.transfer.line_values import (
    DAMAGED,
    AttachedValues,
    EndValues,
    EntityValues,
    HeaderValues,
    MemoryValues,
    fault,
)

MARK, KIND, VERSION = "coda_graphmem", "memories", 1

_FIRST = (
    *("memory_id", "content", "memory_type", "timestamp", "importance_score"),
    *("conversation_id", "metadata", "entities"),
)
_LAST = ("decay_factor", "expires_at", "archived_at", "consolidated_into")

# The fields of a memory in the order in which they are written, each with its default, which is left out; those that
# are required have none, which equals no value.
_WRITTEN = {
    name: Memory.model_fields[name].get_default(call_default_factory=True)
    for name in (*_FIRST, *(name for name in FIELDS if name not in _FIRST + _LAST), *_LAST)
}


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
    return _line({MARK: KIND, "version": VERSION, **asdict(header)})


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
        name: value for name, default in _WRITTEN.items() if (value := getattr(memory, name)) != default
    }
    values["memory_type"] = memory.memory_type.value
    if memory.entities:
        values["entities"] = [_write_entity(mention, entities.get(mention.key)) for mention in memory.entities]
    beside = {
        "run_id": stored.run_id,
        "dedup_key": stored.dedup_key,
        "sayings": [one.model_dump(mode="json", exclude_defaults=True) for one in stored.sayings] or None,
        "links": [link.model_dump(mode="json", exclude={"source_id"}, exclude_none=True) for link in links] or None,
        "embedding": None if stored.embedding is None else _write_vector(stored.embedding),
    }
    return _line(values | {key: value for key, value in beside.items() if value is not None})


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _write_entity(mention: EntityMention, node: EntityNode | None) -> dict[str, Any]:
    values: dict[str, Any] = {"key": mention.key, "name": mention.name, "label": mention.label}
    if node is not None and (node.name, node.label) != (mention.name, mention.label):
        values["known_as"] = {"name": node.name, "label": node.label}
    return values


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
        raise ValidationError("is not JSON.", field=place, remedy=DAMAGED) from None
    if not isinstance(values, dict):
        raise ValidationError("is not an object.", field=place, remedy=DAMAGED)
    try:
        if MARK in values:
            _check_version(values, place)
            return Header(**vars(HeaderValues.model_validate(values)))
        if "end" in values:
            end = EndValues.model_validate(values)
            return End(end.end, end.memories)
        line = MemoryValues.model_validate(values)
    except pydantic.ValidationError as error:
        raise fault(error, place) from None
    memory = _memory(line)
    return Line(
        stored=StoredMemory(
            memory=memory,
            embedding=_vector(line.embedding, dimension, place),
            dedup_key=line.dedup_key,
            position=0,
            run_id=line.run_id,
            sayings=tuple(Saying.model_validate(one.model_dump()) for one in line.sayings),
        ),
        entities=tuple(map(_entity, line.entities)),
        links=tuple(MemoryLink.model_construct(source_id=memory.memory_id, **vars(link)) for link in line.links),
    )


def _check_version(values: dict[str, Any], place: str) -> None:
    """Refuse what is no header, or one of a version that is newer."""
    version = values.get("version")
    if values[MARK] != KIND or not isinstance(version, int) or version < 1:
        raise ValidationError("is not the header of an export.", field=place, remedy=DAMAGED)
    if version > VERSION:
        raise ValidationError(
            f"{version} is newer than this package reads ({VERSION}).",
            field=f"{place}, version",
            remedy="Upgrade coda-graphmem.",
        )


def _memory(values: AttachedValues) -> Memory:
    # The values are checked already. All lists are given, as pydantic makes each default anew, which takes long.
    given = vars(values)
    return Memory.model_construct(
        **{name: given[name] for name in FIELDS},
        embedding=None,
        relevance_score=None,
        entities=[
            EntityMention.model_construct(key=entity.key, name=entity.name, label=entity.label)
            for entity in values.entities
        ],
        possibly_outdated_by=[],
    )


def _entity(values: EntityValues) -> EntityNode:
    own = values.known_as or values
    return EntityNode(key=values.key, name=own.name, label=own.label, mention_count=0)


def _vector(text: str | None, dimension: int | None, place: str) -> Vector | None:
    if text is None:
        return None
    field = f"{place}, embedding"
    kind, _, data = text.partition(":")
    if kind not in ("f2", "f4"):
        raise ValidationError("is no vector.", field=field, remedy=DAMAGED)
    try:
        vector = np.frombuffer(base64.b64decode(data, validate=True), dtype=f"<{kind}").astype(np.float32)
    except ValueError:
        raise ValidationError("is no vector.", field=field, remedy=DAMAGED) from None
    if vector.shape != (dimension,) or not np.isfinite(vector).all():
        raise ValidationError(
            f"has {len(vector)} numbers or some that are not finite, where the header says {dimension}.",
            field=field,
            remedy=DAMAGED,
        )
    return vector
