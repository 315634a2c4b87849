"""Writes what chats leave out: "I" before what somebody did, capitals of titles."""

import re

from coda_graphmem.language.late import late_pattern

#: What people did, as a sentence begins that does not say who.
_DID = late_pattern(
    r"""((?:^|[.!?]\s+|\n\s*)(?:(?:ok|okay|so|well|oh|btw|fyi|update|news|yay|guess\ what)[,:!]?\s+)?)
    ((?:just|finally|recently|also|already)?\s?(?:sold|bought|moved|quit|switched|upgraded|started|joined|stopped|adopted
    |gave\ up|broke\ up|grew\ up|born\ and\ raised|became|went\ (?:vegan|veggie|vegetarian|freelance|back\ to)
    |turned\ (?:vegan|veggie|vegetarian|\d+)
    |got\ (?:an?|my|the|our|two|three|married|engaged|divorced)|had\ (?:a|our|my)\ \w+(?=\ )
    |passed|graduated|enrolled|signed\ up|accepted|traded|swapped|rented|inherited
    |picked\ up|booked|rescheduled
    |postponed|rejoined|transferred|landed\ (?:a|the)|broke\ my|finished|took\ over|stepped\ down|handed\ in
    |named\ (?:the|my|our)
    |relocated|settled|retired|changed|cancelled|canceled|dropped|married|took\ up)\b
    (?!\s(?:by|in\ half|from\ (?:the|a)\ (?:top|bottom)))(?=[^.!?\n]*(?:[.!\n]|$)))""",
    re.IGNORECASE | re.VERBOSE,
)
#: What people are, as a sentence begins that does not say who.
_IS = late_pattern(
    r"""((?:^|[.!?]\s+|\n\s*)(?:(?:ok|okay|so|well|oh|btw|fyi|update)[,:!]?\s+)?)
    ((?:(?:still|now|recently|newly|happily)\s)?(?:divorced|married|engaged|vegan|vegetarian|veggie|pescatarian|retired|pregnant
    |widowed|unemployed|(?:deathly\s|very\s)?allergic|lactose\sintolerant|diabetic)\b)
    (?=(?:\s(?:to|since|for|now|again|with|at|and|these)\b[^.!?\n]*)?(?:[.!,\n]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
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
    text = _IS.sub(lambda match: f"{match[1]}I am {match[2][0].lower()}{match[2][1:]}", text)
    return _DID.sub(lambda match: f"{match[1]}I {match[2][0].lower()}{match[2][1:]}", text)
