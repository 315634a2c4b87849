"""Reads how a line of a transcript may begin a turn: with whose name, at what time, with which words.

A line is looked at from its beginning to its first colons and never searched again, so that it takes no longer than
it is long.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from coda_graphmem.language.roles import DETERMINERS

Certainty = Literal["name", "perhaps"]

#: Characters in which a name, its marks and a time stand.
_HEAD = 240
#: Characters of the longest name, and words of one that is no surname with many.
_LONGEST_NAME, _MANY_WORDS = 100, 5
#: Characters of a name whose words need no capital letters.
_SHORT = 40

#: The colon of Chinese and Japanese texts.
_WIDE = "\uff1a"
_COLONS = f":{_WIDE}"

_STAMP = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,3})?)?(?:[ \u202f\u00a0]?[AaPp]\.?[Mm]\.?)?"
_BEFORE = re.compile(rf"[\[(]?(?:(?P<stamp>{_STAMP})|{_CLOCK})[\])]?\s{{0,3}}[-–]?\s{{0,3}}")
_AFTER = re.compile(rf"\s{{0,3}}[(\[](?:(?P<stamp>{_STAMP})|{_CLOCK})[)\]]")
_COLON = re.compile(rf":(?=\s|$)|{_WIDE}")
_ANY_COLON = re.compile(f"[{_COLONS}]")
_PHONE = re.compile(r"(?:\+|00?|\()[\d\s().\-/]{4,28}\d")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
#: What is in a name beside letters, marks and digits.
_JOINING = frozenset(" ,.'’\u2018\"“”„«»—–-_·•・&/|+@#~*()[]!?\u00a0\u202f\u3000\u05f3\u05f4\u200c\u200d\ufe0e\ufe0f")
#: What lines of another kind begin with or hold: a list, a quotation, a table, a time, an address.
_NO_NAME = re.compile(r"[-*+>•–—|#]\s|\d+[.):]|\d{1,2}:\d\d|[^:\s]{1,12}://|\s")
_NO_BEGINNING = "'’\"“„«.*/|!?&-–—_+,"
#: What may stand before the first letter of a word.
_BEFORE_WORDS = "'’\"“„«(@~_-–—#·・"
_MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that may begin a turn."""

    style: str
    """``heading`` with its level, ``bold`` or ``plain``."""
    name: str
    certainty: Certainty
    """``perhaps`` where this may as well be a sentence: it is a name if it comes again."""
    text: str
    stamp: str | None


def key_of(name: str) -> str:
    """What the same name has in common however it is written."""
    bare = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFC", bare).casefold().strip().rstrip(_COLONS).split())


def opening_of(line: str, given: Collection[str] = ()) -> Opening | None:
    """How a line may begin a turn; None where it cannot.

    Args:
        line: Without its end.
        given: Keys of those who speak (`key_of`), who may be called anything; empty to find out.
    """
    line = line.lstrip(_MARKS)
    if line.startswith("#"):
        return _heading(line, given)
    if line.startswith(("**", "__")):
        return _bold(line, given)
    return _plain(line, given)


def _heading(line: str, given: Collection[str]) -> Opening | None:
    level = len(line) - len(line.lstrip("#"))
    rest = line[level:].strip()
    if not 1 <= level <= 6 or not line[level : level + 1].isspace() or len(rest) > _HEAD:
        return None
    rest = rest.rstrip("#").rstrip().rstrip(_COLONS).rstrip()
    rest, stamp = _without_stamp(rest)
    return _made(f"heading {'#' * level}", rest.rstrip(_COLONS).rstrip(), "", stamp, given)


def _bold(line: str, given: Collection[str]) -> Opening | None:
    end = line.find(line[:2], 2, _HEAD)
    if end < 0:
        return None
    name, rest = line[2:end].strip(), line[end + 2 :]
    inside = name.endswith(tuple(_COLONS))
    stamp = _AFTER.match(rest)
    rest = rest[stamp.end() :] if stamp else rest
    if not inside:
        rest = rest.lstrip()
        if not rest.startswith(tuple(_COLONS)):
            return None
        rest = rest[1:]
    name, inner = _without_stamp(name.rstrip(_COLONS).rstrip())
    return _made("bold", name, rest.lstrip(), (stamp["stamp"] if stamp else None) or inner, given)


