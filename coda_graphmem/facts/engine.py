"""Applies the table of rules to a parsed text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coda_graphmem.facts.assertion import quotations, standing
from coda_graphmem.facts.clauses import Clause, clauses
from coda_graphmem.facts.findings import Found, Parsed, Scene, say
from coda_graphmem.facts.matches import fits, heads, is_allowed, is_denied
from coda_graphmem.facts.mends import mended
from coda_graphmem.facts.mentions import mentioned
from coda_graphmem.facts.phrases import forms, plain_text, value_span, with_article
from coda_graphmem.facts.statements import stated
from coda_graphmem.facts.table import Rule, SubjectTest, Table
from coda_graphmem.language.dates import DATE
from coda_graphmem.models import ExtractedInfo, Statement


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says, in the form that was asked for."""

    infos: list[ExtractedInfo]
    """All facts about the user that it asserts, in the order of their values."""
    statements: list[Statement]
    """The same and those about others, with when they hold."""


def read_parsed(parsed: Parsed, table: Table, said_at: float | None) -> Reading:
    """What a parsed text says.

    Pure: nothing but the parse and the table decides.

    Args:
        said_at: When it was said, in seconds since the Unix epoch (UTC), for statements; None for facts about the user.
    """
    doc = mended(parsed.doc)
    parsed = parsed if doc is parsed.doc else replace(parsed, doc=doc)
    dates = doc.user_data["dates"] = date_tokens(doc)
    quoted = quotations(doc.text)
    asserted = [
        clause
        for clause in clauses(doc, parsed.names, table)
        if standing(clause, parsed.names, quoted, table) == "asserted"
    ]
    return Reading(
        [] if said_at is not None else _infos(parsed, asserted, dates, quoted, table),
        [] if said_at is None else stated(Scene(parsed, dates, table, said_at), asserted, quoted),
    )


def _infos(
    parsed: Parsed,
    asserted: Sequence[Clause],
    dates: dict[int, tuple[int, int]],
    quoted: Sequence[tuple[int, int]],
    table: Table,
) -> list[ExtractedInfo]:
    found = [item for clause in asserted for item in _applied(clause, parsed, dates, quoted, table)]
    found += mentioned(parsed, asserted, dates, quoted, table)
    kept = _distinct(found)
    return [_info(item, parsed, table) for item in sorted(kept, key=lambda f: (f.start, f.end, f.info_type))]


def date_tokens(doc: Any) -> dict[int, tuple[int, int]]:
    """Tokens of dates, each with the (first token, token after the last) of its date."""
    found: dict[int, tuple[int, int]] = {}
    for match in DATE.finditer(doc.text):
        span = doc.char_span(*match.span(), alignment_mode="expand")
        if span is not None:
            found.update(dict.fromkeys(range(span.start, span.end), (span.start, span.end)))
    return found


def _applied(
    clause: Clause, parsed: Parsed, dates: dict[int, tuple[int, int]], quoted: Sequence[tuple[int, int]], table: Table
) -> Iterator[Found]:
    taken: set[str] = set()
    for rule in table.rules:
        if rule.type is None or rule.type in taken or not _fits(rule, clause):
            continue
        for head in heads(rule, clause):
            if (
                (head != clause.verb and is_denied(head))
                or not is_allowed(rule, head, table, dates)
                or (head.tag_.startswith("V") and _is_within(head, quoted))
            ):
                continue
            start, end = dates[head.i] if rule.shape == "date" else value_span(head, rule.extent, dates)
            content = rule.content or "{clause}"
            value = plain_text(parsed.doc, start, end)
            taken.add(rule.type)
            words = {"subject": parsed.subject, "value": value, "a value": with_article(value)}
            if "{clause}" in content:
                words["clause"] = say(clause, parsed, table)
            yield Found(rule.type, start, end, content.format(**words), rule.confidence)


def _is_within(token: Any, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= token.idx < end for start, end in spans)


def _fits(rule: Rule, clause: Clause) -> bool:
    return (
        not clause.phase
        and clause.time in rule.time
        and (rule.negated == "any" or clause.negated == (rule.negated == "yes"))
        and any(_is_subject(test, clause) for test in rule.subject)
        and fits(rule, clause)
    )


def _is_subject(test: SubjectTest, clause: Clause) -> bool:
    if test.owner == "any":
        return True
    if test.owner == "none" and clause.verb.tag_ not in ("VB", "VBP"):
        return False
    if clause.owner != test.owner:
        return False
    return test.nouns is None or (clause.subject is not None and not forms(clause.subject).isdisjoint(test.nouns))


def _distinct(found: list[Found]) -> list[Found]:
    """Each value once a type: of overlapping ones the surer, then the longer."""
    kept: list[Found] = []
    birthdays = {(f.start, f.end) for f in found if f.info_type == "birthday"}
    found = [f for f in found if f.info_type != "date" or (f.start, f.end) not in birthdays]
    for item in sorted(found, key=lambda f: (-f.confidence, f.start - f.end, f.start)):
        if not any(
            item.info_type == other.info_type and item.start < other.end and other.start < item.end for other in kept
        ):
            kept.append(item)
    return kept


def _info(item: Found, parsed: Parsed, table: Table) -> ExtractedInfo:
    span = parsed.doc[item.start : item.end]
    start, end = parsed.spelled.original(span.start_char, span.end_char)
    entry = table.types[item.info_type]  # type: ignore[index]
    return ExtractedInfo(
        content=item.content,
        info_type=item.info_type,
        value=parsed.original[start:end],
        suggested_type=entry.memory_type,
        importance_score=entry.importance,
        confidence=item.confidence,
        span=(start, end),
    )
