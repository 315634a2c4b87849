"""Memories and items as lines of JSON, and back: nothing that a store keeps of them is lost on the way.

A file holds one section a namespace. A section is a header, a line for each memory in order of arrival, one for each
item in the order in which they were written, and an end::

    {"coda_graphmem": "memories", "version": 4, "namespace": "default", "sections": 1,
     "embedding_model": "…" or null, "dimension": 384 or null, "exported_at": 1772452800.0}
    {"was": "…", "version": 1, "content": "…", …}
    {"memory_id": "…", "content": "…", …}
    {"item": "KEY", "path": ["…", …], "value": {…}, …}
    {"end": "default", "memories": 1, "items": 1}

The line of a memory holds the fields of `Memory` that say something (those that are None, 0 or empty are left out),
and beside them ``dedup_key``, ``run_id`` (of the merge it was archived by), ``links`` (to other memories, written
with their source), ``sayings`` (what each conversation says of a memory that several share), and
``embedding``: the vector's bytes in Base64, little-endian, after ``f2:`` where half precision
holds them exactly and ``f4:`` for single precision. An entity whose own name or label is another than this memory
mentions it by has these as ``known_as``. Numbers are written so that they read back bit by bit.
``statements`` are what was read in it, ``to_read`` says that this is still to be done, and ``replaced_by`` by what
somebody replaced it. Of a memory that was changed, ``last_change`` says what made its present version, and each earlier
one stands on a line of its own before that of the memory, so that no line grows with the number of changes.
What a line may hold when it is read, and of which type, stands in `coda_graphmem.transfer.line_values`.

A version is read by every later version of the package; a file of a version that is newer is refused. In version 1
nothing was said of statements: what its memories say is read once they are there. Before version 3 whatever had an end
was a short-term memory, and nobody said so. Before version 4 there were no items.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import pydantic

from coda_graphmem.errors import ValidationError
from coda_graphmem.facts.gate import may_state
from coda_graphmem.memories.speakers import voice_of
from coda_graphmem.models import EntityMention, Memory, MemoryLink, MemoryVersion, Statement
from coda_graphmem.store.codec import KEPT, content_hash, make_memory
from coda_graphmem.store.protocol import EntityNode, Saying, StoredItem, StoredMemory, Vector
from coda_graphmem.transfer.item_lines import item_line, item_of
from coda_graphmem.transfer.line_values import (
    DAMAGED,
    AttachedValues,
    ChangeValues,
    EndValues,
    EntityValues,
    HeaderValues,
    MemoryValues,
    VersionValues,
    fault,
)

MARK, KIND, VERSION = "coda_graphmem", "memories", 4

#: The first version whose lines say what was read in memories.
_WITH_STATEMENTS = 2
#: The first in which long-term memories may end; before, whatever ended was short-term.
_WITH_LIFETIMES = 3

_FIRST = (
    *("memory_id", "content", "memory_type", "timestamp", "importance_score"),
    *("conversation_id", "metadata", "entities"),
)
# What a version keeps of a memory.
_SAID = ("content", "memory_type", "metadata", "importance_score")
_LAST = ("decay_factor", "expires_at", "archived_at", "consolidated_into")

# The fields of a memory in the order in which they are written, each with its default, which is left out; those that
# are required have none, which equals no value.
_WRITTEN = {
    name: Memory.model_fields[name].get_default(call_default_factory=True)
    for name in (*_FIRST, *(name for name in KEPT if name not in _FIRST + _LAST), *_LAST)
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
    version: int = VERSION
    """How its lines are to be read."""


@dataclass(frozen=True, slots=True)
class End:
    """What stands after them, so that a file that was cut off is told from a whole one."""

    namespace: str
    memories: int
    items: int = 0


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
    return write_values({MARK: KIND, "version": header.version, **asdict(header)})


def write_end(end: End) -> str:
    """The line of an end."""
    return write_values({"end": end.namespace, "memories": end.memories, "items": end.items})


def write_item(item: StoredItem) -> str:
    """The line of an item."""
    return item_line(item, write_values, _write_vector)


def write_earlier(stored: StoredMemory) -> str:
    """The lines of the earlier versions of a memory, which go before its own; empty where it was never changed."""
    return "".join(map(write_values, earlier_values(stored)))


def earlier_values(stored: StoredMemory) -> list[dict[str, Any]]:
    """What those lines hold."""
    return [
        {"was": one.memory_id, **one.model_dump(mode="json", exclude={"memory_id", "content_hash"})}
        for one in stored.versions[:-1]
    ]


def write_memory(stored: StoredMemory, entities: Mapping[str, EntityNode], links: Sequence[MemoryLink]) -> str:
    """The line of a memory; see `memory_values`."""
    return write_values(memory_values(stored, entities, links))


def memory_values(
    stored: StoredMemory, entities: Mapping[str, EntityNode], links: Sequence[MemoryLink]
) -> dict[str, Any]:
    """What the line of a memory holds.

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
    change = {"operation", "at", "actor"}
    beside = {
        "run_id": stored.run_id,
        "dedup_key": stored.dedup_key,
        "replaced_by": stored.replaced_by,
        "to_read": stored.to_read or None,
        "statements": [one.model_dump(mode="json", exclude_defaults=True) for one in stored.statements] or None,
        "last_change": stored.versions[-1].model_dump(mode="json", include=change) if stored.versions else None,
        "sayings": [one.model_dump(mode="json", exclude_defaults=True) for one in stored.sayings] or None,
        "links": [link.model_dump(mode="json", exclude={"source_id"}, exclude_none=True) for link in links] or None,
        "embedding": None if stored.embedding is None else _write_vector(stored.embedding),
    }
    return values | {key: value for key, value in beside.items() if value is not None}


