"""How often something is done, by the words of a clause."""

import re

from coda_graphmem.language.late import late_pattern

_AT_TIMES = late_pattern(
    # "On Monday" is one day.
    r"\bon (?:mon|tues|wednes|thurs|fri|satur|sun)days\b"
    r"|\b(?:every|most) (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
    r"|\b(?:on|at|every) (?:the )?weekends?\b"
    r"|\bpart[- ]time\b"
    r"|\b(?:in|during) the (?:mornings?|evenings?|afternoons?|week|summers?|winters?)\b|\bat night\b|\bon the side\b"
    r"|\b(?:one|two|three|four|\d) (?:days?|evenings?|mornings?|nights?) (?:a|per) week\b"
    r"|\bsometimes\b|\boccasionally\b",
    re.IGNORECASE,
)
_REGULARLY = late_pattern(
    r"\b(?:usually|always|often|mostly|normally|typically|daily|weekly|monthly|regularly|nights|mornings|evenings)\b"
    r"|\b(?:every|each|most) (?:other |single |second )?(?:day|week|month|year|night|morning|evening|afternoon|spring"
    r"|summer|autumn|fall|winter|christmas|easter|january|february|march|april|may|june|july|august|september|october"
    r"|november|december)s?\b"
    r"|\b(?:once|twice|(?:two|three|four|five|six|seven|several|few|couple of|\d+) (?:times|days|hours|mornings"
    r"|nights)) (?:a|an|per|each|every) (?:day|week|month|year)\b",
    re.IGNORECASE,
)


def is_at_times(words: str) -> bool:
    """Whether a clause says that something is so only now and then: "in the evenings", "on Mondays", "part-time"."""
    return _AT_TIMES.search(words) is not None


def is_regular(words: str) -> bool:
    """Whether a clause says how often something is done: "usually", "three times a week", "every summer"."""
    return is_at_times(words) or _REGULARLY.search(words) is not None
