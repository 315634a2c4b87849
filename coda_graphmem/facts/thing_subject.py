"""Which thing a clause is about: the one that it names, what "it" stands for, and whose it is."""

import re
from dataclasses import dataclass
from typing import Any

from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.findings import Scene
from coda_graphmem.facts.holders import Holder, possessor
from coda_graphmem.facts.table import Table
from coda_graphmem.facts.told import thing_name
from coda_graphmem.language.pronouns import OWNERS
from coda_graphmem.language.syntax import follow

ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th)")
_PUTTING_OFF = frozenset("move push shift postpone reschedule delay slip bring change".split())
_I_MEAN = re.compile(r"\bI mean\W*$")
NOUNS = frozenset("NN NNS NNP NNPS".split())


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that a clause says something of."""

    noun: Any
    name: str
    owner: Holder | None
    is_event: bool
    """Whether it takes place on a day."""
    is_changed: bool
    """Whether the clause says that something of it has become another."""


def thing_of(clause: Clause, whose: Holder | None, table: Table, earlier: Clause | None) -> tuple[Any | None, bool]:
    """The thing whose value a clause gives, and whether it is said to change."""
    moves = clause.verb.lemma_ in table.words["changing"] or (
        clause.name == "be"
        and clause.time == "present"
        and any(t.lower_ in ("now", "actually", "instead") for t in clause.verb.children)
    )
    # "Hosting **went up to 300 dollars**" does nothing to dollars.
    objects = [t for t in clause.verb.children if t.dep_ == "dobj" and t.ent_type_ not in ("MONEY", "PERCENT")]
    done = [] if clause.name == "be" or not moves else objects[:1]
    is_cancelled = clause.name.replace(" ", "-") in table.words["cancelling"]
    if not done and whose is not None and whose.kind == "user" and clause.subject is not None:
        is_had = is_cancelled or clause.name in table.words["having"]
        return objects[0] if objects and is_had else None, moves
    if not done and is_cancelled:  # "The physio cancelled my appointment"
        done = [t for t in objects if any(c.lower_ in OWNERS for c in t.children if c.dep_ == "poss")]
    if done:
        return done[0], moves
    if whose is not None:
        return None, False
    if clause.name == "be" and clause.subject is not None and clause.subject.lower_ in ("it", "that"):
        return _meant(clause) or _before(earlier, clause), True
    return clause.subject, moves


def _before(earlier: Clause | None, clause: Clause) -> Any | None:
    """The thing of the clause before: "**the gym membership** runs out in April, it's 32 euros a month"."""
    if earlier is None or earlier.subject is None or clause.subject is None or clause.subject.lower_ != "it":
        return None
    is_thing = earlier.owner in ("own", "other") and earlier.subject.tag_ in NOUNS
    return earlier.subject if is_thing and earlier.verb.sent == clause.verb.sent else None


def _meant(clause: Clause) -> Any | None:
    """What "it" is: "it's Wednesday, for **the optician**", "it's on Thursday, the **dentist** I mean"."""
    for place in (clause.verb, *clause.verb.children):
        for noun in follow(place, ("for",)):
            if noun.tag_ in ("NN", "NNP") and any(t.dep_ in ("det", "poss") for t in noun.children):
                return noun
    return next(
        (t for t in clause.top.sent if t.dep_ == "appos" and t.tag_ == "NN" and _I_MEAN.search(t.sent.text)), None
    )


def named_thing(noun: Any, scene: Scene, *, is_changed: bool, is_put_off: bool) -> Thing | None:
    """The thing that a noun stands for, unless it is somebody's whom nobody names."""
    owner = possessor(noun, scene.parsed, scene.table)
    if owner is None and any(t.dep_ == "poss" for t in noun.children):
        return None
    is_day = noun.lower_ in ("date", "day", "time")
    events = [t for t in noun.children if t.dep_ in ("compound", "amod")] if is_day else [noun]
    is_visit = (noun.dep_ == "appos" or noun.head.lower_ == "for") and (
        scene.has("acquaintances", noun) or noun.lower_ in ("hospital", "hairdresser", "garage", "clinic")
    )
    is_event = is_put_off or any(any(scene.has(words, t) for words in ("events", "dated", "once")) for t in events)
    name = thing_name(noun, after_event=is_event and is_day and not any(t.lower_ == "due" for t in events))
    if is_visit and is_changed:
        return Thing(noun, f"{name} appointment", owner, True, is_changed)
    return Thing(noun, name, owner, is_event, is_changed)


def is_put_off(clause: Clause, scene: Scene) -> bool:
    """Whether a thing is moved to a day, which only what takes place on one is: "pushed the kickoff to **Monday**"."""
    return clause.verb.lemma_ in _PUTTING_OFF and any(
        t.i in scene.dates or ORDINAL.fullmatch(t.lower_)
        for way in ("to", "until", "till")
        for place in (
            clause.verb,
            *follow(clause.verb, ("object",)),
            *(t for t in clause.verb.children if t.dep_ == "advmod"),
        )
        for t in follow(place, (way,))
    )
