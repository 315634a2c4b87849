"""A statement on its way through the rules, and what things are called."""

from dataclasses import dataclass, replace
from typing import Any

from coda_graphmem.facts.values import value_key
from coda_graphmem.language.dates import MONTHS, WEEKDAYS

_CALENDAR_WORDS = frozenset(MONTHS) | frozenset(WEEKDAYS)
_PLAIN = frozenset("DT PRP$ PDT WDT CC".split())
_WHICH = _CALENDAR_WORDS | frozenset(
    """rescheduled postponed new current old next upcoming latest own previous original updated actual exact same
    whole""".split()
)


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


def pet_key(value: str) -> str | None:
    """The normal form of a pet that has a name, so that there may be two dogs; None for one without."""
    kind, called, name = value.replace(" called ", " named ").partition(" named ")
    return f"{value_key(kind)} named {value_key(name)}" if called else None


def thing_name(thing: Any, *, after_event: bool = False) -> str:
    """What a thing is called: "the deadline for the report" is the "report deadline"."""
    before = [
        t.lower_
        for t in thing.doc[thing.left_edge.i : thing.i]
        if t.tag_ not in _PLAIN and t.lower_ not in _WHICH and t.dep_ in ("compound", "amod", "nmod")
    ]
    after: list[str] = []
    for child in thing.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "for", "with", "to", "at"):
            for filler in child.children:
                if child.lower_ in ("to", "at") and filler.tag_ != "NNP":
                    continue
                if (
                    filler.dep_ == "pobj"
                    and filler.lower_ not in _CALENDAR_WORDS
                    and (
                        filler.tag_ in ("NN", "NNS", "NNP", "NNPS") or (child.lower_ == "with" and filler.tag_ == "JJ")
                    )
                ):
                    after += [*(t.lower_ for t in filler.children if t.dep_ in ("compound", "amod")), filler.lower_]
    name = " ".join((*after, *before, thing.lower_))
    if after_event and len(name.split()) > 1:
        name = name.rpartition(" ")[0]  # "the launch date" is when the launch is
    return name.replace("favourite", "favorite").replace("fave ", "favorite ")
