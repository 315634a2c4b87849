"""Facts that stand in no clause of their own: relatives and friends that are mentioned, dates, addresses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.facts.clauses import Clause, is_user
from coda_graphmem.facts.findings import Found, Parsed, say
from coda_graphmem.facts.phrases import forms, is_person, is_written_as_name, with_article
from coda_graphmem.facts.table import Table
from coda_graphmem.language.pronouns import OWNERS
from coda_graphmem.language.syntax import FINITE_TAGS, follow


def mentioned(
    parsed: Parsed,
    asserted: Sequence[Clause],
    dates: Mapping[int, tuple[int, int]],
    quoted: Sequence[tuple[int, int]],
    table: Table,
) -> Iterator[Found]:
    """Find them, given the clauses that the user asserts, the tokens of dates, and where quotations stand."""
    yield from _relations(parsed, asserted, quoted, table)
    yield from _dates(parsed, asserted, dates, table)
    yield from _contacts(parsed, quoted, table)


#: Words within which a name follows.
_NAMED_WITHIN = 12
_THEY = frozenset({"he", "she", "they", "it"})
_THEIRS = frozenset({"his", "her", "their", "its"})


@dataclass(frozen=True, slots=True)
class Relation:
    """Somebody of the user's, or a pet, as a text mentions them."""

    noun: Any
    name_word: Any | None
    name: str
    """Empty where it is not told."""
    is_pet: bool
    is_ended: bool
    """Whether they are dead or gone."""


def relations(
    parsed: Parsed, asserted: Sequence[Clause], quoted: Sequence[tuple[int, int]], table: Table
) -> Iterator[Relation]:
    """The people and animals that a text calls the user's, unless it speaks of parting from them."""
    verbs = {clause.verb.i for clause in asserted} | {clause.top.i for clause in asserted}
    verbless = {
        sent.start
        for sent in parsed.doc.sents
        if not any(t.tag_ in FINITE_TAGS and t.dep_ not in ("compound", "amod") for t in sent)
        and not sent.text.rstrip().endswith("?")
    }
    pets = table.words["pets"]
    owned = (table.words["acquaintances"] | table.words["relatives"] | pets) - {"friend", "client", "student", "mate"}
    for noun in parsed.doc:
        if noun.dep_ in ("dobj", "pobj") and not forms(noun).isdisjoint(owned):
            verb = noun.head.head if noun.dep_ == "pobj" else noun.head
            by_user = verb.i in verbs and any(t.dep_ == "nsubj" and is_user(t, parsed.names) for t in verb.children)
            names = [t for t in noun.children if t.dep_ == "appos" and _is_name(t)]
            names += [t for t in follow(noun, ("called",)) if t.text[:1].isupper()]
            names += named_then(noun)
            if by_user and names and not any(t.dep_ == "poss" for t in noun.children):
                for named in _each(noun, names[0]):
                    yield Relation(noun, named, _written(named), not forms(noun).isdisjoint(pets), False)
    denied = {clause.verb.i for clause in asserted if clause.negated or clause.phase or clause.time == "past"}
    for mine in parsed.doc:
        if mine.lower_ not in OWNERS or any(start <= mine.idx < end for start, end in quoted):
            continue
        noun, name = _related(mine, table)
        if noun is None or not _is_asserted(noun, verbs, verbless) or _is_made_up(noun, table):
            continue
        if noun.dep_ == "pobj" and {a.lemma_ for a in noun.ancestors} & table.words["parting"]:
            continue  # "I broke up with my boyfriend"
        is_beside = name is None or name.dep_ == "appos" or name.i in (noun.i - 1, _after(noun))
        told = not is_beside and noun.head.i in denied
        written = "" if name is None or told else _written(name)
        above = noun.head if noun.dep_ in ("nsubj", "nsubjpass", "dobj") else noun.head.head
        particle = "".join(f"-{t.lower_}" for t in above.children if t.dep_ == "prt")
        lemma = above.lemma_.lower()
        ended = not table.words["ending"].isdisjoint({lemma, lemma + particle}) and above.i in verbs
        ended = ended and (lemma != "lose" or noun.dep_ == "dobj")  # "my dog got lost"
        is_pet = not forms(noun).isdisjoint(table.words["pets"])
        yield Relation(noun, name, written, is_pet, ended)
        for other in _each(noun, name)[1:] if name is not None and written else ():
            yield Relation(noun, other, _written(other), is_pet, ended)