def write_values(values: dict[str, Any]) -> str:
    """A line."""
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


def read_line(text: str, place: str, dimension: int | None = None) -> Header | End | MemoryVersion | StoredItem | Line:
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
            check_version(values, place)
            return Header(**vars(HeaderValues.model_validate(values)), version=values["version"])
        if "end" in values:
            end = EndValues.model_validate(values)
            return End(end.end, end.memories, end.items)
        if "item" in values:
            return item_of(values, lambda text, own: _vector(text, place, dimension=dimension if own else "any"))
        if "was" in values:
            return _earlier(VersionValues.model_validate(values))
        line = MemoryValues.model_validate(values)
    except pydantic.ValidationError as error:
        raise fault(error, place) from None
    memory = _memory(line)
    if (memory.standing is None) != (memory.standing_at is None):
        raise ValidationError("goes with standing_at.", field=f"{place}, standing", remedy=DAMAGED)
    return Line(
        stored=StoredMemory(
            memory=memory,
            embedding=None if line.embedding is None else _vector(line.embedding, place, dimension=dimension),
            dedup_key=line.dedup_key,
            position=0,
            run_id=line.run_id,
            sayings=tuple(Saying.model_validate(one.model_dump()) for one in line.sayings),
            to_read=line.to_read,
            statements=tuple(Statement.model_construct(**vars(one)) for one in line.statements),
            replaced_by=line.replaced_by,
            versions=() if line.last_change is None else (_present(memory, line.last_change),),
        ),
        entities=tuple(map(_entity, line.entities)),
        links=tuple(MemoryLink.model_construct(source_id=memory.memory_id, **vars(link)) for link in line.links),
    )


def with_earlier(line: Line, earlier: Sequence[MemoryVersion], place: str) -> Line:
    """The line of a memory with the earlier versions that stand before it.

    Raises:
        ValidationError: They are of another memory, or not in their order.
    """
    stored = line.stored
    versions = (*earlier, *stored.versions)
    numbers = [one.version for one in versions]
    same = {one.memory_id for one in versions} <= {stored.memory.memory_id}
    if (earlier and not stored.versions) or not same or numbers != sorted(set(numbers)):
        raise ValidationError("does not follow its earlier versions.", field=place, remedy=DAMAGED)
    return replace(line, stored=replace(stored, versions=versions)) if earlier else line


def as_of(line: Line, version: int, *, is_merged: bool) -> Line:
    """A memory with what lines of its version do not say.

    Args:
        line: As it was read.
        version: That of its header.
        is_merged: Whether others were merged into it: it says what those say.
    """
    stored, memory = line.stored, line.stored.memory
    if version < _WITH_LIFETIMES and memory.expires_at is not None:
        memory.lifetime = "short_term"
    if version >= _WITH_STATEMENTS:
        return line
    memory.last_said_at = max((one.timestamp for one in stored.sayings), default=None)
    to_read = not is_merged and may_state(memory.content, voice_of(memory.metadata) or "")
    return replace(line, stored=replace(stored, to_read=to_read))


def check_version(values: dict[str, Any], place: str) -> None:
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
    given = vars(values)
    entities = [
        EntityMention.model_construct(key=entity.key, name=entity.name, label=entity.label)
        for entity in values.entities
    ]
    return make_memory({name: given[name] for name in KEPT} | {"entities": entities})


def _present(memory: Memory, change: ChangeValues) -> MemoryVersion:
    """The version that a memory is of."""
    said = {name: getattr(memory, name) for name in _SAID}
    return _version(memory_id=memory.memory_id, version=memory.version, **vars(change), **said)


def _earlier(values: VersionValues) -> MemoryVersion:
    given = dict(vars(values))
    return _version(memory_id=given.pop("was"), **given)


def _version(**values: Any) -> MemoryVersion:
    said = content_hash(values["content"], values["memory_type"], values["metadata"])
    return MemoryVersion.model_construct(content_hash=said, **values)


def _entity(values: EntityValues) -> EntityNode:
    own = values.known_as or values
    return EntityNode(key=values.key, name=own.name, label=own.label, mention_count=0)


def _vector(text: str, place: str, *, dimension: int | Literal["any"] | None) -> Vector:
    field = f"{place}, embedding"
    kind, _, data = text.partition(":")
    if kind not in ("f2", "f4"):
        raise ValidationError("is no vector.", field=field, remedy=DAMAGED)
    try:
        vector = np.frombuffer(base64.b64decode(data, validate=True), dtype=f"<{kind}").astype(np.float32)
    except ValueError:
        raise ValidationError("is no vector.", field=field, remedy=DAMAGED) from None
    if (dimension != "any" and vector.shape != (dimension,)) or not np.isfinite(vector).all():
        raise ValidationError(
            f"has {len(vector)} numbers or some that are not finite, where the header says {dimension}.",
            field=field,
            remedy=DAMAGED,
        )
    return vector
