"""Rules of arguments that hold several."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, get_args

from coda_graphmem.models import ContextSection, LinkKind, MemoryType
from coda_graphmem.validation.limits import MAX_GROUP, MAX_LABELS, MAX_LIMIT, MAX_PATH_LENGTH
from coda_graphmem.validation.refusal import refusal, shown

MOST_LISTED = 1_000_000


def listed(value: object) -> object:
    """What holds several, as a list: text would be taken for its characters, a mapping for its keys."""
    if isinstance(value, str | bytes | bytearray | Mapping) or not isinstance(value, Iterable):
        raise refusal(f"must be a list, not {type(value).__name__}.", "Pass a list.")
    # One more than is ever allowed: an iterator need not end.
    return list(islice(value, MOST_LISTED))


def each_once(values: Sequence[str]) -> list[str]:
    """The ids once each, in their order, where there are not too many."""
    once = list(dict.fromkeys(values))
    if len(once) > MAX_LIMIT:
        raise refusal(f"has {len(once):,} ids, more than the {MAX_LIMIT:,} allowed.", "Ask in parts.")
    return once


def several(ids: list[str]) -> list[str]:
    """Ids of as many memories as can be merged at once."""
    if not 2 <= len(ids) <= MAX_GROUP:
        raise refusal(f"names {len(ids):,} memories, not 2 to {MAX_GROUP}.", "Name the memories of one group.")
    return ids


def not_empty(values: Sequence[Any]) -> Sequence[Any]:
    """Something that names at least one."""
    if not values:
        raise refusal("is empty, so nothing could match.", "Name at least one, or None for all.")
    return values


def choices(kind: type[MemoryType] | type[LinkKind]) -> Callable[[object], tuple[Any, ...]]:
    """Values of an enumeration, or their texts, each once. An error names the argument and not its item."""

    def members(values: object) -> tuple[Any, ...]:
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            raise refusal(f"must be a list, not {type(values).__name__}.", "Pass a list.")
        known = list(kind)
        chosen: dict[Any, None] = {}
        for value in islice(values, MOST_LISTED):
            if not isinstance(value, str) or value not in known:
                texts = ", ".join(item.value for item in kind)
                raise refusal(f"{shown(value)} is not a valid {kind.__name__}.", f"Use some of {texts}.")
            chosen[kind(value)] = None
        return tuple(chosen)

    return members


def sections_of(values: object) -> tuple[ContextSection, ...]:
    """Sections of a context, in the order given, where each is named once."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise refusal(f"must be a list, not {type(values).__name__}.", "Pass a list.")
    known = get_args(ContextSection)
    chosen = list(islice(values, len(known) + 1))
    for value in chosen:
        if not isinstance(value, str) or value not in known:
            raise refusal(f"{shown(value)} is not a section of a context.", f"Use some of {', '.join(known)}.")
    if len(set(chosen)) < len(chosen):
        raise refusal("names a section twice.", "Name each once.")
    return tuple(chosen)


def at_least_one(labels: tuple[str, ...]) -> tuple[str, ...]:
    """A path with a label."""
    if not labels:
        raise refusal("is empty.", "Give at least one label.")
    return labels


def path_of(labels: list[str]) -> tuple[str, ...]:
    """The path of an item, perhaps without any label."""
    if len(labels) > MAX_LABELS or sum(map(len, labels)) > MAX_PATH_LENGTH:
        raise refusal(
            f"has {len(labels):,} labels of {sum(map(len, labels)):,} characters, more than the {MAX_LABELS} labels of "
            f"{MAX_PATH_LENGTH:,} characters allowed.",
            "Shorten it, or keep a part of it in the key or the value.",
        )
    return tuple(labels)
