"""Reads chats that WhatsApp exports as text.

A message begins with a time and a name, in the way of the language the telephone is set to; further lines belong to
it. What has a time and no name is said by the program::

    12/03/26, 19:13 - Ida: Are you coming?            [12.03.26, 19:13:05] Ida: Are you coming?
    At eight.                                         At eight.
    3/12/26, 7:14 PM - Nora added you                 2026. 3. 12. 오후 7:13 - Nora: 네

Whether ``12/03/26`` is in March or in December is decided over the whole file: of the orders in which every date
exists, the one in which times go back least often counts. Times are read as UTC, as the export names no zone.

Passed over and counted are what the program says itself (who joined, that a message was deleted, a picture that is not
in the text), and what stands before the first message.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Literal, TextIO

from coda_graphmem.errors import ValidationError
from coda_graphmem.importing.account import BLANK, Account
from coda_graphmem.importing.chats import USER, acceptable, name_of
from coda_graphmem.importing.record import Record, RecordMaker
from coda_graphmem.language.roles import is_user
from coda_graphmem.language.tables import table
from coda_graphmem.validation.limits import MAX_CONTENT_LENGTH

Order = Literal["day/month/year", "month/day/year", "year/month/day"]

_ORDERS: dict[Order, tuple[int, int, int]] = {
    "day/month/year": (2, 1, 0),
    "month/day/year": (2, 0, 1),
    "year/month/day": (0, 1, 2),
}

BEFORE_FIRST, SYSTEM, MEDIA, NO_WORDS = (
    "before the first message",
    "said by WhatsApp itself",
    "pictures, recordings, calls and deleted messages",
    "without words",
)

#: Marks of direction, which say nothing.
_MARK = "[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]"
_MARKS = re.compile(_MARK)
_S = rf"(?:\s|{_MARK}){{0,3}}"
_DOT = rf"{_S}[./\-]{_S}"
_DATE = rf"(?P<first>\d{{1,4}}){_DOT}(?P<second>\d{{1,2}}){_DOT}(?P<third>\d{{1,4}})(?:\.|{_S}г\.?)?"  # noqa: RUF001
_TIME = (
    rf"(?:(?P<before>[^\W\d_][^\d\[\]:]{{0,9}}){_S})?"
    rf"(?P<hour>\d{{1,2}})(?:[:.]|{_S}h{_S})(?P<minute>\d\d)(?:[:.](?P<seconds>\d\d))?"
    rf"(?:{_S}(?P<after>[^\W\d_][^\d\[\]:,\-–]{{0,9}}?))?"
)
_BETWEEN = rf"{_S}[,،、]?{_S}"
_END = rf"{_S}(?(bracket)\]|(?:[-–](?=\s)|:(?=\s)))\s?"
_BEGINNING = re.compile(rf"{_S}(?P<bracket>\[)?{_S}{_DATE}{_BETWEEN}{_TIME}{_END}")
_TIME_FIRST = re.compile(rf"{_S}(?P<bracket>\[)?{_S}{_TIME}{_BETWEEN}{_DATE}{_END}")
#: Characters in which the time and the name stand.
_HEAD, _LONGEST_NAME = 80, 120
_QUOTES = frozenset('"“”„«»「」')
#: A time that is one of a transcript as well, see `coda_graphmem.importing.transcript`.
_TRANSCRIPT = re.compile(r"\[\d{4}-\d\d-\d\d[T ]")
_IN_BRACKETS = re.compile(r"<[^<>\n]{1,80}>")
_WORD = re.compile(r"[^\W\d_]+")
_FILE = re.compile(r"[^\n]{1,120}\.\w{2,5} \([^()\n]{2,40}\)")
_ADDED = re.compile(rf"\s?{_MARK}?<[^<>\n]{{1,60}}>{_MARK}?\s{{0,3}}$")
#: Characters of what the program writes in place of a picture.
_SHORT = 120
#: Names that are counted.
_NAMES = 100_000


@dataclass(slots=True)
class _Line:
    """The first line of a message."""

    numbers: tuple[int, int, int]
    """Of the date, in the order of the file."""
    hour: int
    minute: int
    seconds: int
    is_american: bool
    """Whether it is written as it is in America, month first: ``3/12/26, 7:13 PM``."""
    half: Literal["morning", "noon", "afternoon"] | None
    """Of the day, where the clock has twelve hours."""
    words: str
    """Beside the time."""
    rest: str
    name: str | None
    text: str

    def at(self, order: Order) -> float | None:
        """Seconds since the Unix epoch; None where there is no such date."""
        year, month, day = (self.numbers[place] for place in _ORDERS[order])
        if order == "year/month/day" and year < 100:
            return None
        hour = self.hour
        if self.half is not None and hour <= 12:
            hour = hour % 12 + (12 if self.half == "afternoon" or (self.half == "noon" and hour in (12, 1, 2)) else 0)
        # Thailand counts 543 years more.
        year = year + 2000 if year < 100 else year - 543 if 2400 < year < 2700 else year
        try:
            return datetime(year, month, day, hour, self.minute, self.seconds, tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            return None


@dataclass(slots=True)
class _Survey:
    """What is known of all of a file before it is read."""

    messages: int = 0
    bad: Counter[Order] = field(default_factory=Counter)
    """Dates that do not exist, by the order in which they are read."""
    back: Counter[Order] = field(default_factory=Counter)
    """Times before the one above."""
    names: Counter[str] = field(default_factory=Counter)
    _last: dict[Order, float] = field(default_factory=dict)
    american: bool = False
    unknown: str | None = None
    """Words beside a time that may say which half of the day it is in."""
    latest: int = 0
    """The highest hour."""

    def add(self, line: _Line) -> None:
        """Take note of a message."""
        self.messages += 1
        self.american = line.is_american
        self.latest = max(self.latest, line.hour)
        if line.words and line.half is None:
            self.unknown = line.words.strip()
        for order in _ORDERS:
            at = line.at(order)
            if at is None:
                self.bad[order] += 1
            else:
                self.back[order] += at < self._last.get(order, at)
                self._last[order] = at
        if line.name is not None and (line.name in self.names or len(self.names) < _NAMES):
            self.names[line.name] += 1

    @property
    def order(self) -> Order:
        """In which dates are written; where nothing tells, day before month, but in America."""
        usual: Order = "month/day/year" if self.american else "day/month/year"
        return min(_ORDERS, key=lambda order: (self.bad[order], self.back[order], order != usual, order[0] == "y"))

    @property
    def is_open(self) -> bool:
        """Whether another order of day and month would do as well."""
        days: tuple[Order, Order] = ("day/month/year", "month/day/year")
        chosen = self.order
        return chosen in days and all(
            (self.bad[order], self.back[order]) == (self.bad[chosen], self.back[chosen]) for order in days
        )


def is_whatsapp(lines: Iterable[str]) -> bool:
    """Whether lines are the first of a chat of WhatsApp: most of them begin a message, or the first does."""
    saying = (line for line in lines if line.strip() and not _TRANSCRIPT.match(line))
    found = [_line(line) for line in islice(saying, 50)]
    begun = [line for line in found if line is not None]
    named = any(line.name is not None for line in begun)
    return bool(begun) and named and (found[0] is not None or len(begun) * 2 >= len(found))


def read_whatsapp(
    opened: Callable[[], TextIO],
    source: str,
    conversation_id: str,
    *,
    me: str = USER,
    account: Account | None = None,
) -> Iterator[Record]:
    """The messages of a chat as memories of one conversation, in their order.

    Args:
        opened: Opens the file, which is read twice.
        source: Its name, for messages.
        conversation_id: What becomes the conversation's id.
        me: Name of the one who is called ``You`` or ``Me`` in the file.
        account: Where lines are counted.

    Raises:
        ValidationError: It holds no message, or a line is not acceptable.
    """
    maker = RecordMaker(source, account or Account())
    survey = _Survey()
    with opened() as file:
        for text in maker.decoded(file):
            if line := _line(text):
                survey.add(line)
    if not survey.names:
        raise ValidationError(
            "has no line that begins a message.", field=source, remedy="Use the text that WhatsApp exported, as it is."
        )
    if survey.is_open and survey.order != "year/month/day":
        maker.account.note(f"{source}: dates are read as {survey.order}; nothing in the file says so.")
    if survey.unknown and survey.latest <= 12:
        maker.account.note(
            f"{source}: what {survey.unknown!r} beside a time means is not known; hours are read as written."
        )
    with opened() as file:
        yield from _messages(maker, file, survey, conversation_id, me)


@dataclass(slots=True)
class _Message:
    number: int
    line: _Line
    at: float
    lines: list[str]
    blank: int = 0
    length: int = 0


def _messages(maker: RecordMaker, file: TextIO, survey: _Survey, conversation_id: str, me: str) -> Iterator[Record]:
    message: _Message | None = None
    for number, text in enumerate(maker.decoded(file), start=1):
        line = _line(text)
        if line is not None:
            yield from _records(message, maker, survey, conversation_id, me)
            if (at := line.at(survey.order)) is None:
                raise maker.fault(
                    number, f"holds no time that exists ({survey.order}).", "Correct it, or export the chat again."
                )
            message = _Message(number, line, at, [line.text if line.name is not None else line.rest])
        elif message is not None:
            if message.length + len(text) > MAX_CONTENT_LENGTH:
                yield from _records(message, maker, survey, conversation_id, me)
                message = _Message(number, message.line, message.at, [])
            message.lines.append(text.rstrip("\r\n"))
            message.blank += not text.strip()
            message.length += len(text)
        else:
            reason = BEFORE_FIRST if text.strip() else BLANK
            maker.account.pass_over("lines", reason, maker.place(number))
    yield from _records(message, maker, survey, conversation_id, me)


def _records(
    message: _Message | None, maker: RecordMaker, survey: _Survey, conversation_id: str, me: str
) -> Iterator[Record]:
    """The memory of a message, in parts where it is too long; none where nobody says anything. Its lines count."""
    if message is None:
        return
    place = maker.place(message.number)
    maker.account.pass_over("lines", BLANK, place, message.blank)
    name = message.line.name
    reason = SYSTEM
    content = ""
    if name is not None and not _is_system(message, survey):
        lines = list(message.lines)
        lines[:1] = [lines[0]] if lines and not _is_placeholder(lines[0]) else []
        reason = MEDIA if len(lines) < len(message.lines) else NO_WORDS
        content = _unmarked("\n".join(lines))
    taken = len(message.lines) - message.blank
    if not content:
        maker.account.pass_over("lines", reason, place, taken)
        return
    speaker = me if is_user(name or "") else name_of(name or "")
    for start in range(0, len(content), MAX_CONTENT_LENGTH):
        if part := content[start : start + MAX_CONTENT_LENGTH].strip():
            memory = {
                "content": part,
                "metadata": {"speaker": speaker},
                "conversation_id": conversation_id,
                "timestamp": message.at,
            }
            yield maker.make(message.number, memory)
    if reason == MEDIA:
        maker.account.pass_over("lines", MEDIA, place)
        taken -= 1
    maker.account.take("lines", taken)


def _line(text: str) -> _Line | None:
    """A line as the first of a message; None where it is none."""
    if text.isspace():
        return None
    head = text[:_HEAD]
    found = _BEGINNING.match(head) or _TIME_FIRST.match(head)
    if not found:
        return None
    rest = text[found.end() :].rstrip("\r\n")
    # The first number of a date is a day, a month or a year; a name follows the first colon.
    colon = re.search(r":(?=\s|$)", rest[:_LONGEST_NAME])
    name = _MARKS.sub("", rest[: colon.start()]).strip().removeprefix("~").strip() if colon else ""
    if not name or _QUOTES.intersection(name):
        colon = None
    numbers = (int(found["first"]), int(found["second"]), int(found["third"]))
    return _Line(
        numbers=numbers,
        hour=int(found["hour"]),
        minute=int(found["minute"]),
        seconds=int(found["seconds"] or 0),
        is_american="/" in found[0] and (found["after"] or "").strip() in ("AM", "PM"),
        half=_half(found["before"]) or _half(found["after"]),
        words=found["after"] or found["before"] or "",
        rest=rest,
        name=name if colon else None,
        text=rest[colon.end() :].removeprefix(" ") if colon else "",
    )


def _half(words: str | None) -> Literal["morning", "noon", "afternoon"] | None:
    """Which half of the day words beside a time name."""
    return _halves().get(re.sub(rf"[\s.]|{_MARK}", "", words).casefold()) if words else None


@cache
def _halves() -> dict[str, Literal["morning", "noon", "afternoon"]]:
    halves: tuple[Literal["morning", "noon", "afternoon"], ...] = ("morning", "noon", "afternoon")
    return {word: half for half in halves for word in table("exports")[half].split()}


def _is_system(message: _Message, survey: _Survey) -> bool:
    """Whether a line only looks as if somebody said it."""
    name, text = message.line.name or "", message.line.text
    if _MARKS.match(text):
        # So the program marks what it says itself, with the name of whom it is about.
        said = _MARKS.sub("", text).strip().casefold()
        known = table("exports")
        if said.startswith(f"{name.casefold()} ") or any(word in said for word in (*known["notices"], *known["calls"])):
            return len(message.lines) == 1
    # "Ida changed the subject to Trip: Rome": it begins with somebody who speaks, and comes once.
    first = name.split(" ")
    return (
        len(first) > 3
        and survey.names[name] == 1
        and any(survey.names[" ".join(first[:count])] > 1 for count in range(1, len(first) - 1))
    )


def _is_placeholder(text: str) -> bool:
    """Whether the program wrote a line, in place of what it cannot write."""
    bare = _MARKS.sub("", text).strip()
    said = bare.casefold().rstrip(".")
    known = table("exports")
    if len(bare) > _SHORT:
        return False
    if _IN_BRACKETS.fullmatch(bare):
        return _has_word(said, known["media"])
    if bare == "null" or said.startswith(tuple(known["deleted"])) or _FILE.fullmatch(bare):
        return True
    return _MARKS.match(text) is not None and not set(known["omitted"].split()).isdisjoint(said.split())


def _unmarked(text: str) -> str:
    """A message without marks of direction, and without what the program puts behind one that was changed."""
    added = _ADDED.search(text[-_SHORT:])
    if added and _has_word(added[0].casefold(), table("exports")["edited"]):
        text = text[: len(text) - len(added[0])]
    return acceptable(_MARKS.sub("", text)).strip()


def _has_word(text: str, beginnings: str) -> bool:
    """Whether a word of a text begins with one of these; where words are not set apart, whether it holds one."""
    words = _WORD.findall(text)
    return any(
        any(word.startswith(beginning) for word in words) if beginning.isascii() else beginning in text
        for beginning in beginnings.split()
    )
