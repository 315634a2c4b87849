"""What is said of things by name: figures, days of appointments, and who somebody is to the user."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coda_graphmem.facts.attributes import attribute_name
from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Parsed
from coda_graphmem.facts.holders import Holder, possessor
from coda_graphmem.facts.mentions import relations
from coda_graphmem.facts.phrases import forms, value_span
from coda_graphmem.facts.table import Table
from coda_graphmem.facts.times import day_key
from coda_graphmem.facts.values import value_key
from coda_graphmem.language.syntax import follow

_CLOCK = re.compile(
    r"^,?\s*(?:at|@)\s*(?:noon|midnight|\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock)?)(?=\W|$)", re.IGNORECASE
)
_FIGURE = re.compile(r"\d|^(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty)\b")
_VERSION = re.compile(r"\bv?\d+(?:\.\d+)+\b|\bv\d+\b")
_PLAIN = frozenset("DT PRP$ PDT WDT CC".split())
_WHICH = frozenset("new current old next upcoming latest own previous original updated actual exact same whole".split())


@dataclass(frozen=True, slots=True)
class Told:
    """A statement before its times are known."""

    subject: str
    attribute: str
    value: str
    polarity: bool
    confidence: float
    is_over: bool = False
    """Whether it was told as past."""
    is_start: bool = False
    """Whether it says that something began."""
    is_dated: bool = False
    """Whether its day is its value, and says nothing of when it holds."""
    key: str | None = None
    """The value's normal form, where more is known of it than its words."""
    valid_from: float | None = None
    valid_until: float | None = None

    def with_times(self, valid_from: float | None, valid_until: float | None) -> "Told":
        """The same for a while."""
        return replace(self, valid_from=valid_from, valid_until=valid_until)


def thing_statements(
    clause: Clause, whose: Holder | None, parsed: Parsed, dates: Mapping[int, tuple[int, int]], table: Table, at: float
) -> Iterator[Told]:
    """What a clause says of a thing that it names, or of what the user does with one."""
    if clause.phase or clause.modal is not None:
        return
    thing, is_changed = _thing(clause, whose, table)
    if thing is None or thing.lower_ in table.words["nothing"] or thing.tag_ not in ("NN", "NNS", "NNP", "NNPS"):
        return
    is_event = not forms(thing).isdisjoint(table.words["events"] | table.words["dated"])
    name = _name(thing)
    owner = possessor(thing, parsed, table)
    if clause.name in table.words["cancelling"] and not clause.negated:
        if is_event or not forms(thing).isdisjoint(table.words["plannable"]):
            yield Told(parsed.subject, name, "", False, 0.85)
            yield Told(parsed.subject, "plan", _words(thing), False, 0.85)
        return
    if not is_changed and (clause.time == "past" or clause.name not in ("be", *table.words["having"])):
        return
    if not is_changed and clause.name in table.words["having"] and not is_event:
        return
    if is_event:
        yield from _day(clause, thing, name, parsed, dates, table, at, is_changed=is_changed)
        return
    if clause.name in table.words["having"]:
        return
    figure = _figure(clause, is_changed)
    if figure is not None:
        is_personal = owner is not None and not forms(thing).isdisjoint(table.words["personal_figures"])
        is_version = _VERSION.search(figure) is not None and "version" in name
        if owner is None and " " not in name and thing.lower_ not in table.words["figures"]:
            return
        subject, attribute = (owner.name, name) if is_personal and owner is not None else (name, "amount")
        if is_version:
            subject, attribute = name.replace("version", "").strip() or parsed.subject, "version"
        yield Told(subject, attribute, figure, not clause.negated, 0.8, is_dated=not is_changed)
        for before in _instead(clause):
            yield Told(subject, attribute, before, False, 0.8)
        return
    if owner is None or clause.name != "be" or clause.time not in ("present", "future"):
        return
    values = [t for t in follow(clause.verb, ("is",)) if t.tag_ in ("NNP", "NNPS") or t.like_num]
    if "favorite" in name and not values:
        values = follow(clause.verb, ("is",)) or follow(clause.verb, ("doing",))
    kept = forms(thing).isdisjoint(table.words["people_of_ones_own"] | table.words["told_by_rules"])
    if values and kept:
        start, end = value_span(values[0], "name", dates)
        yield Told(owner.name, name, _text(values[0].doc, start, end), not clause.negated, 0.85)


def _thing(clause: Clause, whose: Holder | None, table: Table) -> tuple[Any | None, bool]:
    """The thing whose value a clause gives, and whether it is said to change."""
    moves = clause.name in table.words["changing"] or clause.verb.lower_ in table.words["changing"]
    if whose is not None and whose.kind == "user" and clause.subject is not None:
        objects = [t for t in clause.verb.children if t.dep_ == "dobj"]
        if objects and (moves or clause.name in table.words["having"] or clause.name in table.words["cancelling"]):
            return objects[0], moves
        return None, False
    if whose is not None:
        return None, False
    return clause.subject, moves


