"""Applies the table of rules to a parsed text."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from coda_graphmem.facts.assertion import quotations, standing
from coda_graphmem.facts.clauses import Clause, clauses
from coda_graphmem.facts.findings import Found, Parsed, say
from coda_graphmem.facts.mentions import mentioned
from coda_graphmem.facts.phrases import (
    forms,
    is_measure,
    is_person,
    is_place,
    is_proper,
    value_span,
    with_article,
)
from coda_graphmem.facts.table import Path, Rule, SubjectTest, Table, WordTest
from coda_graphmem.language.dates import DATE
from coda_graphmem.language.syntax import follow
from coda_graphmem.models import ExtractedInfo


def find_facts(parsed: Parsed, table: Table) -> list[ExtractedInfo]:
    """All facts about the user that a text asserts, in the order of their values.

    Pure: nothing but the parse and the table decides.
    """
    doc = parsed.doc
    dates = doc.user_data["dates"] = date_tokens(doc)
    quoted = quotations(doc.text)
    asserted = [
        clause
        for clause in clauses(doc, parsed.names, table)
        if standing(clause, parsed.names, quoted, table) == "asserted"
    ]
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
        if rule.type in taken or not _fits(rule, clause):
            continue
        for head in _heads(rule, clause):
            if not _allowed(rule, head, table, dates) or (head.tag_.startswith("V") and _is_within(head, quoted)):
                continue
            start, end = dates[head.i] if rule.shape == "date" else value_span(head, rule.extent, dates)
            content = rule.content or "{clause}"
            value = " ".join(parsed.doc[start:end].text.split())
            taken.add(rule.type)
            words = {"subject": parsed.subject, "value": value, "a value": with_article(value)}
            if "{clause}" in content:
                words["clause"] = say(clause, parsed, table)
            yield Found(rule.type, start, end, content.format(**words), rule.confidence)


def _is_within(token: Any, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= token.idx < end for start, end in spans)


def _fits(rule: Rule, clause: Clause) -> bool:
    return (
        (rule.verb is None or clause.name in rule.verb or clause.verb.lower_ in rule.verb)
        and clause.time in rule.time
        and (clause.modal or "none") in rule.modal
        and (rule.negated == "any" or clause.negated == (rule.negated == "yes"))
        and (rule.progressive is None or clause.progressive == rule.progressive)
        and any(_is_subject(test, clause) for test in rule.subject)
        and (rule.quality is None or _has(clause.subject, rule.quality))
        and (rule.adverb is None or _has(clause.verb, rule.adverb))
        and all(_holds(path, test, clause) for path, test in rule.where.items())
        and not any(_holds(path, test, clause) for path, test in rule.where_not.items())
    )


def _has(token: Any | None, words: Collection[str]) -> bool:
    return token is not None and any(child.lower_ in words for child in token.children)


def _is_subject(test: SubjectTest, clause: Clause) -> bool:
    if test.owner == "any":
        return True
    if test.owner == "none" and clause.verb.tag_ not in ("VB", "VBP"):
        return False
    if clause.owner != test.owner:
        return False
    return test.nouns is None or (clause.subject is not None and not forms(clause.subject).isdisjoint(test.nouns))


def _holds(path: Path, test: WordTest | None, clause: Clause) -> bool:
    return any(test is None or test.holds(forms(token)) for token in _reached(path, clause))


def _reached(path: Path, clause: Clause) -> list[Any]:
    """What a path leads to; the subject may be that of another verb."""
    if path[0] == "subject":
        return [] if clause.subject is None else follow(clause.subject, path[1:])
    return follow(clause.verb, path)


def _heads(rule: Rule, clause: Clause) -> list[Any]:
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
    return (rule.among is None or rule.among.holds(words)) and not (rule.not_among and rule.not_among.holds(words))


def _allowed(rule: Rule, head: Any, table: Table, dates: Collection[int]) -> bool:
    if rule.shape == "date":
        return head.i in dates
    if head.i in dates or is_measure(head) or head.tag_ in ("PRP", "DT", "WP") or _leans(head):
        return False
    if rule.shape == "place":
        return is_place(head, table.words["places"])
    return _SHAPES[rule.shape](head)


_SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "proper": lambda head: is_proper(head) or bool(follow(head, ("called",))),
    "common": lambda head: not is_proper(head),
    "thing": lambda head: bool(head.tag_.startswith("NN")),
    "doing": lambda head: bool(head.tag_ == "VBG"),
    "person": is_person,
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
