"""Which paths are meant by beginnings and ends, and a page of them. Pure functions."""

from collections.abc import Iterable, Sequence

from coda_graphmem.models.items import ItemPath

ANY = "*"
"""Stands for any one label."""


def page_of(
    found: Iterable[ItemPath],
    *,
    prefixes: Sequence[ItemPath] = (),
    suffixes: Sequence[ItemPath] = (),
    max_depth: int | None = None,
    limit: int,
    offset: int = 0,
) -> list[ItemPath]:
    """Paths that begin and end as wanted, each once, in order.

    Args:
        found: In any order.
        prefixes: Beginnings, all of which a path must have; `ANY` stands for any one label.
        suffixes: Ends, likewise.
        max_depth: How many labels of each are told; those that are the same then are one. None for all.
        limit: How many at most.
        offset: How many are passed over.
    """
    meant = {
        path[:max_depth]
        for path in found
        if all(_begins(path, one) for one in prefixes) and all(_begins(path[::-1], one[::-1]) for one in suffixes)
    }
    return sorted(meant)[offset : offset + limit]


def known_beginning(prefixes: Sequence[ItemPath]) -> ItemPath:
    """What all paths begin with that have some beginnings: the longest that a store can look up."""
    return max((prefix[: prefix.index(ANY)] if ANY in prefix else prefix for prefix in prefixes), key=len, default=())


def _begins(path: ItemPath, wanted: ItemPath) -> bool:
    return len(wanted) <= len(path) and all(
        one in (ANY, label) for one, label in zip(wanted, path[: len(wanted)], strict=True)
    )
