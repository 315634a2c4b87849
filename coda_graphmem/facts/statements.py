"""What a parsed text states: of whom, which attribute, which value, from when until when."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.exchanges import exchanged
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.habits import habit_statements
from coda_graphmem.facts.holders import Holder, holder, holders, possessor
from coda_graphmem.facts.matches import fits, heads, is_allowed, is_denied
from coda_graphmem.facts.phrases import forms, joined, plain_text, value_span, without_joined
from coda_graphmem.facts.regularity import is_at_times, is_regular
from coda_graphmem.facts.roles import (
    acting_statements,
    chosen_statements,
    contact_statements,
    described_statements,
    others_statements,
    pronoun_statements,
    role_statements,
)
from coda_graphmem.facts.table import Rule
from coda_graphmem.facts.things import thing_statements
from coda_graphmem.facts.times import Stretch, clause_words, day_key, stretch
from coda_graphmem.facts.told import Told, pet_key
from coda_graphmem.facts.values import subject_key, value_key
from coda_graphmem.language.pronouns import OWNERS
from coda_graphmem.language.syntax import follow
from coda_graphmem.models import Statement

_STATUS = {
    "marry": "married",
    "engage": "engaged",
    "divorce": "divorced",
    "separate": "separated",
    "widow": "widowed",
    "smoke": "smoking",
}
#: Words of time at the end of a value.
_EDGES = re.compile(
    r"(?:,?\s+(?:these days|nowadays|lately|right now|at the moment|at the minute|for now|again|now|currently|any ?more"
    r"|for a living|btw|lol|haha|tbh|honestly|actually"
    r"|this (?:year|month|week)|so far|from (?:the|a|an|our|my) [\w ]+|as well|too"
    r"|a lot|very much|so much|the most|the best))+$",
    re.IGNORECASE,
)
#: As the parse was given it.
_TYPE = re.compile(r"\btype-([12])\b")
_WHEN = frozenset("since when while after before until till as once whenever".split())
#: What somebody may have a second one of, at times.
_AT_TIMES = {"employer": "second employer", "residence": "second residence"}
#: Who starts somewhere plans to: it is said once.
_SETTLED = frozenset({"employer", "school"})
#: Longer values are sentences.
_MOST_WORDS = 12
LEAST_CONFIDENT = 0.6
"""Readings that are right less often are left out: a wrong statement is worse than a missing one."""


def stated(scene: Scene, asserted: Sequence[Clause], quoted: Sequence[tuple[int, int]]) -> list[Statement]:
    """The statements of a text in its order, each once.

    Args:
        asserted: The clauses that it asserts.
        quoted: Where quotations stand in it.
    """
    found: list[Told] = []
    last: Holder | None = None
    earlier: Clause | None = None
    told_of: list[tuple[int, Holder]] = []
    for clause in asserted:
        whose = holder(clause, scene.parsed, scene.table, last)
        several = holders(clause, whose, scene.parsed, scene.table, last)
        if whose is not None:
            told_of.append((clause.verb.i, whose))
            last = last if whose.kind == "user" else whose
        told = [_at_times(one, clause) for each in several for one in _ruled(clause, each, last, scene)]
        if not told:
            told += habit_statements(clause, whose, scene, is_regular=is_regular(clause_words(clause)))
        told += thing_statements(clause, whose, scene, earlier)
        earlier = clause
        if not any(one.attribute == "residence" for one in told):
            told += exchanged(clause, whose, scene)
        told += _not_meant(clause, told, scene)
        told += _put_right(clause, found, scene)
        found += _timed(clause, told, scene.said_at)
    roles = list(role_statements(scene, asserted, quoted))
    found += roles
    found += _others_not_meant(roles, scene)
    found += others_statements(scene, asserted, quoted, told_of)
    found += described_statements(scene, asserted, quoted)
    found += acting_statements(scene, asserted)
    found += contact_statements(scene, quoted)
    found += pronoun_statements(scene, quoted)
    found += chosen_statements(asserted, found)
    return list(_distinct(_statement(one) for one in found if one.confidence >= LEAST_CONFIDENT))


def _at_times(one: Told, clause: Clause) -> Told:
    """The same beside others where it is so only at times: "I work at a bar **in the evenings**"."""
    if one.attribute not in _AT_TIMES or not one.polarity or not is_at_times(clause_words(clause)):
        return one
    return replace(one, attribute=_AT_TIMES[one.attribute])


def _ruled(clause: Clause, whose: Holder | None, last: Holder | None, scene: Scene) -> Iterator[Told]:
    """What the rules of the table find: of one attribute the first that finds a value, and the first that ends one.

    "I traded my flute for a clarinet" ends one thing and begins another.
    """
    if _tells_when(clause):
        return
    taken: set[tuple[str, bool]] = set()
    for rule in scene.table.stating_with({clause.name, clause.verb.lower_}):
        if rule.attribute is None or (rule.attribute, rule.ends) in taken:
            continue
        if rule.attribute == "employer" and rule.ends and ("residence", True) in taken:
            continue  # "We left Bristol", which passes for a company
        if rule.attribute == "plan" and not _SETTLED.isdisjoint(attribute for attribute, _ in taken):
            continue
        subject = _subject(rule, clause, whose, last, scene)
        if subject is None or not fits(rule, clause):
            continue
        found = list(_told(rule, clause, subject, scene))
        if found:
            taken.add((rule.attribute, rule.ends))
            yield from found


def _told(rule: Rule, clause: Clause, subject: Holder, scene: Scene) -> Iterator[Told]:
    """What one rule finds in a clause that it fits."""
    assert rule.attribute is not None
    if rule.attribute == "name" and subject.kind == "relative":
        return  # it is who they are to the user
    polarity = _polarity(rule, clause)
    is_over = clause.phase == "formerly" or (clause.time == "past" and clause.time not in rule.time)
    if polarity is None or (is_over and not _may_be_over(rule, clause, subject, polarity=polarity)):
        return
    if not is_over and clause.time not in rule.time:
        return
    if not rule.value:
        yield Told(subject.name, rule.attribute, "", polarity, rule.confidence, is_over=is_over)
        return
    if rule.shape == "count":
        yield from _counted(rule, clause, subject, scene, polarity=polarity)
        return
    found = list(_values(rule, clause, scene))
    if found and rule.replaces and polarity and not is_over:
        yield Told(subject.name, rule.attribute, "", False, rule.confidence)
    for value, denied in found:
        if denied and (is_over or not polarity):
            continue
        yield from _housed(
            Told(
                subject.name,
                rule.attribute,
                rule.says.format(value=_trimmed(value)),
                polarity and not denied,
                rule.confidence,
                is_over=is_over,
                is_start=rule.starts and not denied,
                is_dated=rule.shape == "date",
                key=pet_key(value) if rule.attribute == "pet" else None,
            )
        )


def _trimmed(value: str) -> str:
    """A value without words of time behind it, and of denial before it."""
    plain = _TYPE.sub(r"type \1", _EDGES.sub("", value))
    return plain.removeprefix("to ").removeprefix("not ").removeprefix("longer ")


def _may_be_over(rule: Rule, clause: Clause, subject: Holder, *, polarity: bool) -> bool:
    """Whether the past tense says that something is over. Of others by name texts tell too much that is long past."""
    if clause.phase == "formerly":
        return polarity
    return rule.over and polarity and subject.kind != "named"


def _tells_when(clause: Clause) -> bool:
    """Whether a clause only says when something else is: "**since I lost my job**"."""
    return clause.top.dep_ == "advcl" and any(
        t.lower_ in _WHEN and t.dep_ in ("mark", "advmod", "prep") for t in clause.top.children
    )


def _housed(one: Told) -> Iterator[Told]:
    """Street and number apart from the town."""
    if one.attribute != "residence" or not one.value[:1].isdigit():
        yield one
        return
    street, _, town = one.value.partition(" in ")
    yield replace(one, attribute="address", value=street)
    if town:
        yield replace(one, value=town)


def _subject(rule: Rule, clause: Clause, whose: Holder | None, last: Holder | None, scene: Scene) -> Holder | None:
    """Whom a rule speaks of: rules for the user hold for everybody."""
    for test in rule.subject:
        if whose is not None and (test.owner == "self" or (test.owner == "user" and whose.kind == "user")):
            return whose
        if test.owner == "own" and clause.subject is not None:
            if test.nouns is not None and forms(clause.subject).isdisjoint(test.nouns):
                continue
            if rule.quality is not None and not any(t.lower_ in rule.quality for t in clause.subject.children):
                continue
            found = possessor(clause.subject, scene.parsed, scene.table, last)
            if found is not None:
                return found
        if test.owner == "other" and clause.owner == "other" and "is.poss" in _written(rule):
            return Holder(scene.parsed.subject, "user")
        if test.owner == "me" and _is_done_to_user(clause.verb):
            return Holder(scene.parsed.subject, "user")
        if test.owner == "none" and clause.owner == "none" and clause.verb.tag_ in ("VB", "VBP"):
            return Holder(scene.parsed.subject, "user")
    return None


def _is_done_to_user(verb: Any) -> bool:
    """Whether somebody does something to the user, or to a thing of theirs: "they made **me** team lead"."""
    done_to = [*follow(verb, ("object",)), *follow(verb, ("that", "subject"))]
    return any(
        t.lower_ in ("me", "us") or any(c.lower_ in OWNERS for c in t.children if c.dep_ == "poss") for t in done_to
    )


def _written(rule: Rule) -> set[str]:
    return {".".join(path) for path in rule.where}


def _polarity(rule: Rule, clause: Clause) -> bool | None:
    """Whether a value holds, or None where nothing can be said: "I did not quit"."""
    negated = clause.negated != (clause.phase == "stopped") if clause.phase else clause.negated
    if rule.negated == "yes":
        return not rule.ends if negated else None
    if negated and (rule.ends or rule.negated == "never"):
        return None
    return not (negated or rule.ends)


def _values(rule: Rule, clause: Clause, scene: Scene) -> Iterator[tuple[str, bool]]:
    """The values in the place of a rule, each with whether it is what is not meant."""
    dates, table = scene.dates, scene.table
    for head in heads(rule, clause):
        fine = is_allowed(rule, head, table, dates) or rule.shape != "liked"
        for one in (head, *joined(head)) if fine else ():
            if one.tag_.startswith("V") and one.dep_ == "conj" and one.tag_ != "VBG" and one != clause.verb:
                continue
            if is_allowed(rule, one, table, dates) or (rule.shape == "date" and one.i in dates):
                start, end = dates[one.i] if rule.shape == "date" else value_span(one, rule.extent, dates)
                end = end if rule.extent == "called" else without_joined(one, start, end)
                if rule.shape == "status":
                    yield _STATUS.get(one.lemma_.lower(), one.lower_), False
                    continue
                yield plain_text(clause.verb.doc, start, end), one != clause.verb and is_denied(one)
                if one is head and not joined(head) and not attribute(rule.attribute or "").is_exclusive:
                    yield from _trailing(clause.verb.doc, end)


def _counted(rule: Rule, clause: Clause, subject: Holder, scene: Scene, *, polarity: bool) -> Iterator[Told]:
    """How many of each thing: "two cats and **three** dogs"."""
    for head in heads(rule, clause):
        for one in (head, *joined(head)):
            number = next((t.text for t in one.children if t.dep_ == "nummod" and t.like_num), None)
            if number is None and one.tag_ == "NN" and scene.has("relatives", one) and one.conjuncts:
                # "Two sisters and **a brother**"
                counted = any(t.dep_ == "nummod" for other in one.conjuncts for t in other.children)
                number = "one" if counted and any(t.lower_ in ("a", "an") for t in one.children) else None
            if number is not None and polarity and rule.attribute is not None:
                attribute = rule.attribute.format(thing=one.lower_ if one.tag_ == "NNS" else f"{one.lower_}s")
                yield Told(subject.name, attribute, number, True, rule.confidence)


def _trailing(doc: Any, end: int) -> Iterator[tuple[str, bool]]:
    """What the parse lost of an enumeration: "peanuts and **shellfish**." where it takes the last for a verb."""
    if end + 1 >= len(doc) or doc[end].lower_ not in ("and", "or", "&"):
        return
    last = end + 1
    while last < len(doc) and not doc[last].is_punct and last - end <= 3:
        last += 1
    words = doc[end + 1 : last]
    if 1 <= len(words) <= 2 and all(
        t.is_alpha and t.tag_[:2] not in ("PR", "DT", "MD", "IN", "RB", "CC") for t in words
    ):
        yield words.text, False


def _not_meant(clause: Clause, told: Sequence[Told], scene: Scene) -> Iterator[Told]:
    """What a clause names as not meant beside what it says: ", **not at Vega**", "instead of **coffee**"."""
    words = sorted(clause.top.subtree, key=lambda t: t.i)
    if not words or clause.verb.lemma_ == "prefer":
        return
    start, end = words[0].idx, words[-1].idx + len(words[-1]) + 2
    for aside in scene.parsed.asides:
        before = scene.parsed.doc.text[: aside.at].rstrip()
        near = [one for one in told if one.polarity and one.value and before.endswith(one.value.split(" at ")[0])]
        affirmed = near or [one for one in told if one.polarity and one.value]
        if start <= aside.at <= end and affirmed and not affirmed[-1].is_over:
            one = affirmed[-1]
            key = (day_key(aside.words, scene.said_at) or None) if one.key is not None else None
            yield Told(one.subject, one.attribute, aside.words, False, one.confidence, is_dated=one.is_dated, key=key)


def _put_right(clause: Clause, before: Sequence[Told], scene: Scene) -> Iterator[Told]:
    """What is so in place of what was just denied: "my boss isn't Tom, **it's Ana**"."""
    is_it = clause.subject is not None and clause.subject.lower_ == "it"
    if not before or not is_it or clause.name != "be" or clause.negated or clause.time != "present":
        return
    denial = before[-1]
    names = [t for t in follow(clause.verb, ("is",)) if t.tag_ == "NNP" and t.text[:1].isupper()]
    if denial.attribute == "birthday" and not names:
        names = [t for way in ("in", "on", "is") for t in follow(clause.verb, (way,)) if t.i in scene.dates]
    is_said_here = (
        denial.value and denial.value in clause.verb.sent.text[: clause.verb.idx - clause.verb.sent.start_char]
    )
    if not denial.polarity and is_said_here and names:
        start, end = scene.dates.get(names[0].i) or value_span(names[0], "name", scene.dates)
        words = clause.verb.doc[start:end].text
        yield Told(denial.subject, denial.attribute, words, True, denial.confidence)


def _others_not_meant(roles: Sequence[Told], scene: Scene) -> Iterator[Told]:
    """Who is named as not meant beside who somebody is: "my manager is Kofi, **not Ben**"."""
    for aside in scene.parsed.asides:
        before = scene.parsed.doc.text[: aside.at].rstrip()
        if aside.words[:1].isupper():
            for one in (one for one in roles if one.polarity and one.value and before.endswith(one.value)):
                yield Told(one.subject, one.attribute, aside.words, False, one.confidence)


def _timed(clause: Clause, told: Sequence[Told], said_at: float) -> Iterator[Told]:
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
    statements = list(statements)
    named = {
        one.value_key.partition(" named ")[0]
        for one in statements
        if one.attribute == "pet" and " named " in one.value_key
    }
    # "We got a kitten, she's called Miso" tells of one.
    statements = [one for one in statements if one.attribute != "pet" or one.value_key not in named or not one.polarity]
    seen: set[tuple[str, str, str, bool]] = set()
    for one in statements:
        key = (one.subject_key, one.attribute, one.value_key, one.polarity)
        if key not in seen and (one.value_key or not one.value) and len(one.value.split()) <= _MOST_WORDS:
            seen.add(key)
            yield one
