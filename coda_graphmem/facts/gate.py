"""Whether a text could state anything, by its words alone: most do not, and parsing one costs a few milliseconds."""

import re
from collections.abc import Iterator

from coda_graphmem.facts.table import load_table
from coda_graphmem.language.passages import Passage
from coda_graphmem.language.roles import is_assistant, is_silent

MOST_SENTENCES = 12
"""Sentences of one text that are parsed at most."""
_LONGEST_SENTENCE = 400
_LONGEST_OF_OTHERS = 160
#: A full stop behind a title or an initial ends nothing.
_SENTENCE = re.compile(
    r"(?:[^.!?\n]|(?:(?<=\b[A-Z])|(?<=\b[DMS][rst])|(?<=\bMrs)|(?<=\bProf))\.|[.!?](?=[^\s.!?]))+[.!?]*"
)
#: Words between a subject and its verb.
_BETWEEN = (
    r"(?:\ (?:\w+ly|also|just|now|still|never|always|both|often|no\ longer|so|too|sort\ of|kind\ of|kinda|do|did|don['’]?t"
    r"|didn['’]?t|can['’]?t|cannot|have|['’]ve|haven['’]?t|had|would|will|can|am|are|was|been|not|recently|used\ to|started|be|got|get|finally|doesn['’]?t|does\ not|do\ not"
    r"|think\ I|guess\ I|think|ended\ up|decided\ to|['’]d|only|soon|currently|already|once|stopped|quit|gave\ up))*"
)
_VERBS = (
    r"liv(?:e|ed|ing|es)|resid\w+|mov(?:e|ed|ing|es)|relocat\w+|settled|rent(?:ing|ed|s)?|work(?:s|ed|ing)?|freelanc\w+|joined|quit"
    r"|resign\w*|left|retire\w*|teach\w*|stud(?:y|ied|ies|ying)|major\w*|graduated|attend\w*|enrol\w*|marr(?:y|ied)|divorc\w+"
    r"|dating|date|broke|split|separated|own(?:s|ed)?|driv(?:e|es|ing)|drove|ride|bought|purchased|inherited|sold|adopted|lost|rid"
    r"|lik(?:e|es|ed|ing)|lov(?:e|es|ed|ing)|enjoy\w*|ador\w+|hat(?:e|es|ed)|dislik\w+|detest\w*|loathe\w*|prefer\w*|can['’]?t\ stand"
    r"|cannot\ stand|stand|suffer\w*|diagnosed|outgrew|outgrown|tak(?:e|es|ing)|took|speak\w*|play(?:s|ed|ing)?|grew\ up|born|raised"
    r"|com(?:e|es)\ from|turn(?:s|ed|ing)?|stop(?:ped)?|quit|gave\ up|smok\w+|drink\w*|drank|eat(?:s|ing)?|ate|plan(?:s|ned|ning)?"
    r"|intend\w*|going\ to|want(?:s)?\ to|hop(?:e|ing)\ to|aim\w*|saving|cancel\w*|call(?:ed)?\ off|reschedul\w+|postpon\w+|push(?:ed)?"
    r"|shift\w+|delay\w*|extend\w*|chang(?:e|ed)|rais(?:e|ed)|increas\w+|lower\w*|reduc\w+|cut|dropped|bump\w*|upgrad\w+|switch\w*|updat\w+"
    r"|set|booked|scheduled|became|becom\w+|went\ (?:vegan|vegetarian|keto|back)|hired|promoted|fired|laid\ off|returned|came\ off|beat|call"
    r"|started|landed|accepted|found\ a|took\ a|keep|kept|passed\ away|died|weigh\w*|pay|earn\w*|scrap\w*|consult\w*|intern\w*|buying|getting"
    r"|having|putting|gonna|playing|went\ (?:vegan|veggie|vegetarian|keto)|decid\w+|learn\w*|make|eaten|staying|seeing|grown\ to|develop\w*|trad(?:e|ed|ing)|report|made\ the|gone|flying|travel\w*|visiting|starting|leaving|engaged|coach\w*"
)
_HAVING = (
    r"(?:have|has|['’]ve\ got|had|got|get)\ (?:\w+\ ){0,3}(?:a|an|the|two|three|four|five|six|no|another|my|our|new|\d+|allerg\w+"
    r"|asthma|diabetes|arthritis|adhd|anxiety|depression|migraines?|promoted|married|engaged|divorced|cats?|dogs?|kids?|children|rid)"
)
_BEING = (
    r"(?:am|['’]?m|are|['’]re|is|['’]s|was|were|been|im)"
    r"(?:\ (?:\w+ly|now|not|no\ longer|also|still|that|really|very|half|an?|the|both|just|so|back|again|already|never|kind\ of|sort\ of|\d+)){0,3}\ "
    r"(?:in|at|from|on|off|into|back|based|widow|widower|fluent|allergic|intolerant|lactose|gluten|vegan|vegetarian|pescatarian|keto|veggie|married|engaged|single|divorced"
    r"|separated|widowed|retired|unemployed|diabetic|asthmatic|pregnant|epileptic|deaf|blind|celiac|coeliac|disabled|bipolar|years"
    r"|\d+|(?:\w+\ )?fan|lover|fond|keen|hooked|promoted|fired|laid|hired|diagnosed|born|[A-Z][a-z]+(?:an|ish|ese|ch)\b|"
    + _VERBS
    + r")\b"
)
#: Code, lists of data, tables: no prose.
_CODE = re.compile(r"[{};<>|=\\`]|^\s*(?:#|//|\$|import |def |class |return )|\w\(\w*\)|::|->")
_ASKS = re.compile(
    r"^\W*(?:what|where|when|who|whom|whose|why|how|which|can|could|would|should|do|does|did|is|are|am|was|were|will|have|has)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"""\b(?:[Tt]he|[Tt]his|[Mm]y|[Oo]ur)\ [\w'’ -]{2,50}\ (?:is|are|was|were|has|moved|got|changed|improved|reached|hit|went|dropped|increased|rose|fell|grew
    |jumped|slipped|will)\b[^.!?]*(?:\d|day\b|\bcancel|\boff\b|tomorrow|month|week|version)|^\W*(?:[Ff]orget|[Ss]crap|[Cc]ancel)\b""",
    re.VERBOSE,
)
_NAMED = re.compile(
    rf"(?:^|[.!?,:]\s+|\b(?:and|but|so|because)\ )(?:[A-Z][\w'’-]+\ ){{1,3}}(?:{_BETWEEN}\ )?(?:lives|works|moved|quit|left|joined"
    r"|does(?:n['’]t|\ not)|no\ longer|got\ an?|loves|likes|hates|prefers|speaks|drives|owns|bought|sold|turned|became|started|retired|broke|plays|adopted|studies|has\ (?:a|an|two|three)"
    r"|is\ (?:now\ |no\ longer\ |not\ )?(?:an?|allergic|vegan|vegetarian|married|single|divorced|retired|from|my|\d+))\b"
)


def _spoken() -> re.Pattern[str]:
    words = load_table().words
    people = words["relatives"] | words["acquaintances"] | words["pets"]
    things = (
        words["events"]
        | words["dated"]
        | words["personal_figures"]
        | words["figures"]
        | words["goods"]
        | words["cancelling"]
    ) | set(
        "name birthday bday hometown address email job profession occupation role title company employer favorite favourite fave goal dream allergy home house"
        " flat apartment place number username website".split()
    )
    jobs = words["occupations"]
    alternatives = "|".join(sorted((re.escape(w) for w in people | things), key=len, reverse=True))
    nouns = "|".join(sorted((re.escape(w) for w in jobs), key=len, reverse=True))
    me = r"(?:\bI|\bi|\b[Ww]e|\b[Uu]ser|\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er)\ (?:\w+\ ){1,2}|\b[SHsh]h?e)(?:['’](?:ve|d|ll))?"
    return re.compile(
        rf"{me}{_BETWEEN}\ (?:{_VERBS}|{_HAVING})\b|{me}\ ?{_BEING}"
        rf"|\b(?:I['’]m|I\ am|I['’]ve\ been|im|[SHsh]h?e(?:['’]s|\ is)|['’]s|is|User\ is|became|as)(?:\ (?:now|not|also|actually|no\ longer|currently|\w+ly|an?|the))*\ (?:\w+\ ){{0,2}}(?:{nouns}|\w+(?:ist|eer))\b"
        rf"|\b(?:[Mm]y|[Oo]ur|[Uu]ser['’]s|[Aa]s\ my|[A-Z]\w+['’]s)\ (?:[\w-]+\ ){{0,3}}(?:{alternatives})s?\b"
        rf"|\b(?:is|are|aren['’]t|isn['’]t|not)\ (?:my|our)\b"
        rf"|^(?:Just|Finally|Been|Left|Moved|Started|Quit|Sold|Bought|Got|Adopted|Allergic|Joined|Working|Living|Love|Hate)\b"
    )


_pattern: re.Pattern[str] | None = None


def may_state(text: str, speaker: str = "") -> bool:
    """Whether a text could state anything; where not, it need not be read.

    Args:
        text: What is stored.
        speaker: Who says it, where that is known; what assistants and programs say states nothing.
    """
    if speaker and (is_assistant(speaker) or is_silent(speaker)):
        return False
    return next(_sentences(text), None) is not None


def passages_to_read(text: str) -> Iterator[Passage]:
    """The parts of a text that are worth reading, as few as possible."""
    start = end = -1
    for first, last in _sentences(text):
        if start >= 0 and text[end:first].strip() == "" and last - start < 1_500:
            end = last
            continue
        if start >= 0:
            yield Passage(start, text[start:end])
        start, end = first, last
    if start >= 0:
        yield Passage(start, text[start:end])


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    found = 0
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        if len(sentence) > _LONGEST_SENTENCE or not _may_state(sentence):
            continue
        yield match.span()
        found += 1
        if found >= MOST_SENTENCES:
            return


def _may_state(sentence: str) -> bool:
    global _pattern
    if _pattern is None:
        _pattern = _spoken()
    told = _pattern.search(sentence) is not None or (
        len(sentence) <= _LONGEST_OF_OTHERS
        and (_CHANGE.search(sentence) is not None or _NAMED.search(sentence) is not None)
    )
    if not told or _CODE.search(sentence) is not None:
        return False
    return not (sentence.rstrip().endswith("?") and _ASKS.match(sentence) is not None and "," not in sentence)
