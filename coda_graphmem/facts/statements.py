"""What a parsed text states: of whom, which attribute, which value, from when until when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Parsed
from coda_graphmem.facts.holders import Holder, holder, possessor
from coda_graphmem.facts.matches import fits, heads, is_allowed, is_denied
from coda_graphmem.facts.phrases import forms, value_span
from coda_graphmem.facts.table import Rule, Table
from coda_graphmem.facts.things import Told, role_statements, thing_statements
from coda_graphmem.facts.times import Stretch, clause_words, stretch
from coda_graphmem.facts.values import subject_key, value_key
from coda_graphmem.models import Statement

LEAST_CONFIDENT = 0.6
"""Readings that are right less often are left out: a wrong statement is worse than a missing one."""


def stated(
    parsed: Parsed,
    asserted: Sequence[Clause],
    dates: Mapping[int, tuple[int, int]],
    quoted: Sequence[tuple[int, int]],
    table: Table,
    said_at: float,
) -> list[Statement]:
    """The statements of a text in its order, each once.

    Args:
        asserted: The clauses that it asserts.
        dates: Tokens of dates, each with its date.
        said_at: When it was said, in seconds since the Unix epoch (UTC).
    """
    found: list[Told] = []
    last: Holder | None = None
    for clause in asserted:
        whose = holder(clause, parsed, table, last)
        if whose is not None and whose.kind != "user":
            last = whose
        told = [*_ruled(clause, whose, last, parsed, dates, table)]
        told += thing_statements(clause, whose, parsed, dates, table, said_at)
        found += _timed(clause, told, table, said_at)
    found += role_statements(parsed, asserted, quoted, table)
    return list(_distinct(_statement(one) for one in found if one.confidence >= LEAST_CONFIDENT))


def _ruled(
    clause: Clause,
    whose: Holder | None,
    last: Holder | None,
    parsed: Parsed,
    dates: Mapping[int, tuple[int, int]],
    table: Table,
) -> Iterator[Told]:
    """What the rules of the table find."""
    taken: set[str] = set()
    for rule in table.rules:
        if rule.attribute is None or rule.attribute in taken:
            continue
        subject = _subject(rule, clause, whose, last, parsed, table)
        if subject is None or not fits(rule, clause):
            continue
        polarity, is_over = _polarity(rule, clause), False
        if polarity is None:
            continue
        if clause.phase == "formerly" or (clause.time not in rule.time and clause.time == "past"):
            if subject.kind == "named" and clause.phase != "formerly":
                continue
            if not (rule.over or clause.phase == "formerly") or not polarity:
                continue
            is_over = True
        elif clause.time not in rule.time:
            continue
        if not rule.value:
            taken.add(rule.attribute)
            yield Told(subject.name, rule.attribute, "", polarity, rule.confidence, is_over=is_over)
            continue
        if rule.shape == "count":
            yield from _counted(rule, clause, subject, polarity=polarity)
            continue
        found = list(_values(rule, clause, dates, table))
        if not found:
            continue
        taken.add(rule.attribute)
        if rule.replaces and polarity and not is_over:
            yield Told(subject.name, rule.attribute, "", False, rule.confidence)
        for value, denied in found:
            if denied and (is_over or not polarity):
                continue
            yield Told(
                subject.name,
                rule.attribute,
                value,
                polarity and not denied,
                rule.confidence,
                is_over=is_over,
                is_start=rule.starts and not denied,
            )
        if polarity and not is_over:
            for value in _aside(clause, dates):
                if all(value != other for other, _ in found):
                    yield Told(subject.name, rule.attribute, value, False, rule.confidence)


def _subject(
    rule: Rule, clause: Clause, whose: Holder | None, last: Holder | None, parsed: Parsed, table: Table
) -> Holder | None:
    """Whom a rule speaks of: rules for the user hold for everybody."""
    for test in rule.subject:
        if test.owner == "self" and whose is not None:
            return whose
        if test.owner == "user" and whose is not None and whose.kind == "user":
            return whose
        if test.owner == "own" and clause.subject is not None:
            if test.nouns is not None and forms(clause.subject).isdisjoint(test.nouns):
                continue
            if rule.quality is not None and not any(t.lower_ in rule.quality for t in clause.subject.children):
                continue
            found = possessor(clause.subject, parsed, table, last)
            if found is not None:
                return found
        if test.owner == "none" and clause.owner == "none" and clause.verb.tag_ in ("VB", "VBP"):
            return Holder(parsed.subject, "user")
    return None


def _polarity(rule: Rule, clause: Clause) -> bool | None:
    """Whether a value holds, or None where nothing can be said: "I did not quit"."""
    negated = clause.negated != (clause.phase == "stopped") if clause.phase else clause.negated
    if rule.negated == "yes":
        return not rule.ends if negated else None
    if negated and (rule.ends or rule.negated == "never"):
        return None
    return not (negated or rule.ends)


def _values(
    rule: Rule, clause: Clause, dates: Mapping[int, tuple[int, int]], table: Table
) -> Iterator[tuple[str, bool]]:
    """The values in the place of a rule, each with whether it is what is not meant."""
    for head in heads(rule, clause):
        for one in (head, *_joined(head)):
            if one.tag_.startswith("V") and one.dep_ == "conj" and one.tag_ != "VBG":
                continue
            if is_allowed(rule, one, table, dates) or (rule.shape == "date" and one.i in dates):
                start, end = dates[one.i] if rule.shape == "date" else value_span(one, rule.extent, dates)
                end = _cut(one, start, end, rule)
                yield " ".join(clause.verb.doc[start:end].text.split()), is_denied(one)


def _counted(rule: Rule, clause: Clause, subject: Holder, *, polarity: bool) -> Iterator[Told]:
    """How many of each thing: "two cats and **three** dogs"."""
    for head in heads(rule, clause):
        for one in (head, *_joined(head)):
            number = next((t for t in one.children if t.dep_ == "nummod" and t.like_num), None)
            if number is not None and polarity and rule.attribute is not None:
                attribute = rule.attribute.format(thing=one.lower_ if one.tag_ == "NNS" else f"{one.lower_}s")
                yield Told(subject.name, attribute, number.text, True, rule.confidence)


def _joined(head: Any) -> list[Any]:
    return [t for t in head.conjuncts if t.i > head.i]


def _cut(head: Any, start: int, end: int, rule: Rule) -> int:
    """The end of a value without those that are joined to it, which are values of their own."""
    others = [t for t in _joined(head) if start <= t.i < end]
    if not others or rule.extent == "called":
        return end
    until = min(t.left_edge.i for t in others)
    doc = head.doc
    while until > head.i + 1 and (doc[until - 1].is_punct or doc[until - 1].lower_ in ("and", "or", "&", "but", "not")):
        until -= 1
    return max(until, head.i + 1)


def _aside(clause: Clause, dates: Mapping[int, tuple[int, int]]) -> Iterator[str]:
    """What a clause names as not meant beside what it says: ", **not at Vega**", "instead of **coffee**"."""
    for token in clause.top.subtree:
        if token.dep_ in ("pobj", "appos", "conj", "attr", "dobj", "npadvmod", "pcomp") and is_denied(token):
            start, end = dates[token.i] if token.i in dates else value_span(token, "name", dates)
            yield " ".join(token.doc[start:end].text.split())


def _timed(clause: Clause, told: Sequence[Told], table: Table, said_at: float) -> Iterator[Told]:
    """The statements of a clause with when they hold."""
    if not told:
        return
    coming = clause.time == "future" or (clause.time == "present" and clause.progressive)
    when = stretch(clause_words(clause), said_at, is_coming=coming)
    for one in told:
        yield one if one.is_dated else _placed(one, when, clause, said_at)


def _placed(one: Told, when: Stretch, clause: Clause, said_at: float) -> Told:
    start, end = when
    if one.is_over:
        if end is None or end > said_at:
            end = said_at
        return one.with_times(start if start is not None and start < end else None, end)
    if not one.polarity:
        # "I quit in March": from then on.
        return one.with_times(start if start is not None and clause.time in ("past", "future") else None, None)
    if one.is_start or clause.time == "future":
        return one.with_times(start, None)
    is_bounded = end is not None and end > said_at and (start is None or start <= said_at)
    if clause.time in ("perfect", "present") and (start is None or start <= said_at):
        return one.with_times(start, end if is_bounded and start is None else None)
    return one.with_times(start, None)


def _statement(one: Told) -> Statement:
    key = one.key if one.key is not None else value_key(one.value) if one.value else ""
    return Statement(
        subject=one.subject,
        subject_key=subject_key(one.subject),
        attribute=one.attribute,
        value=one.value,
        value_key=key,
        polarity=one.polarity,
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        confidence=one.confidence,
    )


def _distinct(statements: Iterable[Statement]) -> Iterator[Statement]:
    seen: set[tuple[str, str, str, bool]] = set()
    for one in statements:
        key = (one.subject_key, one.attribute, one.value_key, one.polarity)
        if key not in seen and (one.value_key or not one.value):
            seen.add(key)
            yield one
