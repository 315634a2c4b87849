"""Reads transcripts: lines of ``Name: text``, or Markdown with names in bold or as headings.

A turn begins in one of three ways, one of which counts for a whole file::

    Nora: text                  **Nora:** text  or  **Nora**: text        ### Nora
                                                                          text

A time (ISO 8601) may stand in brackets before a plain name or after a name: ``[2026-03-02 19:12] Nora: text``,
``### Nora (2026-03-02 19:12)``; a time of day alone is passed over. All lines up to the next turn belong to a turn;
lines in a fenced block of code never begin one. What stands before the first turn is passed over and counted, but a
heading of the first level there is the title.

Not everything before a colon is a name. Where the caller does not say who speaks:

- If a file has turns of both sides of a chat with an assistant (``You``, ``Human``, … and ``Assistant``, ``ChatGPT``,
  …; see `coda_graphmem.language.roles`), only these speak.
- Of several ways in which turns may begin, one in which somebody speaks twice counts, and of these the first.
- Otherwise whoever has a name before a colon speaks, words that begin sentences (``Note``, ``Example``, …) and
  programs (``System``, ``Tool``, …) aside; as a heading, and where it may be a sentence, a name has to come twice.

Notes, mail and settings have colons too: a file is a transcript only where turns make up enough of it, and never where
most of its text stands before the first of them.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import BLANK, Account
from coda_graphmem.importing.chats import USER
from coda_graphmem.importing.openings import Opening, key_of, opening_of
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.language.roles import CALENDAR_NAMES, NO_NAMES, assistants, is_silent, is_user
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH
from coda_graphmem.validation.moments import parse_time

_FENCE = re.compile(r"^\s*(?:```[^`]*|~~~.*)$")
#: "200 g", "30 Euro", "1/2 tsp": how much there is of something.
_AMOUNT = re.compile(r"[~≈<>€$£]?\s?\d[\d.,/½¼¾–-]{0,10}\s{0,2}[^\W\d_°]{1,12}\.?\s{0,9}")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")

#: Possible names that are reported.
_UNSURE = 5
#: Lines before the first turn that are no reason to doubt a transcript.
_PREAMBLE = 5
#: Names in a row of which none comes again: more are a list of settings rather than a conversation.
_STRANGERS = 5
#: Turns of people who speak again and again, which make a conversation however long each of them is.
_ENOUGH = 10

BEFORE_FIRST = "before the first turn"


@dataclass(slots=True)
class _Turn:
    line: int
    speaker: str
    at: float | None
    lines: list[str] = field(default_factory=list)
    length: int = 0
    blank: int = 0

    def add(self, text: str) -> None:
        self.lines.append(text)
        self.length += len(text) + 1


@dataclass(slots=True)
class _Fences:
    """The blocks of code of a file; one that never ends is none.

    Args:
        unended: Line of the fence that begins such a one.
    """

    unended: int | None = None
    since: int | None = None
    """Line of the fence of the block that is open."""

    def hides(self, number: int, line: str) -> bool:
        """Whether a line is in a block of code, or ends one."""
        if number != self.unended and _FENCE.match(line):
            self.since = number if self.since is None else None
            return True
        return self.since is not None


@dataclass(slots=True)
class _Name:
    """How often somebody may speak, and where first."""

    first: int
    before: int
    """Characters of text before the first time."""
    lines_before: int
    """Lines that hold them."""
    count: int = 0
    sure: bool = False
    words: int = 0
    """Times that are followed by words, and not by numbers alone."""
    amounts: int = 0
    """Times that are followed by no more than a number and what it counts."""


@dataclass(slots=True)
class _Survey:
    """What a file holds, and how turns begin in it."""

    style: str | None = None
    names: frozenset[str] = frozenset()
    is_chat: bool = False
    lines: int = 0
    """Lines that hold something."""
    length: int = 0
    """Characters in them."""
    turns: dict[str, _Name] = field(default_factory=dict)
    """By the keys of those who speak."""
    unsure: dict[str, int] = field(default_factory=dict)
    """What may be somebody's name and comes once, with its line."""
    others: int = 0
    """Lines that begin alike with another name."""
    unended: int | None = None
    """Line of a fence after which there is no other."""

    def begins_late(self) -> bool:
        """Whether much of the text would be lost."""
        first = min(self.turns.values(), key=lambda name: name.first)
        return first.before * 3 > self.length and first.lines_before > _PREAMBLE

    def doubt(self) -> str | None:  # noqa: PLR0911 - each reason has its words
        """Why this is hardly a transcript; None where it is one."""
        if self.begins_late():
            first = min(name.first for name in self.turns.values())
            return f"has much of its text before the first line that begins a turn (line {first})."
        turns = sum(name.count for name in self.turns.values())
        again = sum(name.count for name in self.turns.values() if name.count > 1)
        days = [name.count for key, name in self.turns.items() if key in CALENDAR_NAMES]
        if len(days) > 1 and sum(days) * 2 > turns:
            return "has days before its colons rather than names."
        if self.is_chat or (again >= _ENOUGH and again * 5 >= turns * 4 and turns >= self.others):
            return None
        if turns < self.others:
            return "has more lines with a colon that begin no turn than such that do."
        amounts = 0 if again else sum(name.amounts for name in self.turns.values())
        if sum(name.words for name in self.turns.values()) * 2 < turns or amounts * 2 > turns:
            return "has numbers after its colons rather than words."
        if turns * (20 if again else 3) < self.lines or (not again and turns >= _STRANGERS):
            return f"has {turns} lines that may begin a turn among {self.lines}, too few to be a conversation."
        return None