def others_relations(
    parsed: Parsed, asserted: Sequence[Clause], quoted: Sequence[tuple[int, int]], table: Table
) -> Iterator[tuple[Any, Relation]]:
    """The people that a text calls somebody else's, each with the word for whose: "**his** wife Iris"."""
    verbs = {clause.verb.i for clause in asserted} | {clause.top.i for clause in asserted}
    for owner in parsed.doc:
        if owner.dep_ != "poss" or owner.lower_ in OWNERS or is_user(owner, parsed.names):
            continue
        noun, name = _related(owner, table)
        is_told = noun is not None and name is not None and _is_asserted(noun, verbs, set())
        if not is_told or any(start <= owner.idx < end for start, end in quoted) or _is_made_up(noun, table):
            continue
        yield owner, Relation(noun, name, _written(name), not forms(noun).isdisjoint(table.words["pets"]), False)


def _each(noun: Any, name: Any) -> list[Any]:
    """The names of several: "my twins, **Ida** and **Emil**"."""
    others = [t for t in name.conjuncts if t.i > name.i and _is_name(t)] if noun.tag_ in ("NNS", "NNPS") else []
    return [name, *others]


def _written(name: Any) -> str:
    return str(name.doc[_name_start(name) : _name_end(name)].text)


def _is_made_up(noun: Any, table: Table) -> bool:
    """Whether somebody is to play a part: "**pretend** to be my girlfriend Anna"."""
    return any(above.lemma_ in table.words["hypothetical_cues"] for above in noun.ancestors)


def named_then(noun: Any) -> list[Any]:
    """The name that the same sentence tells after somebody: "a new boyfriend, **his name is** Theo"."""
    following = noun.doc[noun.i + 1 : noun.i + _NAMED_WITHIN]
    for token in following:
        if token.lower_ in _THEY and token.i > 0 and token.nbor(-1).lower_ in (",", ";", "and", "-", "–", "."):
            beside = noun.doc[token.i + 1 : token.i + 4]
            if len(beside) == 3 and beside[0].lemma_ == "be" and beside[1].lower_ in ("called", "named"):
                return [beside[2]] if beside[2].text[:1].isupper() else []
    return [
        named
        for token in following
        if token.lower_ == "name" and any(t.lower_ in _THEIRS for t in token.children) and token.head.lemma_ == "be"
        for named in token.head.children
        if named.dep_ == "attr" and is_written_as_name(named) and token.sent == noun.sent
    ]


def _relations(
    parsed: Parsed, asserted: Sequence[Clause], quoted: Sequence[tuple[int, int]], table: Table
) -> Iterator[Found]:
    for relation_of in relations(parsed, asserted, quoted, table):
        noun, name = relation_of.noun, relation_of.name_word
        if relation_of.is_pet:
            yield from _pet(noun, name, parsed)
            continue
        close = not forms(noun).isdisjoint(table.words["relatives"])
        if not close and name is None:
            continue
        after = _after(noun)
        relation = parsed.doc[_first(noun, table) : after].text
        if name is None:
            had = relation if noun.tag_ in ("NNS", "NNPS") else with_article(relation)
            yield Found("relationship", _first(noun, table), after, f"{parsed.subject} has {had}.", 0.8)
            continue
        start, end = min(_first(noun, table), name.left_edge.i if name.i < noun.i else noun.i), _name_end(name)
        written = parsed.doc[_name_start(name) : end].text
        if name.i < noun.i:
            start, end = _first(noun, table), after
        if any(t.tag_ in FINITE_TAGS and t.dep_ != "acl" for t in parsed.doc[start:end]):
            start, end = _first(noun, table), after
        said = f"{written} is {parsed.subject}'s {relation}."
        yield Found("relationship", start, end, said, 0.9)
        yield Found("person", _name_start(name), _name_end(name), said, 0.9)


