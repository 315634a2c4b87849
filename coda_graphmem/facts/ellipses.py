"""Writes what chats leave out: "I" before what somebody did, capitals of titles."""

import re
from functools import cache

from coda_graphmem.facts.table import load_table
from coda_graphmem.language.late import late_pattern

#: How chats shorten words: "i work @ tesco", "we r moving".
_AT = late_pattern(r"(?<=\w) @ (?=[\w])")
_WE_ARE = late_pattern(r"\b([Ww]e|[Tt]hey|[Yy]ou) r ")
_TITLE = late_pattern(r"\b(dr|mr|mrs|ms|prof)\.?\s([a-z][a-z'\u2019-]+)\b")


def completed(text: str) -> str:
    """A text with what chats leave out: "I" before a sentence that begins with what somebody did, capitals of titles.

    "Sold the bike. My dentist is dr. hale." becomes "I sold the bike. My dentist is Dr. Hale.", and "divorced since
    March" becomes "I am divorced since March".
    """
    text = _TITLE.sub(lambda match: f"{match[1].capitalize()}. {match[2].capitalize()}", text)
    text = _AT.sub(" at ", _WE_ARE.sub(r"\1 are ", text))
    text = _being().sub(lambda match: f"{match[1]}I am {match[2][0].lower()}{match[2][1:]}", text)
    return _deed().sub(lambda match: f"{match[1]}I {match[2][0].lower()}{match[2][1:]}", text)


@cache
def _deed() -> re.Pattern[str]:
    """What people did, as a sentence begins that does not say who."""
    return re.compile(
        rf"""((?:^|[.!?]\s+|\n\s*)(?:(?:ok|okay|so|well|oh|btw|fyi|update|news|yay|guess\ what)[,:!]?\s+)?)
        ((?:just|finally|recently|also|already)?\s?(?:{_any_of("done_without_subject")}
        |went\ (?:{_any_of("turned")}|freelance|back\ to)
        |turned\ (?:{_any_of("turned")}|\d+)
        |got\ (?:an?|my|the|our|two|three|married|engaged|divorced)|had\ (?:a|our|my)\ \w+(?=\ )
        |landed\ (?:a|the)|broke\ my|named\ (?:the|my|our))\b
        (?!\s(?:by|in\ half|from\ (?:the|a)\ (?:top|bottom)))(?=[^.!?\n]*(?:[.!\n]|$)))""",
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def _being() -> re.Pattern[str]:
    """What people are, as a sentence begins that does not say who."""
    return re.compile(
        rf"""((?:^|[.!?]\s+|\n\s*)(?:(?:ok|okay|so|well|oh|btw|fyi|update)[,:!]?\s+)?)
        ((?:(?:still|now|recently|newly|happily)\s)?(?:(?:deathly|very)\sallergic|{_any_of("been_without_subject")})\b)
        (?=(?:\s(?:to|since|for|now|again|with|at|and|these)\b[^.!?\n]*)?(?:[.!,\n]|$))""",
        re.IGNORECASE | re.VERBOSE,
    )


def _any_of(words: str) -> str:
    """A list of the table's as alternatives of a pattern, a blank for each hyphen."""
    return "|".join(sorted(load_table().words[words])).replace("-", r"\ ")
