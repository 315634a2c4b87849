"""Which of several memories is the oldest."""

from __future__ import annotations

from coda_graphmem.models import Memory


def age(memory: Memory) -> tuple[float, float, str]:
    """Sorts memories from the oldest on: by when they happened, then by when they were stored, then by id."""
    return memory.timestamp, memory.created_at or 0.0, memory.memory_id
