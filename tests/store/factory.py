"""Makes memories for tests of stores: deterministic, with random unit vectors."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

import numpy as np

from coda_graphmem.facts.values import value_key
from coda_graphmem.models import EntityMention, MemoryType, Statement
from coda_graphmem.store.protocol import MemoryStore, NewMemory, Vector

# Those of `tests.fakes.WordEmbedder`: a Neo4j server that all tests share takes vectors of one model only.
DIMENSION = 48
MODEL = "words"

Store = TypeVar("Store", bound=MemoryStore)


@contextlib.asynccontextmanager
async def opening(store: Store, *, bind: bool = True) -> AsyncIterator[Store]:
    """A store while it is open, bound to the model of these tests unless told otherwise."""
    await store.open()
    try:
        if bind:
            await store.vectors.bind_model(MODEL, DIMENSION)
        yield store
    finally:
        await store.close()


def unit(seed: int, dimension: int = DIMENSION) -> Vector:
    """A unit vector that depends on the seed alone."""
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    return vector / np.linalg.norm(vector)


def towards(target: Vector, cosine: float, seed: int = 0) -> Vector:
    """A unit vector with a given cosine to another."""
    other = unit(seed, len(target))
    other = other - (other @ target) * target
    other /= np.linalg.norm(other)
    return (cosine * target + np.sqrt(1 - cosine**2) * other).astype(np.float32)


def mention(key: str, label: str = "PERSON") -> EntityMention:
    """An entity, written with a capital."""
    return EntityMention(key=key, name=key.title(), label=label)


def new(memory_id: str, content: str | None = None, *, entities: Sequence[str] = (), **values: Any) -> NewMemory:
    """A memory; the vector depends on the digits of its id unless one is given."""
    digits = "".join(c for c in memory_id if c.isdigit())
    defaults: dict[str, Any] = {
        "memory_type": MemoryType.EPISODIC,
        "timestamp": 1000.0 + int(digits or 0),
        "importance_score": 0.5,
        "created_at": 2000.0,
        "embedding": unit(int(digits or 0)),
        # A long-term memory that ends says so.
        "lifetime": "long_term" if values.get("expires_at") is None else "short_term",
    }
    return NewMemory(
        memory_id=memory_id,
        content=content or f"content of {memory_id}",
        entities=tuple(mention(key) for key in entities),
        **{**defaults, **values},
    )


def says(attribute: str, value: str, *, subject: str = "User", **values: Any) -> Statement:
    return Statement(
        subject=subject,
        subject_key=subject.lower(),
        attribute=attribute,
        value=value,
        value_key=value_key(value),
        **values,
    )