def _plain(line: str, given: Collection[str]) -> Opening | None:
    if not given:
        return None if line[:1].isspace() else _before_colon(line, _COLON, given)
    bare = line.lstrip()
    return _before_colon(bare, _ANY_COLON, given) or _before_colon(bare.lstrip("-* "), _ANY_COLON, given)


def _before_colon(line: str, colons: re.Pattern[str], given: Collection[str]) -> Opening | None:
    before = _BEFORE.match(line)
    start = before.end() if before else 0
    for colon in colons.finditer(line[: start + _HEAD], start):
        name, stamp = _without_stamp(line[start : colon.start()])
        stamp = stamp or (before["stamp"] if before else None)
        made = _made("plain", name, line[colon.end() :].lstrip(), stamp, given)
        if made is not None or not given:
            return made
    return None


def _made(style: str, name: str, text: str, stamp: str | None, given: Collection[str]) -> Opening | None:
    name = name.strip().strip(_MARKS).strip()
    if given and key_of(name) in given:
        return Opening(style, name, "name", text, stamp)
    name = name if style == "plain" else _undecorated(name)
    if given:
        return Opening(style, name, "name", text, stamp) if key_of(name) in given else None
    certainty = certainty_of(name)
    return Opening(style, name, certainty, text, stamp) if certainty else None


def _without_stamp(name: str) -> tuple[str, str | None]:
    """A name without the time in brackets behind it."""
    start = max(name.rfind("("), name.rfind("["))
    found = _AFTER.fullmatch(name, start) if start > 0 else None
    return (name[:start].rstrip(), found["stamp"]) if found else (name, None)


def _undecorated(name: str) -> str:
    """A name without the picture before it, which programs put into headings."""
    start = 0
    while start < len(name) and not (name[start].isalnum() or name[start] in "@+(["):
        start += 1
    return name[start:].lstrip() if start < len(name) else name


def certainty_of(name: str) -> Certainty | None:
    """Whether a text is somebody's name: for certain, perhaps, or not at all.

    Names may hold pictures and brackets, be a telephone number or a handle, or have the surname first. Lines of prose,
    lists and settings that have a colon should not be taken for one.
    """
    if not name or len(name) > _LONGEST_NAME or _NO_NAME.match(name) or not any(map(_says_something, name)):
        return None
    bare = " ".join(_BRACKETS.sub(" ", name).split())
    if _PHONE.fullmatch(name) or (_is_written_like_a_name(name, bare) and not _may_be_a_sentence(name, bare)):
        return "name"
    return "perhaps"


def _is_written_like_a_name(name: str, bare: str) -> bool:
    """Whether a text has the characters of names; ``bare`` is what it holds outside brackets."""
    return (
        not (name[0].isdecimal() or name[0] in _NO_BEGINNING)
        and not any(bracket in bare for bracket in "()[]")
        and "  " not in name
        and all(map(_is_part_of_names, name))
    )


def _may_be_a_sentence(name: str, bare: str) -> bool:
    words = [word for word in bare.replace(",", " ").split() if any(map(str.isalnum, word))]
    capital = sum(not word.lstrip(_BEFORE_WORDS)[:1].islower() for word in words)
    # "Ek, Nora" and "van der Berg, Jan" are names, "Well, actually" is none.
    if "," in bare:
        surname, given = (part.split() for part in bare.split(",", 1))
        several = bare.count(",") > 1 and capital < len(words)
        return not (surname and given) or surname[-1][:1].islower() or given[0][:1].islower() or several
    if "? " in bare or "! " in bare or bare.endswith(("?", "!")):
        return True
    # "what we need", "He said that", "The boat"
    if (len(words) > 1 and capital == 0) or (len(words) > 2 and capital == 1):
        return True
    if len(words) > 1 and words[0].casefold() in DETERMINERS:
        return True
    return len(name) > _SHORT and (capital * 2 < len(words) or len(words) > 2 * _MANY_WORDS)


def _says_something(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) == "So"


def _is_part_of_names(character: str) -> bool:
    if character.isalnum() or character in _JOINING:
        return True
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "So", "Sk", "Cn", "Cf")