def _day(
    clause: Clause,
    thing: Any,
    name: str,
    parsed: Parsed,
    dates: Mapping[int, tuple[int, int]],
    table: Table,
    at: float,
    *,
    is_changed: bool,
) -> Iterator[Told]:
    """The day of an appointment: the last that the clause names, as it may say from when it was moved."""
    if clause.negated or (not is_changed and " " not in name and thing.lower_ not in table.words["once"]):
        return
    doc = clause.verb.doc
    inside = sorted({dates[t.i] for t in clause.top.subtree if t.i in dates and t.i > clause.verb.i})
    inside = [span for span in inside if not any(start <= thing.i < end for start, end in (span,))]
    chosen: list[tuple[int, int]] = []
    for start, end in inside:
        before = [doc[i].lower_ for i in range(max(0, start - 2), start)]
        if "from" in before or "not" in before:
            continue
        if "of" in before and "instead" in before:
            continue
        chosen.append((start, end))
    if not chosen:
        return
    start, end = chosen[0]
    rest = doc[end : min(len(doc), end + 6)].text
    clock = _CLOCK.match(rest)
    words = _text(doc, start, end)
    key = day_key(words, at) or value_key(words)
    if clock is not None:
        time = clock.group().strip(" ,")
        words, key = f"{words} {time}", f"{key} {value_key(time) or time}"
    yield Told(parsed.subject, name, words, True, 0.85, is_dated=True, key=key)


def _figure(clause: Clause, is_changed: bool) -> str | None:
    """The figure that a clause gives: what it is, or what it was changed to."""
    paths = (("to",), ("from", "to"), ("at",)) if is_changed else (("is",), ("at",))
    doc = clause.verb.doc
    if is_changed:
        for token in clause.verb.subtree:
            if token.lower_ == "to" and token.i > clause.verb.i:
                end = min(len(doc), token.i + 8)
                words = _run_of_figure(doc, token.i + 1, end)
                if words:
                    return words
        if clause.name not in ("be",):
            return None
    for path in paths:
        for head in follow(clause.verb, path):
            words = _run_of_figure(doc, head.left_edge.i, head.right_edge.i + 1)
            if words:
                return words
    return None


def _run_of_figure(doc: Any, start: int, end: int) -> str | None:
    """A figure with its unit that begins here: "150 requests per minute"."""
    while start < end and doc[start].lower_ in (
        "about",
        "around",
        "roughly",
        "exactly",
        "now",
        "almost",
        "over",
        "the",
        "a",
    ):
        start += 1
    if start >= end or not (
        _FIGURE.search(doc[start].lower_) or doc[start].text in "$€£¥" or doc[start].text == "version"
    ):
        return None
    at = start
    while at < end and (
        doc[at].tag_ in ("CD", "$", "NN", "NNS", "NNP", "SYM")
        or doc[at].lower_ in ("per", "a", "an", "/", "%", "version", "-")
    ):
        at += 1
    while at > start and (doc[at - 1].tag_ in ("DT",) or doc[at - 1].lower_ in ("per", "/", "-")):
        at -= 1
    return _text(doc, start, at) or None


def _instead(clause: Clause) -> Iterator[str]:
    """What a figure was before, or is not: "from 100", ", not 100"."""
    doc = clause.verb.doc
    for token in clause.verb.subtree:
        if token.lower_ in ("from", "not") and token.i > clause.verb.i:
            words = _run_of_figure(doc, token.i + 1, min(len(doc), token.i + 6))
            if words:
                yield words


def role_statements(
    parsed: Parsed, asserted: Sequence[Clause], quoted: Sequence[tuple[int, int]], table: Table
) -> Iterator[Told]:
    """Who somebody is to the user, wherever a text mentions it: "my boss **Anna**"."""
    for relation in relations(parsed, asserted, quoted, table):
        attribute = attribute_name(relation.noun.lemma_.lower())
        is_past = any(t.lower_ in ("old", "former", "ex", "previous") for t in relation.noun.children)
        if is_past:
            continue
        if relation.is_pet:
            pet = relation.noun.lemma_.lower()
            yield Told(
                parsed.subject, "pet", f"{pet} named {relation.name}" if relation.name else pet, True, 0.8, key=pet
            )
        elif relation.name:
            yield Told(parsed.subject, attribute, relation.name, True, 0.85)


def _name(thing: Any) -> str:
    """What a thing is called: "the deadline for the report" is the "report deadline"."""
    before = [
        t.lower_
        for t in thing.doc[thing.left_edge.i : thing.i]
        if t.tag_ not in _PLAIN
        and t.lower_ not in _WHICH
        and t.head in (thing, thing.head)
        and t.dep_ in ("compound", "amod", "nmod", "poss")
    ]
    after: list[str] = []
    for child in thing.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "for", "with"):
            for filler in child.children:
                if filler.dep_ == "pobj" and filler.tag_ in ("NN", "NNS", "NNP", "NNPS"):
                    after += [*(t.lower_ for t in filler.children if t.dep_ in ("compound", "amod")), filler.lower_]
    name = " ".join((*after, *before, thing.lower_))
    return name.replace("favourite", "favorite").replace("fave ", "favorite ")


def _words(thing: Any) -> str:
    start, end = value_span(thing, "phrase", ())
    return _text(thing.doc, start, end)


def _text(doc: Any, start: int, end: int) -> str:
    return " ".join(doc[start:end].text.split())
