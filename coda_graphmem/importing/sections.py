"""Divides documents into sections: Markdown at its headings, PDF at its pages, and what is long at its paragraphs.

Pure functions over lines. A section of up to about 2,000 words stays whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

MOST_WORDS = 2_000
"""Words of a section that stays whole, about."""
#: Characters that count as a word at least, where nothing parts words.
_CHARACTERS = 8

_FENCES = ("```", "~~~")
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})[ \t]*")
#: Where a paragraph that is too long is cut, the best places first: lines, sentences, words.
_PLACES = tuple(re.compile(place) for place in (r"\n", r"[.!?\u2026][\"”’)\]]*\s|[\u3002\uff01\uff1f]", r"\s"))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document."""

    text: str
    """Its words, without its headings."""
    first: int
    """Number of its first line, or of its page, from 1."""
    last: int
    headings: tuple[str, ...] = ()
    """The heading it stands below, and those above that, from the outermost."""


@dataclass(frozen=True, slots=True)
class Divided:
    """A document in sections."""

    sections: tuple[Section, ...]
    silent: tuple[int, ...] = ()
    """Lines of headings that nothing stands below."""


def words_in(text: str) -> int:
    """About how many words a text has."""
    return max(len(text.split()), len(text) // _CHARACTERS)


def sections_of_markdown(lines: Sequence[str], first: int = 1) -> Divided:
    """The parts of a Markdown text between its headings, in which code is not broken.

    Args:
        lines: Without their ends.
        first: Number of the first one.
    """
    sections: list[Section] = []
    headings: list[tuple[int, str, int]] = []  # each with its level and its line
    silent: dict[int, None] = {}
    begins, body = first, list[str]()

    def end() -> None:
        if any(line.strip() for line in body):
            for _, _, line in headings:
                silent.pop(line, None)
            path = tuple(title for _, title, _ in headings if title)
            sections.extend(_parted(body, begins, path))
        body.clear()

    for at, level, title, taken in _headings(lines):
        if level:
            end()
            while headings and headings[-1][0] >= level:
                headings.pop()
            headings.append((level, title, first + at))
            silent.update(dict.fromkeys(range(first + at, first + at + taken)))
            if taken > 1:  # A line below a heading is part of it.
                silent.pop(first + at + 1)
            begins = first + at + taken
        else:
            begins = begins if body else first + at
            body.append(lines[at])
    end()
    return Divided(tuple(sections), tuple(silent))


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, int, str, int]]:
    """Each line with its level and title where it is a heading, else with 0, and how many lines it takes."""
    fence, skipped, alone = "", False, True
    for at, line in enumerate(lines):
        if skipped:
            skipped = False
            continue
        bare = line.strip()
        if bare.startswith(_FENCES) and (not fence or bare.startswith(fence)):
            fence = "" if fence else bare[:3]
        elif not fence and (level := _level(line)):
            alone = True
            yield at, level, _title(bare[level:]), 1
            continue
        elif not fence and alone and _is_underlined(lines, at):
            skipped = alone = True
            yield at, 1 if "=" in lines[at + 1] else 2, bare, 2
            continue
        alone = not bare
        yield at, 0, "", 1


def _level(line: str) -> int:
    """The level of a heading, 1 to 6; 0 for a line that is none."""
    bare = line.lstrip(" ")
    rest = bare.lstrip("#")
    level = len(bare) - len(rest)
    return level if len(line) - len(bare) <= 3 and level <= 6 and (not rest or rest[0] in " \t") else 0


def _title(text: str) -> str:
    """What a heading says, without the signs that may close it."""
    text = text.strip()
    closed = text.rstrip("#")
    return closed.rstrip() if not closed or closed[-1] in " \t" else text


def _is_underlined(lines: Sequence[str], at: int) -> bool:
    """Whether a line that begins a paragraph has a line of signs below it, which makes a heading of it."""
    line = lines[at]
    is_text = line[:1].isalnum() or (line != "" and line[0] in "\"'(*_[`")
    return is_text and at + 1 < len(lines) and _UNDERLINE.fullmatch(lines[at + 1]) is not None


