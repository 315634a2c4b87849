"""Compares the facts that a store keeps with those that its statements make. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.facts.timeline import Settled
from coda_graphmem.models import Fact

#: A subject and an attribute of it.
_Slot = tuple[str, str]


class Flaws(NamedTuple):
    """What is wrong with the facts of a namespace."""

    without_sources: int
    """Facts that no memory says."""
    overlapping: int
    """Facts that hold while another value does, of an attribute that has one value at a time."""
    wrong: int
    """Facts that are others than their statements make, are missing, or follow from none."""
    slots: list[tuple[str, str]]
    """The subjects' attributes with wrong facts."""


def find_flaws(kept: Iterable[Settled], made: Iterable[Settled]) -> Flaws:
    """What is wrong with facts.

    Args:
        kept: Those that a store keeps.
        made: Those that its statements make.
    """
    present = {one.fact.fact_id: one for one in kept}
    wanted = {one.fact.fact_id: one for one in made}
    wrong = [fact_id for fact_id in present.keys() | wanted.keys() if present.get(fact_id) != wanted.get(fact_id)]
    return Flaws(
        without_sources=sum(not one.fact.memory_ids for one in present.values()),
        overlapping=_overlapping(one.fact for one in present.values()),
        wrong=len(wrong),
        slots=sorted({_slot((present.get(fact_id) or wanted[fact_id]).fact) for fact_id in wrong}),
    )


def _overlapping(facts: Iterable[Fact]) -> int:
    slots: defaultdict[_Slot, list[tuple[float, float]]] = defaultdict(list)
    for fact in facts:
        start = float("-inf") if fact.valid_from is None else fact.valid_from
        end = float("inf") if fact.valid_until is None else fact.valid_until
        if fact.polarity and start < end and attribute(fact.attribute).is_exclusive:
            slots[_slot(fact)].append((start, end))
    found = 0
    for spans in slots.values():
        last = float("-inf")
        for start, end in sorted(spans):
            found += start < last
            last = max(last, end)
    return found


def _slot(fact: Fact) -> _Slot:
    return fact.subject_key, fact.attribute
