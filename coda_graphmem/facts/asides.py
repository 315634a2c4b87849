"""Takes out of a text what somebody names only as what they do not mean: "on Thursday**, not on Tuesday**"."""

import re
from dataclasses import dataclass

from coda_graphmem.facts.contractions import Spelled
from coda_graphmem.language.late import late_pattern

_ASIDE = late_pattern(
    r"""(?:\s*[,;(–—-]\s*(?:(?:and|but)\s+)?not|\s+(?:and|but)\s+not|\s*,?\s+(?:instead\ of|rather\ than))\s+
    (?:(?:at|in|on|with|for|to|from|by|as)\s+)?(?:(?:a|an|the|my|our)\s+)?
    (?P<words>(?!(?:that|because|only|just|sure|yet|really|anymore|so|much|too|very|to|if|when|even|all|like|as|one|many|every
        |necessarily|exactly|always|quite|least|at|in|on|the|it|this|i|me|us|him|them|my|you|he|she|they|we|a|long|now|again|bad|good|great
        |well|for|about|with|sold|been|being|having|doing|going|having)\b)
     (?:[\w$€£#@'’.:/+-]|,(?=\d))*\w%?(?:\s+(?!(?:and|but|because|since|now|any|from|anymore|as|so|after|when|if|which|who|that)\b)
     (?:[\w$€£'’.:/+-]|,(?=\d))*\w%?){0,3})
    (?P<close>\))?(?=\s*(?:[,;.!?)]|$)|\s+(?:and|but|because|since|now|any|from|anymore|as|so|after|when)\b)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Aside:
    """What is not meant, and where it stood."""

    at: int
    """Place in the text without it, behind what is meant."""
    words: str


def without_asides(spelled: Spelled) -> tuple[Spelled, tuple[Aside, ...]]:
    """The text without them, and what they were."""
    found: list[Aside] = []
    parts: list[str] = []
    origins: list[tuple[int, int]] = []
    at = length = 0
    for match in _ASIDE.finditer(spelled.text):
        if match.start() == 0:
            continue
        parts.append(spelled.text[at : match.start()])
        origins += spelled.origins[at : match.start()]
        length += match.start() - at
        found.append(Aside(length, " ".join(match["words"].split())))
        at = match.end()
    if not found:
        return spelled, ()
    parts.append(spelled.text[at:])
    origins += spelled.origins[at:]
    return Spelled("".join(parts), origins), tuple(found)
