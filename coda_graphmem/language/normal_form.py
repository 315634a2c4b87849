"""One form for a word, however it is typed: the same for what is stored and for what is asked.

Full-width letters, ligatures, capitals, accents, marks of Arabic and Hebrew and digits of other scripts are told apart
by nobody who searches (`folded`). Scripts that put no space between words, or put particles behind them, are looked for
by every two neighbouring characters, the proven way without a dictionary: a text is indexed character by character
(`index_text`), and a word of a query becomes phrases of two (`cut`), or the character itself where it is but one.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from coda_graphmem.language.late import late_pattern

#: Characters that are folded in one go.
_AT_ONCE = 20_000
#: Marks in a row that a letter keeps. Text that is written has two or three; more than thirty break what is known as
#: the stream-safe format, and to sort them takes time by their square.
_MOST_MARKS = 30
_CROWD = late_pattern(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")

#: Whatever a reader does not see: joiners, directions, variation selectors, the soft hyphen, the tatweel.
_UNSEEN = (
    r"\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufe00-\ufe0f\ufeff"
)
#: Marks that people leave out: of Latin, Greek and Cyrillic letters, of Hebrew and of Arabic.
_OMITTED = late_pattern(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f" + _UNSEEN + "]+"
)
#: Where the digits of other scripts begin.
_ZEROS = (
    0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0x1040, 0x17E0
)  # fmt: skip
#: Letters without a decomposition that are typed as others, of Latin, Arabic and its neighbours, and digits.
_TYPED_AS = str.maketrans(
    dict(pair.split("=") for pair in "ø=o ł=l đ=d ð=d ħ=h ŧ=t \u0131=i ĸ=k æ=ae œ=oe þ=th".split())
    | dict.fromkeys("\u0649\u06cc\u06d0", "\u064a")
    | dict.fromkeys("\u0629\u06c1\u06d5", "\u0647")
    | {"\u06a9": "\u0643", "\u0671": "\u0627"}
    | {chr(zero + digit): str(digit) for zero in _ZEROS for digit in range(10)}
)
#: What Arabic writes together with the word after it: the article, with "and" or a preposition before it or not.
_ARTICLE = late_pattern(
    r"(?<![\w])(?:[\u0648\u0641]?(?:\u0627\u0644|\u0628\u0627\u0644|\u0643\u0627\u0644|\u0644\u0644))+(?=[\u0621-\u063a\u0641-\u064a]{3})"
)
#: Signs that stand for several letters or for a fraction are no part of the word or number before them.
_SIGN = late_pattern(
    r"[\u00bc-\u00be\u2100\u2101\u2103\u2105\u2106\u2109\u2116\u2120-\u2122\u213b\u2150-\u215f\u2189\u3200-\u33ff"
    r"\U0001f100-\U0001f2ff]"
)
#: What becomes eighteen letters that nobody looks for.
_LONG_SIGN = late_pattern(r"[\ufdfa\ufdfb]")

_INDIC_MARKS = "".join(
    f"{chr(block + first)}-{chr(block + last)}"
    for block in range(0x900, 0xE00, 0x80)
    for first, last in ((0x00, 0x03), (0x3A, 0x3C), (0x3E, 0x4F), (0x51, 0x57), (0x62, 0x63))
)
_JOINED_MARKS = (
    r"\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u17b6-\u17d3\u17dd"
    r"\u3099\u309a"
)
_JOINED = (
    r"\u0e01-\u0e30\u0e32\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0ebd-\u0ec6\u0edc-\u0edf\u1000-\u102a\u103f\u1050-\u1055"
    r"\u1100-\u11ff\u1780-\u17b3\u17d7\u2e80-\u2fd5\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3041-\u3096"
    r"\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    r"\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U000323af"
)
#: A character of a script whose words are not parted, with the marks above and below it.
_UNIT = late_pattern(f"[{_JOINED}][{_JOINED_MARKS}]*")
_RUN = late_pattern(f"(?:[{_JOINED}][{_JOINED_MARKS}]*)+")
#: A run of letters and digits; unlike for `re`, marks that make syllables belong to it.
WORD = late_pattern(rf"[\w{_INDIC_MARKS}{_JOINED_MARKS}\u0f71-\u0f84\u0f90-\u0fbc]+")


#: Letters and signs that are folded one by one: they join nothing before or after them.
_SEPARATE = r"\u00a0-\u024f\u0370-\u03ff\u0400-\u045f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
_OTHERS = late_pattern(rf"[^\x00-\x7f{_SEPARATE}]")
_SEPARATELY = late_pattern(f"[{_SEPARATE}]")


def normalised(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """A text in a normal form of Unicode, in time linear to its length: of more than thirty marks in a row some go."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, _CROWD.sub(_thinned, text))


