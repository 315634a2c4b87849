"""Whether a question is after what holds, or after what held before: read from its words and its tense."""

import re
from typing import Literal, NamedTuple

Wish = Literal["current", "past", "all"]


class QuestionTime(NamedTuple):
    """The time that a question is about."""

    wish: Wish
    """``current`` for what holds, ``past`` for what held before, ``all`` for what happened, which holds for ever."""
    is_first: bool = False
    """Whether it asks for the first of several values: "originally", "my first deadline"."""


_NOW = re.compile(
    r"\b(?:now|nowadays|currently|current|today|at present|at the moment|these days|right now|latest|newest|most recent"
    r"|up[- ]to[- ]date|still|as of (?:now|today)|any ?more|any longer|anymore)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\b(?:at first|first of all|originally|initially|to begin with|in the beginning|at the start)\b"
    r"|\b(?:my|our|the|his|her|their|its|your|\w+['’]s)\s+(?:very\s+)?(?:first|original|initial|earliest)\b"
    r"|\bfirst (?:said|told|set|planned|mentioned|had)\b|\bstart(?:ed)? (?:out|off)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:used to|use to|previous(?:ly)?|former(?:ly)?|prior|beforehand|ex|once|back then|back when"
    r"|in the past|earlier|in those days|no longer|not any ?more|until (?:recently|then|now)|so far before|old|outdated|replaced)\b"
    r"|\bbefore\b(?!\s+(?:going|bed|i go|you|we go|leaving|tomorrow|next|the (?:trip|flight|exam|meeting|deadline)))",
    re.IGNORECASE,
)
#: "Old" is a word for age as well, and "once" one for how often.
_NOT_BEFORE = re.compile(
    r"\bhow old\b|\byears?[- ]old\b|\bonce (?:a|per|every)\b|\b(?:day|night|week|month) before\b|\bat once\b",
    re.IGNORECASE,
)
#: What somebody is, has or does as long as it lasts, in the past: it may have been something else.
_STATE_BEFORE = re.compile(
    r"\b(?:was|were)\s+(?:i|we|he|she|they|it|you)\b(?!\s+\w+ing\s+(?:about|for me))"
    r"|\b(?:what|who|where|which|how (?:many|much|big|long|old|high))\b[^?.!]*?\b(?:was|were)\s+"
    r"(?:my|our|his|her|their|its|the)\b(?!\s+\w+\s+(?:of|that)\s+\w+ed\b)"
    r"|\bdid\s+(?:\w+\s+){1,3}?(?:live|work|own|have|weigh|drive|study|belong|cost|earn|need|believe|like|love|hate|prefer"
    r"|want|plan|use|report|stay|rent|play|eat|drink|know|go by|look)\b",
    re.IGNORECASE,
)
#: Questions for what happened, which stays true.
_EVENT = re.compile(
    r"^\W*(?:when|how long ago|how often|how many times|why|what happened|what time)\b"
    r"[^?]*\b(?:did|was|were|had|has|have)\b"
    r"|\bdid\b|\b(?:what|who|which|where)\b[^?]*?\b(?:was|were|had)\b",
    re.IGNORECASE,
)


def question_time(text: str) -> QuestionTime:
    """The time that a question is about.

    Pure, and made for English; what it cannot read is taken as a question for what holds.

    Args:
        text: A question or some words.
    """
    if _FIRST.search(text):
        return QuestionTime("past", is_first=True)
    if _BEFORE.search(_NOT_BEFORE.sub(" ", text)):
        return QuestionTime("past")
    if _NOW.search(text):
        return QuestionTime("current")
    if _STATE_BEFORE.search(text):
        return QuestionTime("past")
    return QuestionTime("all" if _EVENT.search(text) else "current")
