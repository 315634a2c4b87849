"""Who or what a clause is about: the user, one of their people, or somebody by name."""

from dataclasses import dataclass
from typing import Any, Literal

from coda_graphmem.facts.clauses import Clause, is_user
from coda_graphmem.facts.findings import Parsed
from coda_graphmem.facts.phrases import forms, is_written_as_name
from coda_graphmem.facts.table import Table
from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.pronouns import OWNERS

Kind = Literal["user", "relative", "named"]

_NO_PEOPLE = frozenset(
    "GPE LOC FAC PRODUCT WORK_OF_ART EVENT LAW LANGUAGE DATE TIME MONEY CARDINAL QUANTITY ORDINAL PERCENT".split()
)
_OF_PEOPLE = frozenset(
    """quit work live study marry adopt speak drive teach retire learn love like hate prefer move promote hire grow join own
    divorce turn engage""".split()
)
_WHICH_ONE = frozenset(
    "other second third older younger eldest oldest youngest middle big little elder first half twin former ex".split()
)
_HE_OR_SHE = frozenset({"he", "she"})


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever has what is said."""

    name: str
    kind: Kind


def holder(clause: Clause, parsed: Parsed, table: Table, last: Holder | None = None) -> Holder | None:
    """Whose clause it is; None for everything and everybody that has no name.

    Args:
        last: Who "he" or "she" is.
    """
    subject = clause.subject
    if subject is None:
        return None
    if clause.owner == "self":
        return Holder(parsed.subject, "user")
    return person(subject, parsed, table, last)


def possessor(noun: Any, parsed: Parsed, table: Table, last: Holder | None = None) -> Holder | None:
    """Who has something: "**my** job", "**Maria**'s job", "**my sister**'s job"."""
    for owner in noun.children:
        if owner.dep_ == "poss":
            if owner.lower_ in OWNERS or is_user(owner, parsed.names):
                return Holder(parsed.subject, "user")
            if owner.lower_ in ("his", "her"):
                return last
            return person(owner, parsed, table, last)
    return None


def person(noun: Any, parsed: Parsed, table: Table, last: Holder | None = None) -> Holder | None:
    """Somebody by a name, or by what they are to the user."""
    if noun.lower_ == "who" and noun.head.dep_ == "relcl" and noun.head.head.i < noun.i:
        noun = noun.head.head  # "Nils, **who** is an architect"
    if is_user(noun, parsed.names):
        return Holder(parsed.subject, "user")
    if noun.lower_ in _HE_OR_SHE:
        return last
    if noun.lower_ in ("parents", "grandparents", "in-laws") or (
        noun.tag_ == "NN" and not forms(noun).isdisjoint(table.words["people_of_ones_own"])
    ):
        whose = possessor(noun, parsed, table, last)
        if whose is None:
            return None
        name = next((t for t in noun.children if t.dep_ == "appos" and is_written_as_name(t)), None)
        beside = noun.nbor() if noun.i + 1 < len(noun.doc) else None
        if (
            name is None
            and beside is not None
            and beside.tag_ == "NNP"
            and beside.head == noun.head
            and beside.dep_ == noun.dep_
        ):
            name = beside  # "my best mate **Dean** is a firefighter" with two subjects
        return (
            Holder(_full(name), "relative")
            if name is not None
            else Holder(f"{whose.name}'s {_told_apart(noun)}{noun.lower_}{_by_marriage(noun)}", "relative")
        )
    if (_is_name(noun) or _is_somebody(noun)) and not any(
        t.dep_ in ("det", "conj", "amod", "nummod") for t in noun.children
    ):
        mine = any(t.dep_ == "poss" and t.lower_ in OWNERS for t in noun.children)
        return Holder(_full(noun), "relative" if mine else "named")
    return None


def _by_marriage(noun: Any) -> str:
    """What makes another relative of one: "my brother**-in-law**"."""
    return "-in-law" if noun.doc[noun.i + 1 : noun.i + 5].text.lower() == "-in-law" else ""


def _told_apart(noun: Any) -> str:
    """What tells one of several apart: "my **older** sister"."""
    return "".join(f"{t.lower_} " for t in noun.lefts if t.dep_ == "amod" and t.lower_ in _WHICH_ONE)


def _is_somebody(noun: Any) -> bool:
    """Whether a name that passes for a place does what people do: "**Marta** works at Zeiss"."""
    return (
        (noun.tag_ in ("NNP", "JJ") or (noun.tag_ in ("NN", "NNS") and noun.lemma_.lower() == noun.lower_))
        and noun.text[:1].isupper()
        and noun.ent_type_ in ("GPE", "LOC", "FAC", "NORP", "ORG", "PRODUCT")
        and noun.dep_ in ("nsubj", "nsubjpass")
        and noun.head.lemma_ in _OF_PEOPLE
        and noun.text not in CALENDAR
        and not noun.text.isupper()
    )


def _is_name(token: Any) -> bool:
    return (
        (
            token.tag_ in ("NNP", "NNPS")
            or (token.tag_ == "NN" and (token.ent_type_ == "PERSON" or _is_of_relation(token)))
        )
        and token.text[:1].isupper()
        and not token.text.isupper()
        and token.is_alpha
        and token.ent_type_ not in _NO_PEOPLE
        and token.text not in CALENDAR
    )


def _is_of_relation(token: Any) -> bool:
    """Whether a word is the name behind somebody's relation: "my niece **Saga**"."""
    before = [t for t in token.children if t.dep_ == "compound" and t.i == token.i - 1 and t.tag_ == "NN"]
    return bool(before) and is_written_as_name(token) and any(t.lower_ in OWNERS for t in token.children)


def _full(name: Any) -> str:
    """A name with its first names and title."""
    start = name.i
    while start > 0 and name.doc[start - 1].head == name and name.doc[start - 1].tag_ == "NNP":
        start -= 1
    return str(name.doc[start : name.i + 1].text)
