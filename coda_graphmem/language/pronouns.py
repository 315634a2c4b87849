"""Pronouns: who is meant by them, and what becomes of one's own where somebody else tells it."""

import re

from coda_graphmem.language.late import late_pattern

#: Words of persons, each with the person: ``i`` with "we", ``you``, ``he``, ``she``.
PERSONS = {
    word: person
    for person, words in {
        "i": "i me my mine myself we us our ours ourselves",
        "you": "you your yours yourself yourselves",
        "he": "he him his himself",
        "she": "she her hers herself",
    }.items()
    for word in words.split()
}
#: Words that stand for something a sentence names elsewhere, each in one form.
PRONOUNS = PERSONS | {"they": "they", "them": "they", "it": "it", "who": "who", "that": "that", "which": "which"}
#: Of these forms one may stand for anybody or anything.
VAGUE = frozenset(PRONOUNS.values()) - {"i", "you"}

#: Subjects and owners by which somebody tells of themselves.
OWN_SUBJECTS = frozenset({"i", "we"})
OWNERS = frozenset({"my", "our"})
#: What they become where somebody else tells it.
TOLD_BY_OTHERS = {
    "my": "their", "our": "their", "me": "them", "us": "them", "mine": "theirs", "ours": "theirs",
    "myself": "themselves", "ourselves": "themselves",
}  # fmt: skip

#: Where somebody asks about themselves. "We" may be others as well.
ASKS_ABOUT_ONESELF = late_pattern(r"\b(?:i|me|my|mine|myself)\b", re.IGNORECASE)
#: Where somebody asks for what whoever is asked said before.
ASKS_FOR_WHAT_WAS_ANSWERED = late_pattern(
    r"""\b(?:did|had|have)\s+you\s+(?:\w+ly\s+|already\s+|ever\s+)?
        (?:recommend|suggest|advise|propose|say|tell|mention|explain|describe|give|show|outline|point|list|warn|write
        |recommended|suggested|advised|proposed|said|told|mentioned|explained|described|given|shown|outlined|pointed
        |listed|warned|written)\b
    |\byou\s+(?:have\s+|had\s+)?
        (?:recommended|suggested|advised|proposed|said|told|mentioned|explained|described|gave|given|showed|shown
        |outlined|listed|warned|wrote)\b""",
    re.IGNORECASE | re.VERBOSE,
)
#: Where somebody tells of themselves, or a statement does that was learned from them.
TELLS_OF_ONESELF = late_pattern(r"\b(?:i|i['’]m|i['’]ve|my|mine|we|our|user)\b", re.IGNORECASE)
