"""Whether a clause is asserted by the user, or only asked, supposed, quoted or said by others."""

import re
from collections.abc import Sequence
from typing import Any, Literal

from coda_graphmem.facts.clauses import Clause, is_user
from coda_graphmem.facts.table import Table
from coda_graphmem.language.negation import denied
from coda_graphmem.language.syntax import auxiliaries, own_subjects, subjects

Standing = Literal["asserted", "asked", "supposed", "reported", "quoted"]

#: In double quotes, or in single ones that are no apostrophes.
_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]*[\"”»]|(?<!\w)['\u2018](?=\w)[^'\u2018’]+(?:'\w[^'\u2018’]*)*['’](?!\w)")
#: "Not that I'm planning to quit": what follows is not so.
_NOT_THAT = re.compile(r"\W*(?:it is |it's )?not that\b", re.IGNORECASE)
#: A letter that somebody wants looked at speaks for whoever will send it.
_LETTER = re.compile(r"\s*dear\s+(?!diary\b)[^.!?\n]{2,40},", re.IGNORECASE)
_WH = frozenset("WDT WP WP$ WRB".split())
_PERHAPS = frozenset({"could", "might", "may"})
#: Words a request begins with.
_REQUESTING = frozenset("any what which where how who when why can could do should is would got are will does".split())


def quotations(text: str) -> list[tuple[int, int]]:
    """Where quoted words stand, as (start, end)."""
    return [match.span() for match in _QUOTED.finditer(text)]


def standing(clause: Clause, names: frozenset[str], quoted: Sequence[tuple[int, int]], table: Table) -> Standing:
    """How a clause stands in its text.

    Args:
        names: What the user may be called, in lower case.
        quoted: `quotations` of the text.
        table: Words of supposition, of saying and of requests.
    """
    verb = clause.top
    if any(start <= verb.idx < end for start, end in quoted) or _dictated(verb, table) or _is_letter(verb.doc):
        return "quoted"
    if verb.lemma_ in table.words["requested"] and clause.subject is not None and clause.subject.lower_ == "you":
        return "asserted"
    if _asks(verb) or (verb.sent.text.rstrip(" )\"'").endswith("?") and not _answers(verb)):
        return "asked"
    wishes = clause.modal == "would" and verb.lemma_ in ("like", "love", "prefer")
    if (clause.modal in ("would", "could", "might", "may") and not wishes) or _supposed(verb, clause, table):
        return "supposed"
    according = any(t.lower_ == "according" and t.i < verb.i for t in verb.children)
    return "reported" if according else _governed(verb, names, table)


def _asks(verb: Any) -> bool:
    """Whether a verb stands before its subject, or has an asking word: "do I", "where I"."""
    own = [t for t in subjects(verb) if t.dep_ != "csubj"]
    if not own:
        return False
    first = own[0].left_edge.i
    finite = auxiliaries(verb) or ([verb] if verb.lemma_ == "be" else [])
    inverted = (
        bool(finite)
        and finite[0].i < first
        and verb.dep_ != "relcl"
        and finite[0].tag_ in ("MD", "VBP", "VBZ", "VBD", "VB")
    )
    asking = any(
        t.tag_ in _WH and t.i < first and t.dep_ not in ("mark",) for t in verb.children
    ) and verb.dep_ not in ("relcl", "advcl")
    return inverted or asking


def _answers(verb: Any) -> bool:
    """Whether a question mark belongs to another clause of the sentence: "I live in Oslo, what can I see?"."""
    if any(other != verb and _asks(other) and not verb.is_ancestor(other) for other in verb.sent):
        return True
    if any(_asks(other) and other.dep_ in ("conj", "ccomp", "parataxis", "advcl") for other in verb.children):
        return True
    # A request after it: "I'm vegan, any ideas for dinner?"
    commas = [t for t in verb.sent if t.lower_ in (",", "-", "–", "—", ";", "so", "and") and t.i > verb.i]
    return any(t.nbor().lower_ in _REQUESTING for t in commas if t.i + 1 < len(t.doc))


