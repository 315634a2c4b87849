"""The clauses of a text: verb, whose clause it is, time, negation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from coda_graphmem.facts.table import Table
from coda_graphmem.language.negation import denied, shares_denial
from coda_graphmem.language.pronouns import OWN_SUBJECTS, OWNERS
from coda_graphmem.language.syntax import FINITE_TAGS, auxiliaries, infinitive, subjects

Owner = Literal["self", "own", "other", "none"]
Time = Literal["present", "perfect", "past", "future"]
Phase = Literal["", "stopped", "formerly"]

_FINITE_PAST = ("VBD",)


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement of a text."""

    verb: Any
    top: Any
    """The verb whose clause this is a part of: "started" in "I started working"."""
    name: str
    """Lemma of the verb, with its particle."""
    subject: Any | None
    inherited: bool
    """Whether the subject is that of another verb: "I live in Oslo and **work** at home"."""
    owner: Owner
    """``self`` where the user is the subject, ``own`` where something of the user's is."""
    time: Time
    progressive: bool
    modal: str | None
    negated: bool
    phase: Phase = ""
    """Whether somebody stopped it ("I quit smoking") or used to do it."""


def clauses(doc: Any, names: frozenset[str], table: Table) -> Iterator[Clause]:
    """All clauses with a verb.

    Args:
        names: What the user may be called, in lower case.
        table: Which verbs only say that something starts or goes on.
    """
    for token in doc:
        if token.tag_ in FINITE_TAGS and token.dep_ not in ("aux", "auxpass", "compound", "amod"):
            clause = _clause(token, names, table)
            if clause is not None:
                yield clause


def _clause(verb: Any, names: frozenset[str], table: Table) -> Clause | None:
    top = verb
    phase: Phase = ""
    while (
        top.dep_ == "xcomp"
        and not subjects(top)
        and (
            top.head.lemma_ in table.words["transparent"]
            or (top.tag_ == "VBG" and top.head.lemma_ in table.words["enjoying"])
            or _phase(top, table)
            or (infinitive(top) and top.head.lemma_ == "have" and top.head.tag_ in ("VBD", "VBN"))
        )
    ):
        phase = phase or _phase(top, table)
        top = top.head
    if top.dep_ == "xcomp" or (infinitive(verb) and verb == top):
        return None
    if top.dep_ in ("ccomp", "pcomp", "acl", "relcl") and top.tag_ in ("VB", "VBN", "VBG") and not auxiliaries(top):
        return None  # "I had my appendix removed": nothing is stated of its own
    subject, holder = _subject(top)
    helping = auxiliaries(top) or (auxiliaries(holder) if holder != top and top.tag_ in ("VB", "VBN", "VBG") else [])
    modal = next((t.lower_ for t in helping if t.tag_ == "MD"), None)
    return Clause(
        verb=verb,
        top=top,
        name=_name(verb),
        subject=subject,
        inherited=holder != top,
        owner=owner(subject, names),
        # Who started something is at it.
        time="present"
        if top != verb and top.lemma_ != "have" and _time(top, helping, modal) == "past"
        else _time(top, helping, modal),
        progressive=verb.tag_ == "VBG",
        modal=None if modal in ("will", "'ll", "wo", "shall") else {"ca": "can", "'d": "would"}.get(modal or "", modal),
        negated=denied(verb)
        or (top != verb and denied(top))
        or (top.dep_ == "conj" and holder != top and shares_denial(holder)),
        phase=phase,
    )


def _phase(verb: Any, table: Table) -> Phase:
    """What the verb above says of a thing one does."""
    above = verb.head
    if verb.tag_ == "VBG" and (above.lemma_ in table.words["stopping"] or _name(above) == "give up"):
        return "stopped"
    is_past = above.lemma_ == "use" and above.tag_ in ("VBD", "VBN") and infinitive(verb)
    # "I used my contacts to find it"
    return "formerly" if is_past and not any(t.dep_ == "dobj" for t in above.children) else ""


def _subject(verb: Any) -> tuple[Any | None, Any]:
    """The subject of a verb and the verb that has it."""
    found = [t for t in subjects(verb) if t.dep_ != "expl"]
    if found:
        return found[0], verb
    if verb.dep_ == "conj" and (above := _joined_to(verb)) is not None:
        return _subject(above)  # "I'm 33, single and **living** in Dublin"
    if verb.dep_ == "conj" and verb.head.tag_ in FINITE_TAGS and not any(t.dep_ == "expl" for t in verb.children):
        return _subject(verb.head)
    if (
        verb.dep_ == "advcl"
        and (verb.tag_ == "VBG" or verb.lower_ == "used")
        and not any(t.dep_ == "mark" for t in verb.children)
    ):
        return _subject(verb.head)
    return None, verb


def _joined_to(verb: Any) -> Any | None:
    """The "to be" of which a verb is joined to what somebody is, or the first of several verbs by way of a noun."""
    at = verb
    while at.dep_ == "conj" or (at.dep_ == "amod" and at != verb):
        at = at.head
    if at == verb or at.tag_ in FINITE_TAGS:
        return None
    if at.dep_ in ("attr", "acomp") and verb.tag_ == "VBG" and at.head.lemma_ == "be":
        return at.head
    return None


def owner(subject: Any | None, names: frozenset[str]) -> Owner:
    """Whose clause it is by its subject."""
    if subject is None:
        return "none"
    if is_user(subject, names) or any(is_user(t, names) for t in subject.conjuncts):
        return "self"
    if any(t.dep_ == "poss" and (t.lower_ in OWNERS or is_user(t, names)) for t in subject.children):
        return "own"
    return "other"


def is_user(token: Any, names: frozenset[str]) -> bool:
    """Whether a word stands for the user."""
    return token.lower_ in OWN_SUBJECTS or (token.lower_ in names and not any(t.dep_ == "poss" for t in token.children))


def _name(verb: Any) -> str:
    lemma = verb.lemma_.lower()
    particle = next((t.lower_ for t in verb.children if t.dep_ == "prt"), None)
    return f"{lemma} {particle}" if particle else lemma


def _time(verb: Any, helping: list[Any], modal: str | None) -> Time:
    if modal in ("will", "'ll", "wo", "shall"):
        return "future"
    finite = helping[0] if helping else verb
    has = any(t.lemma_ == "have" for t in helping) and (
        verb.tag_ in ("VBN", "VBD", "VBG") or any(t.tag_ == "VBN" for t in helping)
    )
    if has:
        return "perfect" if finite.tag_ != "VBD" else "past"
    # "I quit the band": the tagger takes what is written alike for the present.
    if not helping and verb.lower_ in ("run", "come", "become") and verb.tag_ in ("VBN", "VBD"):
        return "present"  # "Pia and Tor run a hotel"
    past = (
        finite.tag_ in _FINITE_PAST
        or (verb.lower_ in ("quit", "split") and verb.tag_ == "VBP" and not helping)
        or (not helping and verb.tag_ == "VBN")
    )
    return "past" if past else "present"
