"""What time a question asks about: what holds now, what held before, at first or at some time, or what once happened.

Read from its words and the tense of its verbs, in English; a question in another language asks for the present.
"""

import re
from dataclasses import dataclass
from typing import Literal

from coda_graphmem.language.late import late_pattern
from coda_graphmem.language.periods import Span, time_spans

Wish = Literal["current", "event", "past", "first", "before", "after", "at"]
"""``current`` what holds; ``event`` what happened, to which it does not matter what holds; ``past`` what held and does
not any more, the latest first; ``first`` what held at first; ``before`` and ``after`` what held next to something that
is named; ``at`` what held at a time."""

#: Characters of a text that are read; questions are short.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class QuestionTime:
    """What time a question asks about."""

    wish: Wish
    span: Span | None = None
    """The time, of ``at``."""
    named: str = ""
    """The words for what stood before or after, of ``before`` and ``after``."""
    is_said: bool = True
    """Whether words say that another state is asked for than what holds, and not the tense of a verb alone."""


_WORDS = {
    "of": "my|our|your|his|her|their|its|the|\\w+['’]s|\\w+s['’]",
    "who": "i|we|you|he|she|it|they|my|our|your|his|her|their|the|[\\w'’]+",
    "unit": "days?|nights?|weeks?|weekends?|fortnights?|months?|quarters?|years?|decades?|century|centuries|hours?"
    "|minutes?|spring|summer|autumn|fall|winter|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january"
    "|february|march|april|may|june|july|august|september|october|november|december|christmas|time|\\d+|couple|few"
    "|several|two|three|four|five|six|seven|eight|nine|ten|twelve",
    # What one has one of at a time: "my last job" is the one before the present one.
    "holder": "jobs?|employers?|workplace|company|position|address|apartment|flat|house|home|residence|city|town|place"
    "|boss|manager|supervisor|doctor|dentist|therapist|coach|trainer|teacher|tutor|landlord|landlady|roommate|flatmate"
    "|car|phone|laptop|bike|school|partner|girlfriend|boyfriend|wife|husband|relationship|name|surname|insurance|bank",
}