def _supposed(verb: Any, clause: Clause, table: Table) -> bool:
    if clause.time == "future" and any(
        t.dep_ in ("mark", "advmod") and t.lower_ in ("if", "unless")
        for child in verb.children
        if child.dep_ == "advcl"
        for t in child.children
    ):
        return True
    at: Any = verb
    while True:
        if any(
            t.lower_ in table.words["hypothetical_marks"]
            and t.dep_ in ("mark", "advmod", "prep")
            and not (t.lower_ == "until" and t.dep_ == "prep")
            for t in at.children
        ):
            return True
        # "as if I were", "even if"
        if any(
            t.lower_ == "as" and t.dep_ == "mark" and t.nbor().lower_ in ("if", "though")
            for t in at.children
            if t.i + 1 < len(t.doc)
        ):
            return True
        if at.head == at or at.dep_ in ("ROOT",) or (at.dep_ == "conj" and subjects(at)):
            break
        at = at.head
    if _NOT_THAT.match(verb.sent.text):
        return True
    earlier = [t for t in verb.sent if t.i < verb.i or (t.head == verb and t.dep_ == "advmod")]
    cues = table.words["hypothetical_cues"]
    # "In my dream I was a bird", but "my dream is to fly".
    return any(t.lower_ in cues and (t.lower_ != "dream" or t.dep_ == "pobj") for t in earlier) or bool(
        table.patterns["supposing"].search(verb.sent.text)
    )


def _governed(verb: Any, names: frozenset[str], table: Table) -> Standing:
    """What the verbs above say of it."""
    at: Any = verb
    while at.head != at:
        above = at.head
        found: Standing | None = None
        if _runs_on(at, above):
            return "asserted"
        if at.dep_ in ("ccomp", "xcomp", "pcomp", "acl", "relcl") and above.lemma_.lower() in table.words["say"]:
            found = _said(above, names, table)
        elif at.dep_ == "ccomp" and above.i < at.i and _asks(above):
            found = "asked"
        elif at.dep_ == "ccomp" and above.i < at.i and any(t.lower_ in _PERHAPS for t in auxiliaries(above)):
            found = "supposed"  # "Could be that I'm allergic"
        elif at.dep_ in ("acl", "pcomp") and not subjects(verb):
            found = "reported"
        elif at.dep_ in ("relcl", "acl") and above.lemma_.lower() in table.words["invented"]:
            found = "supposed"
        if found is not None:
            return found
        at = above
    return "asserted"


def _runs_on(at: Any, above: Any) -> bool:
    """Whether two sentences are joined by a comma alone: "**we got a parrot**, he's called Plato"."""
    return (
        at.dep_ == "ccomp"
        and at.i < above.i
        and any(t.lower_ in ("he", "she", "it", "they") for t in own_subjects(above))
        and above.lemma_ in ("call", "name")
        and any(t.dep_ == "auxpass" for t in above.children)
    )


def _said(above: Any, names: frozenset[str], table: Table) -> Standing | None:
    """How something stands that a verb of saying or thinking governs; None where it is asserted all the same."""
    who = subjects(above)
    own = any(is_user(t, names) for t in who)
    if _asks(above) and not (own and above.lemma_ in table.words["asked_with_me"]):
        return "asked"
    if not who and above.lemma_ in ("remember", "note", "know", "see"):
        return None  # "Remember that I am deaf"
    if not own:
        # What a doctor tells the user of their health is known by it.
        told = above.lemma_ in ("tell", "say", "confirm")
        return None if told and any(t.lemma_ in table.words["authorities"] for t in who) else "reported"
    if above.lemma_.lower() not in table.words["own_asserting"] or denied(above):
        return "supposed"
    return None


def _is_letter(doc: Any) -> bool:
    return _LETTER.match(doc.text) is not None


def _dictated(verb: Any, table: Table) -> bool:
    """Whether it is a text to work on: "Translate into French: I live in Paris."."""
    return any(
        token.text == ":"
        and any(t.lower_ in table.words["request_before_colon"] for t in verb.doc[max(0, token.i - 14) : token.i])
        for token in verb.doc[: verb.i]
    )
