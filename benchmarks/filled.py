"""Stores of any size for measurements: real texts with their entities, and variants of them under other names.

A variant says what its text says about other people and places: every word of a name is another word, the same one
throughout a generation of variants, so that entities have as many mentions as in a life of that length. Its vector is
that of its text with noise. They are put straight into the store: how fast memories are read is not measured here.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.beir import read_groups
from coda_graphmem import EntityMention, MemoryConfig, MemoryManager, MemoryType
from coda_graphmem.language.keys import entity_key
from coda_graphmem.store.protocol import NewMemory, Vector

BATCH = 1_000
NOISE = 0.75
"""Length of what is added to a vector of length 1: the cosine to its origin becomes 0.8."""
NOW = 1_802_592_000.0
#: Labels of what is no name, and stays in a variant.
_PLAIN = frozenset({"CONCEPT", "DATE", "TIME", "CARDINAL", "ORDINAL", "PERCENT", "MONEY", "QUANTITY"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_SYLLABLES = [a + b for a in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z") for b in "aeiou"]


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def opened(home: Path, **store: int) -> MemoryManager:
    """A memory in a folder, a month after the first memories."""
    config = MemoryConfig(
        max_memories=10_000_000, maintenance={"enabled": False}, vector_store={"persist_directory": home, **store}
    )
    return MemoryManager(config, clock=Clock(NOW))


def memories_of(folders: list[Path], count: int) -> list[dict[str, Any]]:
    """Memories of some sets in their order, from each as many, ``count`` together where there are so many."""
    share = -(-count // len(folders))
    found = []
    for folder in folders:
        found += [memory for group in read_groups(folder) for memory in group.memories][:share]
    return found[:count]


def questions_of(folders: list[Path], count: int) -> list[str]:
    """Questions of some sets, from each as many, ``count`` together where there are so many."""
    share = -(-count // len(folders))
    found = []
    for folder in folders:
        found += [query.text for group in read_groups(folder) for query in group.queries][:share]
    return found[:count]


@dataclass(frozen=True, slots=True)
class Original:
    """A real memory, read."""

    memory: NewMemory
    words: frozenset[str]
    """What its names are made of."""


async def originals(memory: MemoryManager, contents: list[dict[str, Any]]) -> list[Original]:
    """Embed texts and read their entities."""
    resources = memory.services.resources
    texts = [one["content"] for one in contents]
    about = [one["metadata"] for one in contents]
    vectors = await resources.embedding.embed_documents(texts)
    found = await resources.extraction.extract(
        texts, [one.get("title") for one in about], [one.get("speaker") for one in about]
    )
    made = []
    for number, (one, vector, entities) in enumerate(zip(contents, vectors, found, strict=True)):
        row = NewMemory(
            memory_id=one["memory_id"],
            content=one["content"],
            memory_type=MemoryType(one["type"]),
            # No two at one time, so that a filter of times keeps as many as it is asked to.
            timestamp=one.get("timestamp", NOW - 86_400.0 - number / 1_000),
            importance_score=0.5,
            created_at=NOW - 30 * 86_400.0,
            metadata=one["metadata"],
            embedding=vector,
            conversation_id=one.get("conversation_id"),
            entities=entities,
        )
        names = {name for entity in entities if entity.label not in _PLAIN for name in _WORD.findall(entity.name)}
        made.append(Original(row, frozenset(name for name in names if name[0].isupper())))
    return made


async def fill(memory: MemoryManager, made: list[Original], start: int, end: int) -> None:
    """Put memories number ``start`` to ``end`` into the store, beginning with the originals as they are."""
    resources = memory.services.resources
    await resources.store.vectors.bind_model(resources.embedding.model, await resources.embedding.dimension())
    for first in range(start, end, BATCH):
        rows = await asyncio.to_thread(_variants, made, range(first, min(first + BATCH, end)))
        await resources.store.records.insert(memory.namespace, rows, reinforcement=0.1)
        print(f"\rstored {first + len(rows):,} of {end:,}", end="", flush=True)
    print()


def _variants(made: list[Original], numbers: range) -> list[NewMemory]:
    chance = np.random.default_rng(numbers.start)
    return [_variant(made[i % len(made)], i // len(made), chance) for i in numbers]


def _variant(original: Original, generation: int, chance: np.random.Generator) -> NewMemory:
    """The same about others at another time; the original itself in the first generation."""
    memory = original.memory
    if generation == 0:
        return memory

    def renamed(text: str) -> str:
        return _WORD.sub(lambda found: _other(found[0], generation) if found[0] in original.words else found[0], text)

    entities: dict[str, EntityMention] = {}
    for entity in memory.entities:
        name = entity.name if entity.label in _PLAIN else renamed(entity.name)
        key = entity.key if name == entity.name else entity_key(name)
        if key:
            entities.setdefault(key, EntityMention(key=key, name=name, label=entity.label))
    conversation = memory.conversation_id
    return replace(
        memory,
        memory_id=f"{memory.memory_id}~{generation}",
        content=renamed(memory.content),
        timestamp=memory.timestamp - generation * 3_600.0,
        metadata={key: renamed(value) for key, value in memory.metadata.items()},
        embedding=_beside(memory.embedding, chance),
        conversation_id=None if conversation is None else f"{conversation}~{generation}",
        entities=tuple(entities.values()),
    )


def _beside(vector: Vector | None, chance: np.random.Generator) -> Vector | None:
    if vector is None:
        return None
    moved = vector + NOISE * chance.standard_normal(len(vector)) / np.sqrt(len(vector))
    unit: Vector = (moved / np.linalg.norm(moved)).astype(np.float32)
    return unit


def _other(word: str, generation: int) -> str:
    """Another word for a word of a name, the same one throughout a generation."""
    digest = hashlib.blake2b(f"{generation}|{word}".encode(), digest_size=4).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:4]).capitalize()
