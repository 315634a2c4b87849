"""Who said a memory, and whether that is a person."""

from collections.abc import Mapping
from typing import Any

from coda_graphmem.language.roles import USERS, is_assistant, is_silent, may_be_person
from coda_graphmem.memories.draft import speaker_of
from coda_graphmem.store.protocol import MemoryStore


def voice_of(metadata: Mapping[str, Any]) -> str | None:
    """Who said it, by name or by role; None where neither is given."""
    role = metadata.get("role")
    return speaker_of(metadata) or (role.strip() or None if isinstance(role, str) else None)


async def is_program(store: MemoryStore, namespace: str, name: str) -> bool:
    """Whether no person speaks. A name that people have as well is told by whether a user speaks beside it."""
    if not may_be_person(name):
        return is_silent(name) or is_assistant(name)
    users = [form for word in sorted(USERS) for form in (word, word.capitalize())]
    return is_assistant(name, await store.graph.find_speakers(namespace, users))
