"""Reads transcripts: lines of ``Name: text``, or Markdown with names in bold or as headings.

A turn begins in one of three ways, one of which counts for a whole file::

    Nora: text                  **Nora:** text  or  **Nora**: text        ### Nora
                                                                          text

A time (ISO 8601) may stand in brackets before a plain name or after a name: ``[2026-03-02 19:12] Nora: text``,
``### Nora (2026-03-02 19:12)``. All lines up to the next turn belong to a turn; lines in a fenced block of code never
begin one. What stands before the first turn is passed over, but a heading of the first level there is the title.

Not everything before a colon is a name. Where the caller does not say who speaks:

- If a file has turns of both sides of a chat with an assistant (``You``, ``Human``, … and ``Assistant``, ``ChatGPT``,
  …; see `coda_graphmem.language.roles`), only these speak.
- Of several ways in which turns may begin, one in which somebody speaks twice counts, and of these the first.
- Otherwise whoever has a short name before a colon speaks, words that begin sentences (``Note``, ``Example``, …) and
  programs (``System``, ``Tool``, …) aside; as a heading a name has to come twice.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.chats import USER
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.language.roles import NO_NAMES, assistants, is_silent, is_user
from coda_graphmem.validation import parse_time

_STAMP = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_NAME = r"(?P<name>[^\W\d_](?:[\w.'’\-]| (?! )){0,39}?)"
_AFTER = rf"(?:\s*[(\[](?P<after>{_STAMP})[)\]])?"
_STYLES = {
    "heading": re.compile(rf"^(?P<level>#{{1,6}})\s+[^\w\s]*\s*{_NAME}\s*:?{_AFTER}\s*:?\s*#*\s*$"),
    "bold": re.compile(
        rf"^(?:\*\*|__)[^\w\s]*\s*{_NAME}"
        rf"(?::(?:\*\*|__){_AFTER}|(?:\*\*|__){_AFTER.replace('after', 'late')}:)\s*(?P<text>.*)$"
    ),
    "plain": re.compile(rf"^(?:\[?(?P<before>{_STAMP})\]?\s*[-–]?\s*)?{_NAME}{_AFTER}:(?:\s+(?P<text>.*))?$"),
}
_TITLE = re.compile(r"^#\s+(?P<title>\S.*?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(?:```[^`]*|~~~.*)$")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that may begin a turn."""

    style: str
    """``heading`` with its level, ``bold`` or ``plain``."""
    name: str
    text: str
    stamp: str | None


@dataclass(slots=True)
class _Turn:
    line: int
    speaker: str
    lines: list[str] = field(default_factory=list)


def read_transcript(
    opened: Callable[[], TextIO], source: str, conversation_id: str, *, me: str = USER, speakers: Iterable[str] = ()
) -> Iterator[Record]:
    """The turns of a transcript as memories of one conversation, in their order.

    The file is read twice: first to find out how turns begin and who speaks. A turn without a time takes that of the
    turn before it.

    Args:
        opened: Opens the file.
        source: Its name, for messages.
        conversation_id: What becomes the conversation's id.
        me: Name of the one who is called ``You``, ``Me``, ``Human`` or ``User`` in the file.
        speakers: Names of those who speak, as the file writes them; empty to find out.

    Raises:
        ValidationError: Nobody speaks in it, or a line is not acceptable.
    """
    maker = RecordMaker(source)
    with opened() as file:
        style, names = _survey(maker.decoded(file), frozenset(map(_key, speakers)))
    if style is None:
        raise ValidationError(
            "has no line that begins a turn.",
            field=source,
            remedy="Write Name: text, **Name:** text or ### Name, or say who speaks (--speaker).",
        )
    with opened() as file:
        title: str | None = None
        turn: _Turn | None = None
        at: float | None = None
        for number, line, opening in _openings(maker.decoded(file)):
            if opening is not None and opening.style == style and _key(opening.name) in names:
                yield from _records(turn, maker, conversation_id, title, at)
                at = at if opening.stamp is None else _time(opening.stamp, maker, number)
                speaker = me if is_user(opening.name) else opening.name
                turn = _Turn(number, speaker, [opening.text])
            elif turn is not None:
                turn.lines.append(line)
            elif title is None and (found := _TITLE.match(line)):
                title = found["title"]
        yield from _records(turn, maker, conversation_id, title, at)


def has_turns(lines: Iterable[str]) -> bool:
    """Whether lines look like a transcript."""
    return _survey(lines, frozenset())[0] is not None


def _survey(lines: Iterable[str], given: frozenset[str]) -> tuple[str | None, frozenset[str]]:
    """How turns begin, and the keys of those who speak; None where nobody does."""
    found: dict[str, dict[str, list[int]]] = {}
    for number, _, opening in _openings(lines):
        if opening is not None:
            found.setdefault(opening.style, {}).setdefault(_key(opening.name), []).append(number)
    best: tuple[tuple[bool, bool, int], str, frozenset[str]] | None = None
    for style, names in found.items():
        speaking = _speakers(style, {name: len(places) for name, places in names.items()}, given)
        if speaking:
            repeated = any(len(names[name]) > 1 for name in speaking)
            rank = (_is_chat(names), repeated, -min(names[name][0] for name in speaking))
            if best is None or rank > best[0]:
                best = rank, style, speaking
    return (None, frozenset()) if best is None else best[1:]


def _is_chat(names: Collection[str]) -> bool:
    """Whether there are both sides of a chat with an assistant."""
    return any(map(is_user, names)) and bool(assistants(names))


def _speakers(style: str, names: Mapping[str, int], given: frozenset[str]) -> frozenset[str]:
    if given:
        return frozenset(names) & given
    if _is_chat(names):
        return assistants(names) | {name for name in names if is_user(name)}
    least = 2 if style.startswith("heading") else 1
    return frozenset(
        name for name, count in names.items() if count >= least and name not in NO_NAMES and not is_silent(name)
    )


def _openings(lines: Iterable[str]) -> Iterator[tuple[int, str, Opening | None]]:
    """Each line with its number and, where it may begin a turn, how."""
    fenced = False
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if _FENCE.match(text):
            fenced = not fenced
        yield number, text, None if fenced else _opening(text)


def _opening(line: str) -> Opening | None:
    for style, pattern in _STYLES.items():
        if match := pattern.match(line):
            parts = match.groupdict()
            stamp = parts.get("before") or parts.get("after") or parts.get("late")
            name = f"{style} {parts['level']}" if style == "heading" else style
            return Opening(name, parts["name"].strip(), parts.get("text") or "", stamp)
    return None


def _records(
    turn: _Turn | None, maker: RecordMaker, conversation_id: str, title: str | None, at: float | None
) -> Iterator[Record]:
    """The memory of a turn; none where it says nothing."""
    content = "\n".join(line for line in turn.lines if not _RULE.match(line)).strip() if turn else ""
    if turn and content:
        metadata = {"speaker": turn.speaker} | ({"conversation_title": title} if title else {})
        memory = {"content": content, "metadata": metadata, "conversation_id": conversation_id, "timestamp": at}
        yield maker.make(turn.line, memory)


def _time(stamp: str, maker: RecordMaker, number: int) -> float:
    try:
        return parse_time(stamp)
    except ValidationError as error:
        raise maker.fault(number, error.message, error.remedy) from None


def _key(name: str) -> str:
    return name.strip().rstrip(":").casefold()