def _pet(noun: Any, name: Any | None, parsed: Parsed) -> Iterator[Found]:
    called = "" if name is None else f" called {name.text}"
    start, end = (noun.i, noun.i + 1) if name is None else (min(noun.i, name.i), max(noun.i, name.i) + 1)
    if any(t.tag_ in FINITE_TAGS and t.dep_ != "acl" for t in parsed.doc[start:end]):
        start, end = noun.i, noun.i + 1
    yield Found("possession", start, end, f"{parsed.subject} has a {noun.text}{called}.", 0.8)


def _related(mine: Any, table: Table) -> tuple[Any | None, Any | None]:
    """The relation that "my" belongs to, and the name of whoever it is."""
    people = table.words["relatives"] | table.words["acquaintances"] | table.words["pets"]
    head = mine.head
    if mine.dep_ != "poss":
        return None, None
    if not forms(head).isdisjoint(people):
        names = [t for t in head.children if t.dep_ == "appos" and _is_name(t)]
        names += [t for t in follow(head, ("called",)) if t.text[:1].isupper()]
        if head.dep_ in ("nsubj", "nsubjpass"):
            names += [t for t in follow(head.head, ("called",)) if t.text[:1].isupper()]
            names += [t for t in follow(head.head, ("is",)) if _is_name(t)] if head.head.lemma_ == "be" else []
            names += [t for t in follow(head.head, ("is", "called")) if t.text[:1].isupper()]
        if head.dep_ == "poss" and head.head.lemma_ in ("name", "nickname") and _is_whole_name(head.head):
            names += [t for t in follow(head.head.head, ("is",)) if t.text[:1].isupper()]
        above = head.head.head if head.dep_ == "pobj" and head.head.lower_ == "of" else None
        if above is not None and above.lemma_ in ("name", "nickname") and above.dep_ == "nsubj":
            names += [t for t in follow(above.head, ("is",)) if t.text[:1].isupper()]  # "the name of my dog is Rex"
        if head.dep_ in ("attr", "appos"):
            others = [t for t in head.head.children if t.dep_ == "nsubj"] if head.dep_ == "attr" else [head.head]
            names += [t for t in others if _is_name(t) or _may_be_called(t)]
        names = names or named_then(head)
        following = head.doc[_after(head)] if _after(head) < len(head.doc) else None
        if not names and following is not None and _is_name(following) and head.tag_ != "NNS":
            names = [following]
        return head, names[0] if names else None
    # "my friend Tom" may hang on the name.
    nouns = [t for t in head.children if t.dep_ in ("compound", "nmod", "appos") and not forms(t).isdisjoint(people)]
    if nouns and _is_name(head):
        return nouns[0], head
    return None, None


def _is_whole_name(word: Any) -> bool:
    """Whether a name is what somebody is called: no maiden or middle name."""
    return word.dep_ == "nsubj" and not any(
        t.dep_ in ("compound", "amod") and t.lower_ not in ("new", "full", "first", "real") for t in word.children
    )


def _is_name(token: Any) -> bool:
    """Whether a word beside a relation is a name, whatever the model takes it for."""
    return is_person(token) or is_written_as_name(token)


def _may_be_called(token: Any) -> bool:
    """Whether a word that is said to be somebody's boss or friend is a name, though it passes for a company's."""
    return bool(token.tag_ == "NNP" and token.text.istitle() and token.is_alpha and not list(token.children))