def read_transcript(
    opened: Callable[[], TextIO],
    source: str,
    conversation_id: str,
    *,
    me: str = USER,
    speakers: Iterable[str] = (),
    certain: bool = True,
    account: Account | None = None,
) -> Iterator[Record]:
    """The turns of a transcript as memories of one conversation, in their order.

    The file is read twice: first to find out how turns begin and who speaks. A turn without a time takes that of the
    turn before it; one over the limit of a memory is kept in parts.

    Args:
        opened: Opens the file.
        source: Its name, for messages.
        conversation_id: What becomes the conversation's id.
        me: Name of the one who is called ``You``, ``Me``, ``Human`` or ``User`` in the file.
        speakers: Names of those who speak, as the file writes them; empty to find out.
        certain: Whether the caller knows that this is a transcript.
        account: Where lines are counted.

    Raises:
        ValidationError: Nobody speaks in it, it is more likely something else, or a line is not acceptable.
    """
    maker = RecordMaker(source, account or Account())
    given = {key_of(name): name for name in speakers}
    with opened() as file:
        survey = _survey(maker.decoded(file), given)
    if survey.unended is not None:
        maker.account.note(f"{maker.place(survey.unended)}: begins a block of code that never ends; read as text.")
        with opened() as file:
            survey = _survey(maker.decoded(file), given, survey.unended)
    if survey.style is None:
        called = ", ".join(map(repr, given.values()))
        raise ValidationError(
            f"has no line that begins a turn{f' of {called}' if given else ''}.",
            field=source,
            remedy="Write Name: text, **Name:** text or ### Name, or say who speaks (--speaker).",
        )
    if not given and (doubt := survey.doubt()) and (not certain or survey.begins_late()):
        raise ValidationError(doubt, field=source, remedy=_REMEDY)
    for key, name in given.items():
        if key not in survey.names:
            maker.account.note(f"{source}: nobody called {name!r} speaks in it.")
    if survey.unsure and not given and not survey.is_chat:
        named = ", ".join(f"{name!r} (line {line})" for name, line in islice(survey.unsure.items(), _UNSURE))
        maker.account.note(f"{source}: taken for text, and not for names: {named}; --speaker says who speaks.")
    with opened() as file:
        yield from _turns(maker, file, survey, conversation_id, me=me, given=given)


_REMEDY = "Say who speaks (--speaker), cut away what is no conversation, or take it as notes (--format notes)."


def doubt_of(lines: Sequence[str]) -> str | None:
    """Why lines, the first of a file, are hardly those of a transcript; None where they look like one."""
    survey = _survey(lines, ())
    if survey.unended is not None:
        survey = _survey(lines, (), survey.unended)
    return "is of no kind that is known." if survey.style is None else survey.doubt()


