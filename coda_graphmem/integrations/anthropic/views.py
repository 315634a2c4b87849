"""What the memory tool answers with: folders with sizes, and texts with numbered lines."""

from collections.abc import Mapping, Sequence

_DEPTH = 2
_WIDTH = 6
"""Characters of a line number."""
_AROUND = 2
"""Lines shown before and after one that was changed."""


def tree(folder: str, sizes: Mapping[str, int]) -> list[str]:
    """A folder and what it holds, two levels deep, without what is hidden: each with its size, by name.

    Args:
        folder: Its path.
        sizes: Bytes of each file below it, by path; a folder has those of its files together.
    """
    shown: dict[tuple[str, ...], int] = {}
    folders: set[tuple[str, ...]] = set()
    for path, size in sizes.items():
        parts = tuple(path.removeprefix(f"{folder}/").split("/"))
        for depth in range(1, min(len(parts), _DEPTH) + 1):
            if any(part.startswith(".") for part in parts[:depth]):
                break
            shown[parts[:depth]] = shown.get(parts[:depth], 0) + size
            if depth < len(parts):
                folders.add(parts[:depth])
    lines = [f"{size_of(sum(sizes.values()))}\t{folder}"]
    for parts, size in sorted(shown.items()):
        lines.append(f"{size_of(size)}\t{'/'.join([folder, *parts])}{'/' if parts in folders else ''}")
    return lines


def size_of(size: int) -> str:
    """Bytes as people write them: ``0B``, ``17B``, ``1.5K``, ``2M``."""
    units = ["B", "K", "M", "G"]
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(units) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.0f}{units[unit]}" if amount == int(amount) else f"{amount:.1f}{units[unit]}"


def numbered(lines: Sequence[str], first: int) -> str:
    """Lines, each with its number.

    Args:
        lines: Without their ends.
        first: The number of the first one.
    """
    return "\n".join(f"{number:>{_WIDTH}}\t{line}" for number, line in enumerate(lines, first))


def snippet(text: str, place: int) -> str:
    """The line in which a character stands and those around it, numbered."""
    lines, at = text.split("\n"), text.count("\n", 0, place)
    first = max(0, at - _AROUND)
    return numbered(lines[first : at + _AROUND + 1], first + 1)
