"""Whose a memory is and under which words it was filed, where other programs say so."""

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.importing.chats import acceptable, name_of

#: What a memory that is stored can be given beside its metadata; what is not named here is kept in the metadata.
GIVEN: frozenset[str] = frozenset()

#: Who a memory belongs to, in the words of most programs.
OWNERS = ("user_id", "agent_id", "run_id")


def belongings(said: Mapping[str, Any], tags: object = None) -> dict[str, Any]:
    """The parts of a memory that say whose it is and how it was filed.

    Args:
        said: What another program says of it; ``user_id``, ``agent_id`` and ``run_id`` are looked for.
        tags: Its tags or categories: texts, or one text of several with commas between them.

    Returns:
        ``user_id``, ``agent_id``, ``run_id`` and ``tags`` as far as they are known, each where it is kept: in
        ``metadata`` or beside it.
    """
    found: dict[str, Any] = {name: owner for name in OWNERS if (owner := _name(said.get(name)))}
    if words := tags_of(tags):
        found["tags"] = words
    beside = {name: value for name, value in found.items() if name in GIVEN}
    return beside | {"metadata": {name: value for name, value in found.items() if name not in GIVEN}}


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
