"""Whether a rule fits a clause, and which words fill its places."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.phrases import (
    forms,
    is_branded,
    is_called,
    is_measure,
    is_person,
    is_place,
    is_proper,
    is_written_as_name,
)
from coda_graphmem.facts.table import Path, Rule, Table, WordTest
from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.negation import stands_aside
from coda_graphmem.language.syntax import follow

#: What somebody earns: "3,400", "62k".
_SUM = re.compile(r"[$€£]?(?:\d[\d.,]{2,}\d|\d{3,}|\d+(?:\.\d)?[kK])")
_GREETING = re.compile(r"\bnice to meet|\b(?:hi|hello|hey)\b", re.IGNORECASE)
_SKIPPED = ("IN", "TO", "DT", "PRP$")


def fits(rule: Rule, clause: Clause) -> bool:
    """Whether a clause is what a rule looks for, whoever it is about, in whatever time and whether denied or not."""
    return (
        (rule.verb is None or clause.name in rule.verb or clause.verb.lower_ in rule.verb)
        and (clause.modal or "none") in rule.modal
        and (rule.progressive is None or clause.progressive == rule.progressive)
        and (rule.quality is None or _has(clause.subject, rule.quality))
        and (rule.adverb is None or _has(clause.verb, rule.adverb))
        and all(_holds(path, test, clause) for path, test in rule.where.items())
        and not any(_holds(path, test, clause) for path, test in rule.where_not.items())
    )


def _has(token: Any | None, words: Collection[str]) -> bool:
    return token is not None and any(child.lower_ in words for child in token.children)


def _holds(path: Path, test: WordTest | None, clause: Clause) -> bool:
    return any(test is None or test.holds(forms(token)) for token in _reached(path, clause))


def _reached(path: Path, clause: Clause) -> list[Any]:
    """What a path leads to; the subject may be that of another verb."""
    if path[0] == "subject":
        return [] if clause.subject is None else follow(clause.subject, path[1:])
    return follow(clause.verb, path)


def heads(rule: Rule, clause: Clause) -> list[Any]:
    """What fills the first place of the rule that is filled by something allowed."""
    for path in rule.value:
        reached = _reached(path, clause)
        # "I have two kids, a dog and a boat": where the first is none, another may be.
        for group in (reached, [other for one in reached for other in one.conjuncts]):
            found = [t for t in group if _is_sort(rule, t)]
            if found:
                return found
    return []


def _is_sort(rule: Rule, head: Any) -> bool:
    words = forms(head)
    if rule.among is not None and not rule.among.holds(words):
        return False
    if head.tag_ == "NNP" and head.text[:1].isupper() and any(t.dep_ == "compound" for t in head.children):
        words = words - {head.lower_}  # "the Met Office" is no office
    return not (rule.not_among and rule.not_among.holds(words))


def is_allowed(rule: Rule, head: Any, table: Table, dates: Collection[int]) -> bool:
    """Whether a word is of the shape that a rule looks for."""
    if rule.shape in _MEASURES:
        return _MEASURES[rule.shape](head, dates)
    if head.i in dates or is_measure(head) or head.tag_ in ("PRP", "DT", "WP") or _leans(head):
        return False
    if rule.shape == "town" and _may_be_town(head):
        # What somebody lives in or moves to is a place, whatever the model takes its name for.
        # A room or a gate is none: "B12".
        return not any(t.dep_ == "det" for t in head.children) and not any(map(str.isdigit, head.text))
    if rule.shape in ("place", "town"):
        return is_place(head, table.words["places"])
    return _SHAPES[rule.shape](head)


#: Shapes of what is counted, measured or dated; they see the tokens of dates.
_MEASURES: Mapping[str, Callable[[Any, Collection[int]], bool]] = {
    "date": lambda head, dates: head.i in dates,
    "age": lambda head, dates: head.i not in dates and head.tag_ != "PRP" and any(t.like_num for t in head.subtree),
    "count": lambda *_: True,
    "figure": lambda head, _: any(t.like_num for t in head.subtree),
    "sum": lambda head, _: any(_SUM.fullmatch(t.text) for t in head.subtree),
    "money": lambda head, _: any(t.ent_type_ == "MONEY" for t in head.subtree),
}


def _may_be_town(head: Any) -> bool:
    """Whether a word is a name; one that the model takes for a thing is a town's where somebody is: "near **Bath**"."""
    if head.tag_ in ("NNP", "NNPS"):
        return bool(head.text[:1].isupper())
    # "I moved to **Production**" is another department.
    is_inside = head.dep_ == "pobj" and head.head.text in ("in", "near", "outside") and head.i == head.head.i + 1
    return bool(is_inside and is_written_as_name(head))


