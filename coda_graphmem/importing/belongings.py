"""Whose a memory is and under which words it was filed, where other programs say so."""

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.importing.chats import acceptable, name_of
from coda_graphmem.validation.limits import MAX_TAG_LENGTH, MAX_TAGS

#: Who a memory belongs to, in the words of most programs, and what it is called here.
OWNERS = {"user_id": "user_id", "agent_id": "agent_id", "run_id": "session_id"}


def belongings(said: Mapping[str, Any], tags: object = None) -> dict[str, Any]:
    """The parts of a memory that say whose it is and how it was filed.

    Args:
        said: What another program says of it; ``user_id``, ``agent_id`` and ``run_id`` are looked for.
        tags: Its tags or categories: texts, or one text of several with commas between them.

    Returns:
        ``user_id``, ``agent_id``, ``session_id`` and ``tags`` as far as they are known.
    """
    found: dict[str, Any] = {ours: owner for name, ours in OWNERS.items() if (owner := _name(said.get(name)))}
    if words := [word for word in tags_of(tags) if len(word) <= MAX_TAG_LENGTH][:MAX_TAGS]:
        found["tags"] = words
    return found


def tags_of(value: object) -> list[str]:
    """Tags as other programs write them, each once, without the sign before them."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, Sequence):
        return []
    names = (_name(item).lstrip("#") for item in value)
    return list(dict.fromkeys(name for name in names if name))


def _name(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    # A number of thousands of digits is no name, and cannot be written.
    return name_of(acceptable(value)) if isinstance(value, str) else str(value) if abs(value) < 10**30 else ""
