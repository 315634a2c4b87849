"""Finds the branch of a chat that was shown last, where questions were edited and answers repeated."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Branch:
    """A way through a tree of messages."""

    keys: list[str]
    """From the first message to the last."""
    broken: list[str]
    """Those of them whose parent is missing from the export."""


def branch_of(
    parents: Mapping[str, object], times: Mapping[str, float | None], leaf: object, *, joined: bool = True
) -> Branch:
    """The way from the first message to a given one.

    Where the parent of a message is missing, what was said before it comes from the branch that was said last until
    then.

    Args:
        parents: The parent of each message, in the order of the file; none (or an id of zeros) for the first.
        times: When each was said, as far as that is known; those without a time are as old as the one before them.
        leaf: Where the way ends; the message that was said last where this is none of them.
        joined: Whether what stands before a missing parent is part of the way.
    """
    order: dict[str, tuple[float, int]] = {}
    at = 0.0
    for number, key in enumerate(parents):
        said = times.get(key)
        at = at if said is None else said
        order[key] = at, number
    has_children = {parent for parent in parents.values() if isinstance(parent, str)}
    leaves = sorted((key for key in parents if key not in has_children), key=order.__getitem__)
    last = leaves[-1] if leaves else max(parents, key=order.__getitem__, default=None)
    end = leaf if isinstance(leaf, str) and leaf in parents else last
    seen: set[str] = set()
    way: list[str] = []
    broken: list[str] = []
    while end is not None:
        steps, above = _climb(end, parents, seen)
        if steps and (above not in seen or above in steps):  # else it is a branch of the way that was left
            way += steps
            if above is None or above in steps or _is_nil(above):
                break
            broken.append(steps[-1])
            if not joined:
                break
        end = None
        while leaves and end is None:
            candidate = leaves.pop()
            end = candidate if candidate not in seen and order[candidate] < order[way[-1]] else None
    return Branch(way[::-1], broken[::-1])


def _climb(end: str, parents: Mapping[str, object], seen: set[str]) -> tuple[list[str], str | None]:
    """Messages from a later to an earlier one that were not seen yet, and what the parent of the last is called."""
    steps: list[str] = []
    key: str | None = end
    while key is not None and key in parents and key not in seen:
        seen.add(key)
        steps.append(key)
        parent = parents[key]
        key = parent if isinstance(parent, str) and parent else None
    return steps, key


def _is_nil(key: str) -> bool:
    """Whether an id is one of zeros, which stands for none; programs write it as version 4."""
    return key.replace("-", "").replace("0", "") in ("", "48")