def sections_of_text(lines: Sequence[str]) -> Divided:
    """A text as one section, or as several of whole paragraphs where it is long.

    Args:
        lines: Without their ends.
    """
    return Divided(tuple(_parted(lines, 1, ())))


def sections_of_pages(pages: Sequence[str | None], headings: Sequence[tuple[int, int, str]]) -> Divided:
    """The pages of a document that say something; a long one in parts.

    Args:
        pages: Their words; None for one that is damaged.
        headings: The page of each, from 0, how deep it stands, and its words.
    """
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    rest = sorted(headings, key=lambda heading: heading[0])  # of one page in their order
    for number, text in enumerate(pages):
        while rest and rest[0][0] <= number:
            _, depth, title = rest.pop(0)
            path = [*(above for above in path if above[0] < depth), (depth, title)]
        if text and text.strip():
            found = _parted(text.split("\n"), 1, tuple(title for _, title in path))
            sections.extend(replace(part, first=number + 1, last=number + 1) for part in found)
    return Divided(tuple(sections))


def _parted(lines: Sequence[str], first: int, headings: tuple[str, ...]) -> Iterator[Section]:
    """Lines as one section, or as parts of about the same length, each of whole paragraphs where it can be."""
    paragraphs = list(_paragraphs(lines, first))
    sizes = [words_in(text) for _, _, text in paragraphs]
    wanted = sum(sizes) / _parts(sizes)
    kept: list[tuple[int, int, str]] = []
    length = 0
    for paragraph, size in zip(paragraphs, sizes, strict=True):
        if kept and (length + size > MOST_WORDS or length + size / 2 > wanted):
            yield _joined(kept, headings)
            kept, length = [], 0
        kept.append(paragraph)
        length += size
    if kept:
        yield _joined(kept, headings)


def _parts(sizes: Sequence[int]) -> int:
    """How many parts paragraphs of these sizes come in at least."""
    parts, length = 1, 0
    for size in sizes:
        if length and length + size > MOST_WORDS:
            parts, length = parts + 1, 0
        length += size
    return parts


def _joined(paragraphs: Sequence[tuple[int, int, str]], headings: tuple[str, ...]) -> Section:
    return Section("\n\n".join(text for _, _, text in paragraphs), paragraphs[0][0], paragraphs[-1][1], headings)


def _paragraphs(lines: Sequence[str], first: int) -> Iterator[tuple[int, int, str]]:
    """Each paragraph with its first and its last line; one that is too long in parts. Blocks of code are not broken."""
    block: list[str] = []
    begins, fence = first, ""
    for number, line in enumerate((*lines, ""), start=first):
        bare = line.strip()
        if bare.startswith(_FENCES) and (not fence or bare.startswith(fence)):
            fence = "" if fence else bare[:3]
        ends = number == first + len(lines)
        if block and (ends or (not bare and not fence)):
            yield from _short_enough("\n".join(block).rstrip(), begins)
            block = []
        elif bare or (fence and block):
            begins = begins if block else number
            block.append(line)


def _short_enough(text: str, first: int) -> Iterator[tuple[int, int, str]]:
    """A paragraph, in parts where it is too long for one section."""
    most = MOST_WORDS * _CHARACTERS
    start = 0
    while len(text) - start > most or words_in(text[start:]) > MOST_WORDS:
        window = text[start : start + most]
        reach = _reach(window)
        part = window[: next((end for place in _PLACES if (end := _last(place, window, reach))), reach)]
        yield first, first + part.rstrip("\n").count("\n"), part.rstrip()
        first += part.count("\n")
        start += len(part)
    if rest := text[start:].rstrip():
        yield first, first + rest.count("\n"), rest


def _reach(text: str) -> int:
    """Characters of a text that hold as many words as a section may have."""
    for count, word in enumerate(re.finditer(r"\S+", text), start=1):
        if count == MOST_WORDS:
            return word.end()
    return len(text)


def _last(place: re.Pattern[str], text: str, reach: int) -> int:
    """Where the last good place in the second half of a reach ends; 0 where there is none."""
    return max((found.end() for found in place.finditer(text, reach // 2, reach)), default=0)
