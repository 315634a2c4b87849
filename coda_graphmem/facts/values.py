"""Normal forms of subjects and values, so that the same one is found again however it was written."""

import re

from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.normal_form import folded
from coda_graphmem.language.quantities import Quantity, find_quantities
from coda_graphmem.language.roles import is_user
from coda_graphmem.language.words import singular

USER = "User"
"""What the user is called where nobody says whose words they are."""

_TITLES = re.compile(
    r"^(?:(?:(?:dr|mr|mrs|ms|prof)\b\.?|doctor|professor|mister|coach|a|an|the|my|our|some|another|one)\s+)+(?=\S)",
    re.IGNORECASE,
)
#: "A dog named Rex" is a dog.
_NAMED = re.compile(r"\s+(?:named|called)\s+.*$", re.IGNORECASE)
_VERSION = re.compile(r"(?:version\s+)?v?(\d+(?:\.\d+)+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
#: Units that are written behind their number: "30s".
_COMPACT = re.compile(r"(?<=\d)(?:s|secs?|ms|h|hrs?|mins?)\b")
_PER = re.compile(r"\s*/\s*|\s+(?:per|a|an|each|every)\s+", re.IGNORECASE)
_UNITS = {
    "min": "minute", "mins": "minute", "s": "second",
    "sec": "second", "secs": "second", "hr": "hour", "hrs": "hour", "h": "hour",
    "reqs": "request", "req": "request", "yr": "year", "yrs": "year", "mo": "month", "wk": "week", "msec": "ms",
}  # fmt: skip
_EMPTY = frozenset("about around roughly exactly approximately old of the now just only".split())


def subject_key(name: str) -> str:
    """The normal form of who or what statements are about: ``user`` for all names of the user's role."""
    return "user" if is_user(name) else entity_key(name) or folded(name)


def owned_key(key: str, user_id: str | None) -> str:
    """The key of a subject as memories of somebody in particular (`Memory.user_id`) speak of it.

    What is true of one user, and of the people and things that one knows, says nothing of another's.
    """
    return key if user_id is None else f"{user_id}\x1f{key}"


def plain_key(key: str) -> str:
    """The key of a subject, whoever speaks of it."""
    return key.rpartition("\x1f")[2]


def value_key(value: str) -> str:
    """The normal form of a value, equal for equal ones.

    Names are equal without titles and articles ("Dr. Lee"), things in singular and plural and whatever they are
    called ("a dog named Rex"), figures by what they count ("100 requests/min", "100 requests per minute").
    """
    bare = _COMPACT.sub(_unit_apart, _TITLES.sub("", _NAMED.sub("", value.strip())))
    if (version := _VERSION.fullmatch(bare)) is not None:
        return version[1]
    if re.search(r"\d", bare) is not None or re.match(r"[a-z]+\b", bare) is not None:
        figures = find_quantities(bare)
        if figures and any(figure.kind != "id" for figure in figures):
            return _figure_key(bare, figures)
    return _name_key(bare) or folded(value)


def _unit_apart(match: re.Match[str]) -> str:
    unit = _UNITS.get(match.group(), match.group())
    return f" {unit}" if unit == "ms" else f" {unit}s"


def _name_key(name: str) -> str | None:
    key = entity_key(name)
    # A word in small letters may be a plural; a name ends as it ends.
    return key if key is None or name[:1].isupper() else singular(key)


def _figure_key(written: str, figures: tuple[Quantity, ...]) -> str:
    """The figures of a value with the words beside them."""
    numbers = [f"{figure.value:g}" if isinstance(figure.value, float) else str(figure.value) for figure in figures]
    kinds = [
        figure.unit or figure.kind
        for figure in figures
        if figure.unit or figure.kind not in ("number", "id", "ordinal")
    ]
    counted = _PER.sub(" per ", written.lower())
    words = [_UNITS.get(word, singular(word) if len(word) > 2 else word) for word in _WORD.findall(counted)]
    kept = [
        word
        for word in words
        if word not in _EMPTY
        and (word == "second" or not find_quantities(word))
        and word not in _COINS
        and word != "k"
        and not _is_unit(word)
    ]
    return " ".join((*numbers, *kinds, *kept))


def _is_unit(word: str) -> bool:
    return any(figure.unit for figure in find_quantities(f"7 {word}"))


_COINS = frozenset("dollar buck euro pound usd eur gbp percent pct st nd rd th am pm at".split())
