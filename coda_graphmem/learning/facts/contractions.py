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
    origins: Sequence[int]
    """For each character, and for the end, its place in the text as it was given."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of this text stands in the original, as (start, end)."""
        last = self.origins[end - 1] if end > start else self.origins[start]
        return self.origins[start], max(last + 1, self.origins[end] if end < len(self.origins) else last + 1)


def spell(text: str, spellings: Sequence[Spelling]) -> Spelled:
    """Apply all replacements, one after the other."""
    origins = list(range(len(text) + 1))
    for spelling in spellings:
        parts: list[str] = []
        kept: list[int] = []
        at = 0
        for match in spelling.find.finditer(text):
            written = match.expand(spelling.write)
            if written == match.group():
                continue
            parts += (text[at : match.start()], written)
            kept += origins[at : match.start()]
            # Letters that stay keep their place; what is added belongs to the last letter that was there.
            first, last = origins[match.start()], origins[match.end()] - 1
            kept += [min(first + i, last) for i in range(len(written))]
            at = match.end()
        if at:
            text = "".join((*parts, text[at:]))
            origins = kept + origins[at:]
    return Spelled(text, origins)
