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
    """quit work live study marry adopt speak drive teach retire learn love like hate prefer move promote hire own
    divorce engage resign graduate join want play study sing knit cook bake hope plan enjoy smoke drink eat earn
    weigh wear volunteer bear""".split()
)
#: What people alone have one of.
_OF_ONE_EACH = frozenset(
    """birthday email name nickname surname job boss phone dentist doctor therapist wedding hobby""".split()
)
#: What only people are.
_OF_PEOPLE_ALONE = frozenset(
    """allergic intolerant vegan vegetarian pescatarian married engaged single divorced widowed separated pregnant
    retired unemployed diabetic asthmatic autistic dyslexic""".split()
)
#: How the tagger tells what is never a name.
_NO_NAMES = frozenset("PRP DT EX WP WDT WRB CD VBG NNPS PDT CC IN MD".split())
#: How one calls one's own without saying whose they are.
_OWN_PEOPLE = frozenset(
    """mum mom mummy mommy dad daddy grandma grandpa granny gran nan nana nanna grandad granddad""".split()
)
_WHICH_ONE = frozenset(
    "other second third older younger eldest oldest youngest middle big little elder first half twin former ex".split()
)
#: Of what somebody has, what is told with "of": "the **birthday** of my sister".
_OF_SOMEBODY = frozenset("name birthday address email number job favorite favourite".split())
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


def holders(
    clause: Clause, whose: Holder | None, parsed: Parsed, table: Table, last: Holder | None = None
) -> list[Holder | None]:
    """Whose clause it is where it has several subjects: "**Mia** and **Jonas** live in Ghent".

    Args:
        whose: The `holder` alone, who is all there is where not every one of them is somebody.
        last: Who "he" or "she" was before the clause.
    """
    subject = clause.subject
    if subject is None or clause.owner == "self" or not subject.conjuncts:
        return [whose]
    found = [person(one, parsed, table, last, of_several=True) for one in (subject, *subject.conjuncts)]
    return [whose] if None in found else [*found]


def possessor(noun: Any, parsed: Parsed, table: Table, last: Holder | None = None) -> Holder | None:
    """Who has something: "**my** job", "**Maria**'s job", "**my sister**'s job"."""
    for owner in noun.children:
        if owner.dep_ == "poss":
            if owner.lower_ in OWNERS or is_user(owner, parsed.names):
                return Holder(parsed.subject, "user")
            if owner.lower_ in ("his", "her"):
                return last
            return person(owner, parsed, table, last)
    for way in noun.children:
        if way.dep_ == "prep" and way.lower_ == "of" and noun.lower_ in _OF_SOMEBODY:
            for owner in way.children:
                if owner.dep_ == "pobj":
                    return person(owner, parsed, table, last)
    return None


def person(
    noun: Any, parsed: Parsed, table: Table, last: Holder | None = None, *, of_several: bool = False
) -> Holder | None:
    """Somebody by a name, or by what they are to the user.

    Args:
        of_several: Whether others that it is joined with are asked for as well.
    """
    if noun.lower_ == "who" and noun.head.dep_ == "relcl" and noun.head.head.i < noun.i:
        noun = noun.head.head  # "Nils, **who** is an architect"
    if is_user(noun, parsed.names):
        return Holder(parsed.subject, "user")
    if noun.lower_ in _HE_OR_SHE:
        return last
    is_own = _is_own(noun, table)
    if is_own or _is_relation(noun, table):
        whose = Holder(parsed.subject, "user") if is_own else possessor(noun, parsed, table, last)
        return None if whose is None else _related(noun, whose)
    if (_is_name(noun) or _is_somebody(noun, table)) and not any(
        t.dep_ in ("det", "amod", "nummod") or (t.dep_ == "conj" and not of_several) for t in noun.children
    ):
        mine = any(t.dep_ == "poss" and t.lower_ in OWNERS for t in noun.children)
        return Holder(_full(noun), "relative" if mine else "named")
    return None