def _first(noun: Any, table: Table) -> int:
    """First token of a relation with what says which one: "older sister"."""
    start: int = noun.i
    while (
        start > 0
        and (parsed := noun.doc[start - 1]).head in (noun, noun.head)
        and parsed.lower_ in table.words["family_adjectives"] | {"-", "ex", "half", "great"}
    ):
        start -= 1
    return start


def _after(noun: Any) -> int:
    """The token after a relation, which may go on: "mother-in-law"."""
    end: int = noun.i + 1
    return end + 4 if noun.doc[end : end + 4].text.lower() == "-in-law" else end


def _name_start(name: Any) -> int:
    start: int = name.i
    while start > 0 and name.doc[start - 1].dep_ == "compound" and is_person(name.doc[start - 1]):
        start -= 1
    return start


def _name_end(name: Any) -> int:
    end: int = name.i + 1
    while (
        end < len(name.doc)
        and name.doc[end].tag_ == "NNP"
        and name.doc[end].head.i in (name.i, end + 1)
        and name.doc[end].dep_ in ("compound", "flat")
    ):
        end += 1
    return end


def _is_asserted(noun: Any, verbs: set[int], verbless: set[int]) -> bool:
    """Whether the next verb above is one of an asserted clause, or there is none."""
    for above in noun.ancestors:
        if above.tag_ in FINITE_TAGS and above.dep_ not in ("aux", "auxpass"):
            return above.i in verbs or (above.tag_ in ("VB", "VBG") and any(a.i in verbs for a in above.ancestors))
    return noun.sent.start in verbless


def _dates(
    parsed: Parsed, asserted: Sequence[Clause], dates: Mapping[int, tuple[int, int]], table: Table
) -> Iterator[Found]:
    seen: set[tuple[int, int]] = set()
    for clause in sorted(asserted, key=lambda c: -len(list(c.top.ancestors))):
        subject = clause.subject
        about_user = clause.owner in ("self", "own") or (clause.owner == "none" and clause.verb.tag_ in ("VB", "VBP"))
        if subject is not None and not about_user and not _belongs_elsewhere(subject):
            about_user = subject.lower_ in ("it", "that") or not forms(subject).isdisjoint(
                table.words["events"] | table.words["dated"]
            )
        if not about_user or clause.negated or clause.modal is not None:
            continue
        inside = {t.i for t in clause.top.subtree}
        for start, end in dict.fromkeys(dates[i] for i in sorted(inside & dates.keys())):
            if (start, end) not in seen:
                seen.add((start, end))
                yield Found("date", start, end, say(clause, parsed, table), 0.85)


def _belongs_elsewhere(subject: Any) -> bool:
    """Whether something is another's: "her birthday", "Tom's wedding", but not "my sister's wedding"."""
    owners = [t for t in subject.children if t.dep_ == "poss" and t.lower_ not in OWNERS]
    return any(not any(mine.lower_ in OWNERS for mine in one.children) and one.tag_ != "NNS" for one in owners)


def _contacts(parsed: Parsed, quoted: Sequence[tuple[int, int]], table: Table) -> Iterator[Found]:
    doc = parsed.doc
    for kind in ("email", "phone", "url", "handle"):
        for match in table.patterns[kind].finditer(doc.text):
            if any(start <= match.start() < end for start, end in quoted):
                continue
            before = doc.text[max(0, match.start() - 80) : match.start()]
            cue = list(table.patterns["contact_cue"].finditer(before))
            if (
                not cue
                or table.patterns["contact_break"].search(before[cue[-1].start() :])
                or table.patterns["contact_doubt"].search(before[max(0, cue[-1].start() - 10) :])
            ):
                continue
            span = doc.char_span(*match.span(), alignment_mode="expand")
            if span is None:
                continue
            named = {"email": "email address", "phone": "phone number", "url": "website", "handle": "handle"}[kind]
            value = re.sub(r"[.,;:!?]+$", "", match.group())
            yield Found("contact", span.start, span.end, f"{parsed.subject}'s {named} is {value}.", 0.9)
