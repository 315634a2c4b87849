"""Memories as documents."""

from collections.abc import Mapping
from typing import Any

from langchain_core.documents import Document

from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import Memory

#: What a search does unless its caller says otherwise: as many results as were asked for, where there are so many.
PLAIN: Mapping[str, Any] = {"min_relevance": 0.0, "diverse": False}


async def found(memory: MemoryManager, query: str, k: int, options: Mapping[str, Any]) -> list[Memory]:
    """The memories nearest to a query, best first.

    Args:
        memory: Where to search.
        query: A question or some words.
        k: How many, 1 to 10,000.
        options: Other arguments of `MemoryManager.retrieve_memories`, by name.

    Raises:
        ValidationError: An argument is not acceptable.
    """
    return await memory.retrieve_memories(query, limit=k, **{**PLAIN, **options})


def as_document(memory: Memory) -> Document:
    """The content and the metadata of a memory, exactly, under its id."""
    return Document(id=memory.memory_id, page_content=memory.content, metadata=dict(memory.metadata))