def _turns(
    maker: RecordMaker, file: TextIO, survey: _Survey, conversation_id: str, *, me: str, given: Collection[str]
) -> Iterator[Record]:
    title: str | None = None
    turn: _Turn | None = None
    at: float | None = None
    called: dict[str, str] = {}
    for number, line, opening in _openings(maker.decoded(file), given, _Fences(survey.unended)):
        if opening is not None and opening.style == survey.style and key_of(opening.name) in survey.names:
            yield from _records(turn, maker, conversation_id, title)
            at = at if opening.stamp is None else _time(opening.stamp, maker, number)
            speaker = me if is_user(opening.name) else called.setdefault(key_of(opening.name), opening.name)
            turn = _Turn(number, speaker, at)
            turn.add(opening.text)
        elif turn is not None:
            if turn.length + len(line) > MAX_CONTENT_LENGTH:
                yield from _records(turn, maker, conversation_id, title)
                turn = _Turn(number, turn.speaker, at)
            turn.add(line)
            turn.blank += not line.strip()
        elif not line.strip():
            maker.account.pass_over("lines", BLANK, maker.place(number))
        elif title is None and (found := _title(line)):
            title = found
            maker.account.take("lines")
        else:
            maker.account.pass_over("lines", BEFORE_FIRST, maker.place(number))
    yield from _records(turn, maker, conversation_id, title)


def _survey(lines: Iterable[str], given: Collection[str], unended: int | None = None) -> _Survey:
    """How turns begin and who speaks."""
    survey = _Survey()
    fences = _Fences(unended)
    found: dict[str, dict[str, _Name]] = {}
    for number, line, opening in _openings(lines, given, fences):
        if opening is not None:
            names = found.setdefault(opening.style, {})
            name = names.setdefault(key_of(opening.name), _Name(number, survey.length, survey.lines))
            name.count += 1
            name.sure = name.sure or opening.certainty == "name"
            name.words += not opening.text or any(map(str.isalpha, opening.text[:1000]))
            name.amounts += _AMOUNT.fullmatch(opening.text[:100]) is not None
        if stripped := len(line.strip()):
            survey.lines += 1
            survey.length += stripped
    survey.unended = fences.since or unended
    best: tuple[bool, bool, int] | None = None
    for style, names in found.items():
        speaking = _speakers(style, names, given)
        if speaking:
            repeated = any(names[name].count > 1 for name in speaking)
            rank = (_is_chat(names), repeated, -min(names[name].first for name in speaking))
            if best is None or rank > best:
                best = rank
                survey.style, survey.names, survey.is_chat = style, speaking, rank[0]
                survey.turns = {name: names[name] for name in speaking}
                survey.others = sum(name.count for key, name in names.items() if key not in speaking and name.sure)
                survey.unsure = {key: name.first for key, name in names.items() if not name.sure and name.count == 1}
    return survey


def _is_chat(names: Collection[str]) -> bool:
    """Whether there are both sides of a chat with an assistant."""
    return any(map(is_user, names)) and bool(assistants(names))


def _speakers(style: str, names: dict[str, _Name], given: Collection[str]) -> frozenset[str]:
    if given:
        return frozenset(names) & frozenset(given)
    if _is_chat(names):
        return assistants(names) | {name for name in names if is_user(name)}
    heading = style.startswith("heading")
    return frozenset(
        key
        for key, name in names.items()
        if name.count >= (2 if heading or not name.sure else 1) and key not in NO_NAMES and not is_silent(key)
    )


def _openings(
    lines: Iterable[str], given: Collection[str], fences: _Fences
) -> Iterator[tuple[int, str, Opening | None]]:
    """Each line with its number and, where it may begin a turn, how."""
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        yield number, text, None if not text or fences.hides(number, text) else opening_of(text, given)


def _title(line: str) -> str | None:
    """The text of a heading of the first level."""
    return line[1:].strip().rstrip("#").strip() or None if line[:1] == "#" and line[1:2].isspace() else None


def _records(turn: _Turn | None, maker: RecordMaker, conversation_id: str, title: str | None) -> Iterator[Record]:
    """The memory of a turn, in parts where it is too long; none where it says nothing. Its lines are counted."""
    if turn is None:
        return
    content = "\n".join(line for line in turn.lines if not _RULE.match(line)).strip()
    metadata = {"speaker": turn.speaker} | ({"conversation_title": title} if title else {})
    for start in range(0, len(content), MAX_CONTENT_LENGTH):
        if part := content[start : start + MAX_CONTENT_LENGTH].strip():
            memory = {"content": part, "metadata": metadata, "conversation_id": conversation_id, "timestamp": turn.at}
            yield maker.make(turn.line, memory)
    place = maker.place(turn.line)
    if content:
        maker.account.take("lines", len(turn.lines) - turn.blank)
    else:
        maker.account.pass_over("lines", "a turn without words", place, len(turn.lines) - turn.blank)
    maker.account.pass_over("lines", BLANK, place, turn.blank)


def _time(stamp: str, maker: RecordMaker, number: int) -> float:
    try:
        return parse_time(stamp)
    except ValidationError as error:
        raise maker.fault(number, error.message, error.remedy) from None