#: A question for a time, at the start of a text or of one of its clauses.
_WHEN = late_pattern(
    r"""\A\W*(?:(?:at|in|on|by|since|until|from)\ )?
    (?:when|what\ (?:\w+\ )?(?:date|day|month|year|time|season)|which\ (?:day|month|year|date)|how\ long)\b
    |\bwhen\ (?:did|do|does|was|were|is|are|will|had|have|has)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def asks_when(text: str) -> bool:
    """Whether an English question asks when something is, was or will be, or how long it lasts.

    Args:
        text: The question; its first 1,000 characters are read.
    """
    return _WHEN.search(text[:_MOST]) is not None


def _pattern(pattern: str) -> re.Pattern[str]:
    for name, words in _WORDS.items():
        pattern = pattern.replace(f"<{name}>", f"(?:{words})")
    return late_pattern(pattern, re.VERBOSE)


_EVER = _pattern(
    r"""\bever\b | \bhistory\b | \bover\ time\b | \bover\ the\ (?:years|months|weeks)\b | \bso\ many\ times\b
    | \bevolv | \bhow\ (?:has|have|did|was|were)\b.*\bchang | \bwhat\ (?:has|have|had)?\ ?(?:all\ )?changed\b
    | \b(?:all|every|each)\ (?:of\ )?(?:<of>\ )?(?:\w+\ ){0,3}?(?:(?:that\ )?<who>\ )?(?:have\ |has\ )?(?:ever|been)\b
    | \b(?:which|what)\ (?:\w+\ )?(?:all|else)\b.*\b(?:lived|worked|had)\b"""
)
_NOW = _pattern(
    r"""\b(?:now|currently|nowadays|presently|today|tonight|still|latest|newest|up[ -]to[ -]date|so\ far|again|lately)\b
    | \b(?:current|present|new)\ (?!year) | \bmost\ recent(?:ly)?\b | \bthese\ days\b | \bat\ (?:the\ moment|present)\b
    | \bright\ now\b | \bend(?:ed)?\ up\b | \bfinal(?:ly)?\b | \bin\ the\ end\b
    | \bas\ of\ (?:now|today)\b | \bfor\ now\b"""
)
#: Not of now although they hold such words.
_NOT_NOW = _pattern(
    r"\b(?:before|until|till|up\ to|prior\ to|than|from|by|of)\ (?:(?:the|my|our|this)\ )?"
    r"(?:now\b|(?:current|present|new|latest)\b(?:\ (?:one\b|\w+))?|today\b)"
)
_ORIGINAL = _pattern(
    r"""\boriginal(?:ly)?\b | \binitial(?:ly)?\b | \bat\ first\b | \bin\ the\ beginning\b
    | \bto\ (?:begin|start)\ with\b
    | \bstart(?:ed)?\ (?:out\ |off\ )?with\b
    | \bfirst\ of\ all\ the\b
    | \bat\ the\ (?:very\ )?(?:start|outset|beginning)\b(?!\ of\ (?!(?:the|my|our)\ (?!<unit>)))
    | \b(?:starting|beginning)\ (?:salary|weight|price|budget|point|wage|pay|rent|value)\b"""
)
#: "First" of what held one after the other; a "first sprint" that something else is said of is a thing.
_FIRST = _pattern(
    r"""\b(?:was|were|'s|’s|is)\ (?:<of>\ )+(?:very\ )?(?:first|earliest|oldest)\ (?!time\b|thing\b|day\b|step\b)
    | \b(?:did|was|were|had)\ <who>\ (?:\w+\ ){0,2}?first\b(?!\ (?:time|thing|day|name))
    | ^(?:<of>\ |what\ |which\ |who\ )?(?:first|earliest)\ (?!time\b|thing\b|day\b|step\b|name\b)"""
)
_FORMER = _pattern(
    r"""\b(?:previous|prior|preceding|past|earlier)\ (?!<unit>\b|to\b|than\b)(?=\w)(?<!\bthe\ past\ ) | \bpreviously\b
    | \bformer(?:ly)?\b | \bex-\w+ | \b<of>\ ex\b | \b(?:<of>|who|which|what)\ old\ (?=\w) | \bsecond[ -]to[ -]last\b
    | \blast\ <holder>\b | \boutdated\b | \bno\ longer\b | \bany\ ?more\b | \bback\ then\b | \bin\ the\ past\b
    | \bin\ former\ times\b | \bat\ that\ time\b | \bone\ before\b
    | (?<!is\ )(?<!are\ )(?<!am\ )(?<!was\ )(?<!were\ )(?<!be\ )(?<!been\ )(?<!get\ )(?<!got\ )(?<!getting\ )
      \bused\ to\b(?!\ (?:the|a|an|it|this|that)\b)
    | \bdid(?:n['’]t)?\ .{1,60}?\buse\ to\b
    | ^(?:which|what|who|where)\b.*\bdid\ <who>\ (?:leave|quit|sell|give\ up|stop|cancel|drop|lose|abandon|replace)\b
    | \b(?:mov|switch|chang|migrat|transfer|convert|upgrad|downgrad|relocat)\w*\ (?:\w+\ ){0,2}from\b
    | \b(?:did|was|were)\ .{1,60}?\breplaced?\b
    | \b(?:before|until|up\ to|prior\ to)\ (?:that|this|then|now|it|the\ (?:change|update|move|switch|current|present
      |new))\b(?!\ (?:was|were|got|became|changed|moved|is|had)\b)"""
)
_PAST_VERB = _pattern(
    r"""\b(?:where|what|which|who|how)\b.*\b(?:i|we|you|he|she|they)\ \w{2,}ed\b
    | \b(?:did|didn['’]t|was|wasn['’]t|were|weren['’]t|had|hadn['’]t)\b
    | ^(?:and\ |so\ )?(?:who|what|which(?:\ \w+){0,2}|whose\ \w+|how\ many(?:\ \w+){1,2})\ (?:\w{2,}ed|told|said|went
      |came|gave|made|took|got|bought|wrote|met|saw|sent|led|won|lost|left|found|began|became|brought|taught|sold|kept|held
      |felt|ran|built|spoke|broke|paid|cost|drove|flew|fell|grew|knew|wore|ate|drank|sang|chose)\b"""
)
#: "has lived", "have you been": what began then, and mostly still is.
_PRESENT_VERB = _pattern(
    r"\b(?:is|are|am|do|does|has|have|can|will|should|isn['’]t|doesn['’]t|don['’]t)\b|['’](?:re|m|ve)\b"
)
#: Of a state that somebody was in, the past says that it is over.
_LIVED = _pattern(
    r"""\bdid\ <who>(?:\ \w+)?\ (?:live|work|reside|dwell|belong)\b(?!\ (?:on|out|with\ the)\b)
    | \bwhere\ <who>\ (?:lived|worked)\b
    | \b(?:was|were|wasn['’]t|weren['’]t)\ (?:i|we|you|he|she|they)\ (?!\w+ing\b|\w+ed\b|(?:at|in|on|with|to|when|told
      |given|born|able|going|there|here|not|so|too)\b)(?=\w)
    | \b(?:was|were)\ <who>(?:\ \w+)?\ (?:living|working|residing|employed)\b(?!\ (?:on|out|with\ the)\b)"""
)
#: What a question says of the time alone.
_TIME_WORDS = late_pattern(
    r"""\b(?:start(?:ed)?\ (?:out\ |off\ )?with|originally|initially|at\ first
    |in\ the\ beginning|to\ (?:begin|start)\ with|at\ the\ (?:very\ )?(?:start|outset|beginning)|original
    |initial|(?:very\ )?(?:first|earliest|oldest)
    |previous(?:ly)?|prior|preceding|former(?:ly)?|earlier|(?<!how\ )old|past|back\ then|in\ the\ past
    |at\ that\ time|before|beforehand|used?\ to|already|(?:an?|\w+)\ (?:day|week|month|year)s?\ ago|back\ in)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PRESENT_TENSE = {"was": "is", "were": "are", "did": "do", "had": "have"}
_TENSED = late_pattern(r"\b(?:was|were|did|had)\b", re.IGNORECASE)
#: Verbs of what lasts, in questions.
_STATE = _pattern(
    r"""\b(?:was|were)\ (?!<who>\ (?:\w+ed)\b)
    |\b(?:did|do)\ <who>(?:\ \w+){0,2}?\ (?:use\ to|live|work|use|have|own|drive
    |drink|eat|take|weigh|pay|rent|study|wear|like|love|prefer|want|belong|cost|need|earn|run|lead|play|speak|bank|share
    |stand|mean|plan|do\ for|go\ to|host|call|smoke|commute|sleep|watch|read)\b
    |^(?:and\ |so\ )?(?:who|what|which\ \w+)\ (?:led|taught|ran|walked|cost|paid|wore|drove|used|owned|had)\b"""
)
#: "before" at the end: before the present.
_EARLIER = late_pattern(r"\b(?:before|beforehand|earlier(?: on)?)[\s?.!]*$")
#: "How much could I lift before the injury?"
_COULD = late_pattern(r"\bcould\b.*\bbefore\b")
#: What "before" and "after" name without a name: the present.
_PRESENT = late_pattern(
    r"(?:(?:that|this|then|now|them|recently|lately)\b|it$"
    r"|(?:the|my|our) (?:current|present|new|change|update|move|switch)\b)"
)
_BESIDE = _pattern(r"\b(?P<way>[Bb]efore|[Pp]rior\ to|until|till|after|following)\ (?P<named>[^?.,;!]+)")
#: "before it was extended to June 5" names what happened, and no time.
_CLAUSE = late_pattern(r"^(?:i|we|you|he|she|it|they|that)\b|\b(?:was|were|did|had|became|got|moved|changed)\b")
_AS_OF = _pattern(r"\b(?:as\ of|as\ at|back\ in|by\ the\ end\ of|at\ the\ (?:end|start|beginning)\ of)\b")
#: Where a sentence ends; "Dr." and "e.g." end none.
_END = late_pattern(r"(?<=[!?])\s+|\n+|(?<=\w\w\w\.)(?<!\bProf\.)(?<!\bMrs\.)(?<!\betc\.)\s+(?=[A-Z])")


def question_time(text: str, now: float) -> QuestionTime:
    """What time a question asks about.

    Args:
        text: The question, or some words.
        now: The time that counts as now, in seconds.
    """
    # Names stand in capitals, by which times and they are read.
    spoken = " ".join(_last_question(text[-_MOST:]).split())
    words = spoken.lower()
    if _EVER.search(words):
        return QuestionTime("event")
    if _ORIGINAL.search(words) or _FIRST.search(words):
        return QuestionTime("first")
    is_past = _PAST_VERB.search(words) is not None
    found = _beside(spoken, now) if is_past or "used to" in words or _COULD.search(words) else None
    if found is not None:
        return found
    if _FORMER.search(words) or (is_past and _EARLIER.search(words)):
        return QuestionTime("past")
    return _dated(spoken, now, is_past=is_past) or QuestionTime(_by_tense(words, is_past=is_past), is_said=False)


def topic(text: str) -> str:
    """A question as it would be asked of what holds, without the words for the time that it asks about.

    "What was the first deadline before the move?" asks for "What is the deadline?".
    """
    spoken = " ".join(_last_question(text[-_MOST:]).split())
    for pattern in (_BESIDE, _TIME_WORDS):
        spoken = pattern.sub(" ", spoken)
    spoken = _TENSED.sub(lambda match: _PRESENT_TENSE[match[0].lower()], spoken)
    return re.sub(r"\s+(?=[?.!,]|$)", "", " ".join(spoken.split()))


def asks_for_state(text: str) -> bool:
    """Whether a question in the past tense asks for what was so for a while, and not for what happened."""
    return _STATE.search(_last_question(text[-_MOST:]).lower()) is not None


def _last_question(text: str) -> str:
    """The last sentence that asks: what is told before it has tenses of its own. All of the text where none does."""
    asking = [sentence for sentence in _END.split(text) if sentence.rstrip().endswith("?")]
    return asking[-1] if asking else text


def _beside(spoken: str, now: float) -> QuestionTime | None:
    """What stood before or after a time, something that is named, or the present."""
    beside = _BESIDE.search(spoken)
    if beside is None:
        return None
    is_after = beside["way"].lower() in ("after", "following")
    named = beside["named"].strip()
    if _PRESENT.match(named.lower()):
        return None if is_after else QuestionTime("past")
    spans = [] if _CLAUSE.search(named.lower()) else time_spans(named, now)
    if not spans:
        return QuestionTime("after" if is_after else "before", named=named)
    start, end = spans[0].start, spans[0].end
    if is_after:
        return QuestionTime("at", Span(end, max(end + 1.0, min(now, 2 * end - start))))
    return QuestionTime("at", Span(start - 1.0, start))


def _dated(spoken: str, now: float, *, is_past: bool) -> QuestionTime | None:
    """What held at a time that has begun; a question of the present tense names one for another reason."""
    words = spoken.lower()
    if not (is_past or _AS_OF.search(words) or not _PRESENT_VERB.search(words)):
        return None
    begun = [span for span in time_spans(spoken, now) if span.end <= now or (is_past and span.start < now)]
    if not begun or (_is_now(words) and not is_past):
        return None
    start, end = begun[0].start, begun[0].end
    return QuestionTime("at", Span(start, min(end, max(now, start + 1.0))))


def _by_tense(words: str, *, is_past: bool) -> Wish:
    if _is_now(words):
        return "current"
    if _LIVED.search(words):
        return "past"
    return "event" if is_past else "current"


def _is_now(words: str) -> bool:
    return _NOW.search(_NOT_NOW.sub("", words)) is not None