def _is_own(noun: Any, table: Table) -> bool:
    """Whether somebody is the speaker's without a word for it: "**mum** lives in Kent", "**the kids**"."""
    beside = [t for t in noun.children if t.dep_ in ("poss", "det", "amod", "compound", "nummod", "prep", "relcl")]
    if noun.lower_ in table.words["own_by_the"]:
        return [t.lower_ for t in beside] == ["the"]
    return noun.lower_ in _OWN_PEOPLE and not any(t.dep_ not in ("nummod", "prep", "relcl") for t in beside)


def _is_relation(noun: Any, table: Table) -> bool:
    """Whether a word says what somebody is to another, or some are."""
    return (
        noun.lower_ in ("parents", "grandparents", "in-laws")
        or (noun.tag_ in ("NN", "JJS") and not forms(noun).isdisjoint(table.words["people_of_ones_own"]))
        or (noun.tag_ == "NNS" and not forms(noun).isdisjoint(table.words["relatives"]))
    )


def _related(noun: Any, whose: Holder) -> Holder:
    """Somebody's relative, by name where it stands beside."""
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
    if name is not None:
        return Holder(_full(name), "relative")
    return Holder(f"{whose.name}'s {_told_apart(noun)}{noun.lower_}{_by_marriage(noun)}", "relative")


def _by_marriage(noun: Any) -> str:
    """What makes another relative of one: "my brother**-in-law**"."""
    return "-in-law" if noun.doc[noun.i + 1 : noun.i + 5].text.lower() == "-in-law" else ""


def _told_apart(noun: Any) -> str:
    """What tells one of several apart: "my **older** sister"."""
    return "".join(f"{t.lower_} " for t in noun.lefts if t.dep_ == "amod" and t.lower_ in _WHICH_ONE)


def _is_somebody(noun: Any, table: Table) -> bool:
    """Whether a word in capitals does or is what only people do and are, whatever the model takes it for.

    "**Marta** works at Zeiss", which passes for a place, "**Sven** is allergic to cats", which passes for an adverb.
    """
    if not _may_be_name(noun, table):
        return False
    if noun.dep_ == "poss":
        owned, relatives = forms(noun.head), table.words["relatives"]
        return noun.tag_ in ("NNP", "NN") and not (owned.isdisjoint(relatives) and owned.isdisjoint(_OF_ONE_EACH))
    verb = noun.head
    if verb.lemma_ in _OF_PEOPLE or any(t.dep_ == "xcomp" and t.lemma_ in _OF_PEOPLE for t in verb.children):
        return True
    return _is_of_people(verb, table, by_name=noun.tag_ == "NNP")


def _may_be_name(noun: Any, table: Table) -> bool:
    return (
        noun.dep_ in ("nsubj", "nsubjpass", "poss")
        and noun.text[:1].isupper()
        and not noun.text.isupper()
        and noun.text.replace("-", "").replace("'", "").isalpha()
        and noun.text not in CALENDAR
        and noun.tag_ not in _NO_NAMES
        and (noun.tag_ != "NNS" or noun.lemma_.lower() == noun.lower_)
        and noun.lower_ not in table.words["nobody"]
    )


def _is_of_people(verb: Any, table: Table, *, by_name: bool) -> bool:
    """Whether somebody has or is what only people have and are.

    Args:
        by_name: Whether the subject is tagged as a name: cities have no brothers, and cheese may be from somewhere.
    """
    if verb.lemma_ == "have":
        held = [forms(t) for t in verb.children if t.dep_ == "dobj"]
        kinds = [table.words[name] for name in ("relatives", "pets", "ailments")]
        return by_name and any(not words.isdisjoint(kind) for words in held for kind in kinds)
    if verb.lemma_ == "be" and by_name and any(t.dep_ == "prep" and t.lower_ == "from" for t in verb.children):
        return True
    return verb.lemma_ in ("be", "become", "turn", "get") and any(
        t.lower_ in _OF_PEOPLE_ALONE
        or any(not forms(t).isdisjoint(table.words[name]) for name in ("occupations", "health_states"))
        or (t.like_num and not list(t.children))
        for t in verb.children
        if t.dep_ in ("acomp", "attr", "oprd")
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
