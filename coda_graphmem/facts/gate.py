"""Whether a text could state anything, by its words alone: most do not, and parsing one costs a few milliseconds."""

import re
from collections.abc import Iterator

from coda_graphmem.language.passages import Passage
from coda_graphmem.language.roles import is_assistant, is_silent

MOST_SENTENCES = 12
"""Sentences of one text that are parsed at most."""
_LONGEST_SENTENCE = 400
#: Of somebody who tells of themselves, or a memory of them.
_OWN = re.compile(r"\b(?:I|[iI]['’]?(?:m|ve)|i|[Mm]y|[Oo]ur|[Ww]e|[Mm]ine|[Uu]ser(?:['’]s)?)\b")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?!\s|$)[^.!?\n]+)*[.!?]*")
#: Words without which no rule finds anything.
_WORDS = re.compile(
    r"""\b(?:live|living|lived|lives|resid\w+|mov(?:e|ed|ing)|relocat\w+|settled|based|rent(?:ing|ed)?|work(?:s|ed|ing)?
    |jobs?|employ\w+|hired|joined|join|quit|resign\w*|left|leaving|retire\w*|fired|promot\w+|laid|career|start(?:s|ed|ing)?
    |stop(?:ped|s)?|gave|give|giving|no\ longer|any\ ?more|used\ to|cancel\w*|called\ off|call\ off|forget|scrap\w*
    |reschedul\w+|postpon\w+|push(?:ed)?|mov\w+|shift\w+|delay\w*|extend\w*|chang(?:e|ed|ing)|rais(?:e|ed)|increas\w+
    |lower\w*|reduc\w+|dropped|bump\w*|upgrad\w+|switch\w*|updat(?:e|ed)|set\ to|now
    |am|['’]m|im|are|is|['’]s|was|were|be|been|have|has|['’]ve|had|own(?:s|ed)?|driv(?:e|es|ing)|drove|bought|sold|got
    |adopt\w*|lost|like[sd]?|lov(?:e|es|ed|ing)|enjoy\w*|hate[sd]?|dislike\w*|prefer\w*|can['’]?t|cannot|stand|allerg\w+
    |intoleran\w+|vegan|vegetarian|pescatarian|diet|diagnosed|suffer\w*|tak(?:e|es|ing)|speak\w*|play\w*|study\w*|studies
    |graduat\w+|married|marr(?:y|ied)|engaged|divorc\w+|dat(?:e|ing)|broke|broken|separat\w+|single|widow\w*|named|called
    |turn(?:s|ed|ing)?|born|birthday|favou?rite|email|phone|number|address|plan\w*|going\ to|want\w*|goal|hop(?:e|ing)
    |train\w*|learn\w*|book(?:ed|ing)?|schedul\w+|appointment|died|passed|smok\w+|drink\w*|eat(?:s|ing)?|instead|actually
    |deadline|due|budget|salary|earn\w*|pay\w*|costs?|weigh\w*|version|limit|go(?:ing|es)?|went|back)\b""",
    re.IGNORECASE | re.VERBOSE,
)
#: Of others by name, of the user's people and of things whose value changes.
_OTHERS = re.compile(
    r"""^\W*(?:[A-Z][\w'’-]+\ ){1,3}(?:\w+ly\ |now\ |just\ |also\ |still\ |no\ longer\ )?
    (?:lives|works|is|has|moved|got|quit|left|joined|loves|likes|hates|prefers|speaks|drives|owns|bought|sold|turned|died|became|started)\b
    |\b(?:[Tt]he|[Tt]his)\ [\w'’ -]{2,40}\ (?:is|are|was|were|has|moved|got|changed|went|dropped|increased|rose|fell|grew)\b[^.!?]*
    (?:\d|day\b|\bcancel|\boff\b|tomorrow|month|week|version)
    |\b(?:[Ff]orget|[Ss]crap|[Cc]ancel)\b""",
    re.VERBOSE,
)
#: What is no prose: code, lists of data, tables.
_CODE = re.compile(r"[{};<>|=\\`]|^\s*(?:#|//|\$|import |def |class |return )|\w\(\w*\)|::|->")
_ASKS = re.compile(
    r"^\W*(?:what|where|when|who|whom|whose|why|how|which|can|could|would|should|do|does|did|is|are|am|was|were|will|have|has)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^([^\W\d_][\w .'’-]{0,40}):\s")


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
    if _OWN.search(sentence) is not None:
        told = _WORDS.search(sentence) is not None
    else:
        told = len(sentence) < 200 and _OTHERS.search(sentence) is not None
    if not told or _CODE.search(sentence) is not None:
        return False
    return not (sentence.rstrip().endswith("?") and _ASKS.match(sentence) is not None and "," not in sentence)