def _thinned(crowd: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in crowd[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def folded(text: str) -> str:
    """A text without what does not tell words apart: case, width, ligatures, accents, unseen characters.

    The article that Arabic writes as a part of words goes too. In ASCII nothing but small letters is left of it. Marks
    that make another syllable stay, as in Hindi, Thai or Kana.
    """
    if text.isascii():
        return text.lower()
    if not _OTHERS.search(text):
        return _SEPARATELY.sub(_letter, text).lower()
    return _folded(text) if len(text) <= _AT_ONCE else "".join(map(_folded, _slices(text)))


def _letter(match: re.Match[str]) -> str:
    return _folded_letter(match[0])


@lru_cache(maxsize=2_048)
def _folded_letter(letter: str) -> str:
    return _folded(letter)


def _folded(text: str) -> str:
    # Compatible forms first: a bold capital letter has no small one of its own.
    small = normalised("NFKC", _SIGN.sub(r" \g<0> ", _LONG_SIGN.sub(" ", text))).casefold()
    if small.isascii():
        return small
    plain = unicodedata.normalize("NFC", _OMITTED.sub("", normalised("NFKD", small))).translate(_TYPED_AS)
    return _ARTICLE.sub("", plain) if "\u0644" in plain else plain


def _slices(text: str) -> Iterator[str]:
    """A long text in parts, cut where a word ends if one does: nothing else runs while one of them is folded."""
    start = 0
    while start < len(text):
        end = start + _AT_ONCE
        space = text.rfind(" ", start + _AT_ONCE // 2, end) + 1 if end < len(text) else 0
        yield text[start : space or end]
        start = space or end


def index_text(text: str) -> str:
    """What a full-text index is given of a text.

    That is the text itself where it is ASCII, else `folded`, with characters of scripts that do not part words apart.
    """
    if text.isascii():
        return text
    return "".join(_UNIT.sub(r" \g<0> ", part) for part in _slices(folded(text)))


def is_joined(text: str) -> bool:
    """Whether a text holds a character of a script that does not part words."""
    return not text.isascii() and _UNIT.search(text) is not None


def joined_units(text: str) -> list[str]:
    """The characters of a text, each with its marks, that belong to scripts that do not part words."""
    return [] if text.isascii() else _UNIT.findall(text)


def without_joined(text: str) -> str:
    """A text with a space for each run of such characters."""
    return text if text.isascii() else _RUN.sub(" ", text)


def cut(word: str, *, singly: bool = False) -> list[str]:
    """What a folded word is looked for by: itself, or every two neighbours of each run of characters that are joined.

    Args:
        singly: Whether each of these characters counts as well, as it does in a text that may hold what is looked for.
    """
    if word.isascii():
        return [word]
    parts: list[str] = []
    at = 0
    for run in _RUN.finditer(word):
        if run.start() > at:
            parts.append(word[at : run.start()])
        units = _UNIT.findall(run[0])
        parts += units if singly or len(units) == 1 else ()
        parts += map("".join, pairwise(units))
        at = run.end()
    if at < len(word):
        parts.append(word[at:])
    return parts
