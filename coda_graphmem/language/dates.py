"""Days, dates and times as people write them.

`DATE` finds the days that somebody tells of themselves, past and to come, however they are typed; as a fact is kept in
its words, nothing is computed. `MENTION` only asks whether a text that is stored names a day or an hour. The times that
questions ask for are read by `periods`, where each expression has to become two moments, and values that are compared
by `quantities`.
"""

import re

from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.phrases import Phrases

_MONTH_FORMS = (
    "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|"
    "november nov|december dec"
).split("|")
_WEEKDAY_FORMS = (
    "monday mon mondays|tuesday tue tues tuesdays|wednesday wed wednesdays|thursday thu thurs thursdays|"
    "friday fri fridays|saturday sat saturdays|sunday sun sundays"
).split("|")
#: Months and weekdays by name, also shortened, in lower case: 1 is January, and Monday.
MONTHS = {name: number for number, names in enumerate(_MONTH_FORMS, start=1) for name in names.split()}
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAY_FORMS, start=1) for name in names.split()}
#: Their whole names, with a capital.
CALENDAR = frozenset(names.split()[0].capitalize() for names in (*_MONTH_FORMS, *_WEEKDAY_FORMS))

_ANY_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
# "may" and "march" are verbs too, so a month is a month in capitals, or after a word that needs a time.
_PLAIN_MONTH = "|".join(names.split()[0] for names in _MONTH_FORMS if names.split()[0] not in ("may", "march"))
_WEEKDAY = "Mon|Tues|Wednes|Thurs|Fri|Satur|Sun"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
#: A day one can point at, also spelled without capitals; no spans ("for ten years") and no habits ("every day").
DATE = late_pattern(
    rf"""(?<!every\s)(?<!each\s)\b(?:
    (?:(?:{_WEEKDAY})day,?\s+)?(?:the\s+)?{_DAY}\s+(?:of\s+)?(?:{_ANY_MONTH})\b(?:,?\s+(?:19|20)\d\d)?
    | (?:(?:{_WEEKDAY})day,?\s+)?(?:{_ANY_MONTH})\.?\s+(?:the\s+)?{_DAY}\b(?:,?\s+(?:19|20)\d\d\b)?
    | (?:19|20)\d\d-\d\d-\d\d | \d{{1,2}}[/.]\d{{1,2}}[/.](?:\d\d){{1,2}}\b
    | (?:early\s|late\s|mid-?)?(?:{_PLAIN_MONTH}|(?<=in\s)march
      |(?<=in\s)may|(?<=next\s)may|(?<=to\s)may|(?<=until\s)may|(?<=since\s)may)\b
      (?:,?\s+(?:of\s+)?(?:19|20)\d\d)?
    | (?:(?:next|this|last|coming)\s+)?(?:{_WEEKDAY})day\b(?:\s+(?:morning|afternoon|evening|night))?
    | the\s+day\s+after\s+tomorrow | tomorrow(?:\s+(?:morning|afternoon|evening|night))? | tonight
    | yesterday(?:\s+(?:morning|afternoon|evening))?
    | (?:next|last|this\s+coming|this)\s+(?:week(?:end)?|month|year|spring|summer|autumn|fall|winter)\b
    | in\s+(?:two|three|four|five|six|\d+|a\s+few|a|a\s+couple\s+of)\s+(?:days?|weeks?|months?)\b
    | (?:two|three|four|five|six|\d+|a\s+few|a)\s+(?:days?|weeks?|months?|years?)\s+ago
    | (?:(?<=in\s)|(?<=since\s)|(?<=by\s))(?:19|20)\d\d\b
    | last\s+night | new\s+year'?s\s+eve | (?:(?:last|this|next)\s+)?christmas(?:\s+(?:eve|day))?
    | easter(?:\s+(?:sunday|monday))? | thanksgiving | valentine'?s\s+day | halloween
    | (?<=on\s)the\s+\d{{1,2}}(?:st|nd|rd|th)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
#: A day, a date or a time of day, of any kind.
MENTION = Phrases(
    rf"""\b(?:(?:{_WEEKDAY.lower()})day|tomorrow|tonight|(?:19|20)\d\d|\d{{1,2}}(?::\d\d)?\s?[ap]m|\d{{1,2}}:\d\d
    |{_PLAIN_MONTH}|(?:{_ANY_MONTH})\.?\ {_DAY}|{_DAY}\ (?:of\ )?(?:march|may))\b"""
)
_RELATIVE = Phrases(
    r"""\b(?:yesterday|today|this\ (?:week|weekend|month|year|morning|afternoon|evening|summer|winter|spring|fall)
    |(?:last|next|past)\ (?:night|day|week|weekend|month|year|decade|summer|autumn|fall|winter|spring|few\ \w+|\w+day)s?
    |(?:hours?|days?|nights?|weeks?|weekends?|months?|years?|decades?)\ (?:ago|earlier|later|back)
    |since\ \w+|for\ \w+\ (?:days|weeks|months|years|decades))\b"""
)

#: What is in each expression of `MENTION` and `_RELATIVE` that holds no digit: parts of words.
_IN_TIMES = tuple(
    """day night week month year decade summer autumn fall winter spring few hour since tomorrow morning afternoon
    evening uary april june july august ember ober""".split()
)
_DIGIT = late_pattern(r"\d")

#: Characters in which a time is looked for.
_READ = 2_000


def tells_time(text: str) -> bool:
    """Whether an English text says when something is, was or will be: on a day, at an hour, last week, for two years.

    Args:
        text: What is said; its first 2,000 characters are read.
    """
    beginning = text[:_READ].lower()
    # Most texts hold nothing of the kind, which is told ten times as fast as by the patterns.
    if not any(map(beginning.__contains__, _IN_TIMES)) and _DIGIT.search(beginning) is None:
        return False
    return MENTION.are_in(beginning) or _RELATIVE.are_in(beginning)
