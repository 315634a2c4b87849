"""Writes what people type in full ("im", "gonna", "i've"), remembering where each character came from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spelling:
    """One replacement: a regular expression and what stands for it."""

    find: re.Pattern[str]
    write: str


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text in full spelling."""

    text: str
    origins: Sequence[tuple[int, int]]
    """For each character the stretch of the text as it was given that it stands for; empty for what was added."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of this text, which is not empty, stands in the original, as (start, end)."""
        return self.origins[start][0], self.origins[end - 1][1]


def spell(text: str, spellings: Sequence[Spelling]) -> Spelled:
    """Apply all replacements, one after the other."""
    origins = [(i, i + 1) for i in range(len(text))]
    for spelling in spellings:
        parts: list[str] = []
        kept: list[tuple[int, int]] = []
        at = 0
        for match in spelling.find.finditer(text):
            written = match.expand(spelling.write)
            if written == match.group():
                continue
            parts += (text[at : match.start()], written)
            kept += origins[at : match.start()]
            kept += _replaced(match.group(), written, origins[match.start() : match.end()])
            at = match.end()
        if at:
            text = "".join((*parts, text[at:]))
            origins = kept + origins[at:]
    return Spelled(text, origins)


def _replaced(before: str, after: str, origins: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The origins of a replacement: letters that stay at its beginning and end keep theirs, the rest shares a stretch.

    Args:
        origins: Those of what is replaced, which is not empty.
    """
    shortest = min(len(before), len(after))
    first = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    last = next((i for i in range(shortest - first) if before[-1 - i] != after[-1 - i]), shortest - first)
    changed = origins[first : len(before) - last]
    where = origins[first][0] if first < len(origins) else origins[-1][1]
    shared = (changed[0][0], changed[-1][1]) if changed else (where, where)
    return [*origins[:first], *[shared] * (len(after) - first - last), *origins[len(origins) - last :]]