def _is_worked_at(head: Any) -> bool:
    """Whether somebody does something at a place: "at Anna's" one only is."""
    return bool(head.dep_ == "pobj" and head.head.lower_ == "at" and head.head.head.lemma_ != "be")


def _introduces(head: Any) -> bool:
    """Whether somebody says their name: by a name that is one of people, or by the greeting beside it."""
    is_plain = head.tag_ == "NNP" and head.text[:1].isupper() and not any(t.dep_ == "det" for t in head.children)
    is_greeted = _GREETING.search(head.sent.text) is not None and head.ent_type_ != "NORP"
    return is_plain and (head.ent_type_ == "PERSON" or is_greeted) and head.text not in CALENDAR


_SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "proper": lambda head: is_proper(head) or bool(follow(head, ("called",))),
    "common": lambda head: not is_proper(head),
    "thing": lambda head: bool(head.tag_.startswith("NN")),
    "doing": lambda head: bool(head.tag_ == "VBG"),
    "person": is_person,
    "called": is_called,
    "somebody": _introduces,
    "company": lambda head: (
        is_proper(head)
        and (
            head.ent_type_ not in ("GPE", "LOC", "PERSON", "NORP", "LANGUAGE")
            # One works at companies, and in places.
            or (head.ent_type_ in ("GPE", "PERSON") and _is_worked_at(head))
        )
    ),
    "work": lambda head: (
        head.ent_type_ not in ("NORP", "GPE", "LANGUAGE", "PERSON") and not head.tag_.startswith(("JJ", "RB"))
    ),
    "mail": lambda head: "@" in head.text,
    "single": lambda head: not any(t.dep_ == "nummod" for t in head.children),
    "status": lambda _: True,
    "liked": lambda head: not any(t.lower_ in ("the", "all") for t in head.children if t.dep_ in ("det", "predet")),
    "described": lambda head: any(t.dep_ in ("amod", "compound", "nmod") for t in head.children),
    # "**Season** tickets": a sort of things, and none by its name.
    "sort": lambda head: (
        head.tag_ in ("NN", "NNS") and any(t.dep_ in ("amod", "compound", "nmod") and t.is_alpha for t in head.children)
    ),
    "branded": lambda head: is_proper(head) or is_branded(head),
    "brand": lambda head: (
        (is_proper(head) or is_branded(head))
        and head.ent_type_ not in ("GPE", "LOC", "NORP", "LANGUAGE")
        and not any(t.dep_ in ("det", "poss") for t in head.children)
    ),
    # "Makes **violins**": several of them, and none in particular.
    "plural": lambda head: any(t.tag_ == "NNS" for t in head.children if t.dep_ == "dobj"),
    "named": lambda head: is_proper(head) and head.ent_type_ not in ("GPE", "LOC", "NORP", "LANGUAGE"),
    "tool": lambda head: (
        (is_proper(head) or is_branded(head))
        and head.ent_type_ != "LANGUAGE"
        and head.text not in CALENDAR
        and not any(t.dep_ in ("det", "poss") for t in head.children)
    ),
    "planned": lambda head: head.tag_.startswith("V") or head.tag_ == "NN",
}


def _leans(head: Any) -> bool:
    """Whether a value says nothing without what was said before, or is somebody else's: "merge them", "your idea"."""
    objects = [t for t in head.children if t.dep_ == "dobj"] if head.tag_.startswith("V") else []
    if any(t.lower_ in ("it", "them", "this", "that", "these", "those", "him", "her", "you") for t in objects):
        return True
    return any(
        t.lower_ in ("your", "his", "her", "their", "its")
        for one in (head, *objects)
        for t in one.children
        if t.dep_ == "poss"
    )


def is_denied(head: Any) -> bool:
    """Whether a value is named as what is not meant: "at Orion, not at **Vega**", "tea instead of **coffee**"."""
    if head.tag_.startswith("V") and any(t.dep_ == "neg" for t in head.children):
        return True
    at = head.left_edge.i - 1
    doc = head.doc
    while at >= 0:
        before = doc[at]
        if before.lower_ in ("not", "never") and stands_aside(before):
            return True
        if before.lower_ in ("of", "than") and at > 0 and doc[at - 1].lower_ in ("instead", "rather"):
            return True
        if before.tag_ not in _SKIPPED:
            return False
        at -= 1
    return False
