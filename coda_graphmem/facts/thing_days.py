"""On which day, or at which hour, a thing takes place that somebody tells of."""

import re
from collections.abc import Iterator
from dataclasses import replace

from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.phrases import plain_text
from coda_graphmem.facts.thing_subject import ORDINAL, Thing
from coda_graphmem.facts.times import day_key
from coda_graphmem.facts.told import Told
from coda_graphmem.facts.values import value_key
from coda_graphmem.language.syntax import follow

_CLOCK = re.compile(
    r"^,?\s*(?:at|@)\s*(?:noon|midnight|(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock)?)(?=\W|$)",
    re.IGNORECASE,
)
_HOUR = re.compile(
    r"(?P<time>noon|midnight|\d{1,2}(?:[:.]\d\d)?(?:\s?[ap]\.?m\.?|\s?o['’]clock)?)(?: sharp)?", re.IGNORECASE
)
_CLOCK_BEFORE = re.compile(
    r"\bat (?:noon|midnight|\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock)?),? on$"
    r"|\b\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock),? on$",
    re.IGNORECASE,
)
#: What a thing does on a day that it is known by.
_DATED = frozenset(("expire", "end", "finish", "run out", "start", "begin", "open", "ship", "launch", "renew"))


def day_told(clause: Clause, thing: Thing, subject: str, scene: Scene) -> Iterator[Told]:
    """The day of an appointment. One that is not told from others is one only where the clause says what it became."""
    number = next((t.text for t in thing.noun.children if t.dep_ == "nummod" and t.i == thing.noun.i + 1), None)
    is_one = thing.is_changed or " " in thing.name or thing.name in scene.table.words["once"] or number is not None
    if clause.negated or not is_one:
        return
    if number is not None:
        whole = thing.name.removesuffix(" end")  # "release 3.0"
        thing = replace(thing, name=f"{whole} {number}{thing.name[len(whole) :]}")
    doc = clause.verb.doc
    spans = {**_ordinals(clause), **scene.dates}
    inside = sorted({spans[t.i] for t in clause.top.subtree if t.i in spans and t.i > clause.verb.i})
    inside = [span for span in inside if not any(start <= thing.noun.i < end for start, end in (span,))]
    chosen: list[tuple[int, int]] = []
    for start, end in inside:
        before = [doc[i].lower_ for i in range(max(0, start - 2), start)]
        if not {"since", "after", "before"}.isdisjoint(before):
            continue
        if "from" in before or "not" in before:
            words = plain_text(doc, start, end)
            key = day_key(words, scene.said_at) or value_key(words)
            yield Told(subject, thing.name, words, False, 0.85, is_dated=True, key=key)
            continue
        if "of" in before and "instead" in before:
            continue
        chosen.append((start, end))
    if not chosen:
        yield from _hour(clause, thing, subject)
        return
    start, end = chosen[0]
    words = plain_text(doc, start, end)
    key = day_key(words, scene.said_at) or value_key(words)
    clock = _CLOCK.match(doc[end : min(len(doc), end + 6)].text) or _CLOCK_BEFORE.search(
        doc[clause.verb.i : start].text
    )
    if clock is not None:
        time = clock.group().strip(" ,.").removesuffix(" on")
        words, key = f"{words} {time}", f"{key} {value_key(time) or time}"
    yield Told(subject, thing.name, words, True, 0.85, is_dated=True, key=key)


def _hour(clause: Clause, thing: Thing, subject: str) -> Iterator[Told]:
    """The hour that something was moved to where no day is told: "the standup got moved to **9:45**"."""
    if not thing.is_changed:
        return
    for way in ("to", "at", "until", "till"):
        for head in follow(clause.verb, (way,)):
            match = _HOUR.fullmatch(head.doc[head.left_edge.i : head.right_edge.i + 1].text.removesuffix(" now"))
            if match is not None:
                words = match["time"]
                yield Told(subject, thing.name, words, True, 0.8, is_dated=True, key=value_key(words))
                return


def _ordinals(clause: Clause) -> dict[int, tuple[int, int]]:
    """Days of a month that nothing else of the clause names: "from **the 9th** to **the 16th**", "is **the 20th**"."""
    return {
        t.i: (t.left_edge.i, t.i + 1)
        for t in clause.top.subtree
        if ORDINAL.fullmatch(t.lower_)
        and (
            (t.dep_ == "pobj" and t.head.lower_ in ("on", "to", "from", "by", "until"))
            or (t.dep_ == "attr" and t.head == clause.verb and t.left_edge.lower_ == "the")
            # "the 20th, not **the 15th**"
            or (t.dep_ == "appos" and ORDINAL.fullmatch(t.head.lower_) and t.left_edge.lower_ == "the")
        )
    }


def lasts(clause: Clause) -> bool:
    """Whether a clause says when something is over: "my contract **runs until** December"."""
    return clause.verb.lemma_ in ("run", "last", "go", "be") and any(
        follow(clause.verb, (way,)) for way in ("until", "till")
    )


def runs_out(clause: Clause, thing: Thing) -> bool:
    """Whether a clause tells a day of a thing: "the API key **expires** on 1 July", "sprint 12 **ends** on Friday"."""
    is_told_apart = " " in thing.name or thing.owner is not None or any(t.dep_ == "nummod" for t in thing.noun.children)
    return (
        is_told_apart
        and clause.subject == thing.noun
        and clause.name in _DATED
        and clause.time in ("present", "future")
    )
