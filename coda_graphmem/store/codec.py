"""What a store keeps of a memory by value, and how each value is written and read.

Every field of `Memory` is kept under its own name unless `_APART` says otherwise, so that a new field needs no
more than a place in each store's schema.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast, get_args, get_type_hints

from coda_graphmem.language.normal_form import index_text
from coda_graphmem.language.words import describe
from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.store.protocol import Candidate

#: Fields of a memory that are no value of its record: its vector, its links, and what is computed when it is read.
_APART = {
    *("embedding", "relevance_score", "namespace", "entities", "possibly_outdated_by", "explanation"),
    *("valid_until", "superseded_by", "supersedes", "passages"),
}

#: The fields of a memory that are kept by value.
KEPT = tuple(name for name in Memory.model_fields if name not in _APART)

#: Names of the values that are kept of a memory, in the order in which stores write and read them. When it ends is
#: kept as ``expires_at`` for a short-term one, and for a long-term one as ``ends_at``.
FIELDS = tuple({"lifetime": "ends_at"}.get(name, name) for name in KEPT)

#: Those of them that are never null; ``created_at`` is so in every store. Of no tags there is null.
REQUIRED = tuple(
    name
    for name in KEPT
    if name == "created_at"
    or (name not in {"tags", "lifetime"} and type(None) not in get_args(Memory.model_fields[name].annotation))
)

#: Fields that begin as a new list or object, with what makes it. Pydantic would ask for the signature of each where one
#: is left out, which takes three times as long as all else of reading a memory.
_BEGUN: dict[str, Callable[[], Any]] = {
    name: cast("Callable[[], Any]", field.default_factory)
    for name, field in Memory.model_fields.items()
    if field.default_factory is not None
}

#: What follows from content and metadata and is kept beside them, so that no search computes it.
TRAITS = ("speaker", "word_count", "is_question")

#: The values that a checksum is of: what only the owner of a memory changes.
SEALED = ("memory_id", "content", "memory_type", "timestamp", "metadata", "conversation_id")

#: Names of the values of a `Candidate` that are kept, in its order; a search computes the others.
CANDIDATE_FIELDS = tuple(name for name in Candidate._fields if name not in ("similarity", "excerpt", "uses"))

#: The fields of a `Candidate` that are never null.
CANDIDATE_REQUIRED = tuple(name for name, kind in get_type_hints(Candidate).items() if type(None) not in get_args(kind))

#: Types of memories by the text that is kept of them.
TYPES = {kind.value: kind for kind in MemoryType}


def dump_memory(memory: Memory) -> dict[str, Any]:
    """What is kept of a memory: the values of `FIELDS` and then of `TRAITS`, in their order."""
    return dump_fields(memory) | dump_traits(memory.content, memory.metadata)


def dump_fields(memory: Memory) -> dict[str, Any]:
    """The values of `FIELDS`, in their order."""
    values = {name: getattr(memory, name, None) for name in FIELDS}
    if memory.lifetime == "long_term":
        values |= {"expires_at": None, "ends_at": memory.expires_at}
    values["tags"] = dump_tags(memory.tags)
    values["memory_type"] = memory.memory_type.value
    values["metadata"] = dump_metadata(memory.metadata)
    return values


def load_memory(values: Mapping[str, Any] | Iterable[tuple[str, Any]], **apart: Any) -> Memory:
    """A memory from what is kept of it.

    Args:
        values: By name; fields that are left out have their defaults.
        apart: The fields that are kept elsewhere, as they are.
    """
    apart.update(values)
    if apart.get("expires_at") is not None:
        apart["lifetime"] = "short_term"
    ends_at = apart.pop("ends_at", None)
    if ends_at is not None:
        apart["expires_at"] = ends_at
    tags = apart.get("tags")
    apart["tags"] = json.loads(tags) if isinstance(tags, str) else list(tags or ())
    apart["memory_type"] = TYPES[apart["memory_type"]]
    apart["metadata"] = json.loads(apart["metadata"])
    return make_memory(apart)


def make_memory(values: dict[str, Any]) -> Memory:
    """A memory of values that are checked already; fields that are left out have their defaults."""
    for name, begin in _BEGUN.items():
        if name not in values:
            values[name] = begin()
    return Memory.model_construct(**values)


def dump_traits(content: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `TRAITS`."""
    speaker = metadata.get("speaker")
    speaker = speaker if isinstance(speaker, str) else None
    traits = describe(content, speaker)
    return {"speaker": speaker, "word_count": traits.word_count, "is_question": traits.is_question}


def dump_metadata(metadata: Mapping[str, Any]) -> str:
    """Metadata as it is kept, a JSON object."""
    return json.dumps(dict(metadata), ensure_ascii=False, separators=(",", ":"))


def dump_tags(tags: Sequence[str]) -> str | None:
    """Tags as they are kept, a JSON list; None for none."""
    return json.dumps(list(tags), ensure_ascii=False, separators=(",", ":")) if tags else None


def same_metadata(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether metadata says the same, in any order of keys; 1, 1.0 and True are three different values."""
    return json.dumps(dict(one), sort_keys=True) == json.dumps(dict(other), sort_keys=True)


def checksum(values: Sequence[Any]) -> bytes:
    """The checksum of what is kept of a memory, eight bytes; the values of `SEALED` in their order."""
    memory_id, content, kind, timestamp, metadata, conversation_id = values
    text = f"{memory_id}\0{content}\0{kind}\0{float(timestamp)!r}\0{metadata}\0{conversation_id or ''}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def content_hash(content: str, kind: MemoryType, metadata: Mapping[str, Any]) -> str:
    """The hash of what a version of a memory says (`MemoryVersion.content_hash`)."""
    text = f"{content}\0{kind.value}\0{json.dumps(dict(metadata), ensure_ascii=False, sort_keys=True)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def search_text(content: str) -> str | None:
    """What a full-text index holds of a memory where that is not its content itself, which is what None means."""
    return None if content.isascii() else index_text(content)
