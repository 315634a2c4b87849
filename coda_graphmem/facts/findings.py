"""A parsed text, and what was found in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coda_graphmem.facts.asides import Aside
from coda_graphmem.facts.clauses import Clause
from coda_graphmem.facts.contractions import Spelled
from coda_graphmem.facts.phrases import forms
from coda_graphmem.facts.table import Table
from coda_graphmem.facts.third_person import statement


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text on its way through the rules."""

    doc: Any
    """spaCy's parse of the text in full spelling."""
    spelled: Spelled
    original: str
    subject: str
    """What statements call the user."""
    asides: tuple[Aside, ...] = ()
    """What was named as not meant, which the parse lacks."""

    @property
    def names(self) -> frozenset[str]:
        """What the user may be called, in lower case."""
        return frozenset({self.subject.lower(), "user"})


@dataclass(frozen=True, slots=True)
class Scene:
    """What every clause of a text is read with."""

    parsed: Parsed
    dates: Mapping[int, tuple[int, int]]
    """Tokens of dates, each with its date."""
    table: Table
    said_at: float
    """When the text was said (seconds since the Unix epoch, UTC)."""

    def has(self, words: str, token: Any) -> bool:
        """Whether a word is in a list of the table."""
        return not forms(token).isdisjoint(self.table.words[words])


@dataclass(frozen=True, slots=True)
class Found:
    """A value of one type, and the statement it was found in."""

    info_type: str
    start: int
    """First token of the value."""
    end: int
    content: str
    confidence: float


def say(clause: Clause, parsed: Parsed, table: Table) -> str:
    """The clause in the third person."""
    top = clause.top
    while clause.inherited and top.dep_ == "advcl" and top.tag_ == "VBG":
        top = top.head  # "I grew up speaking Dutch"
    return statement(
        top, clause.subject, clause.inherited and top == clause.top, parsed.subject, table.words["openings"]
    )
