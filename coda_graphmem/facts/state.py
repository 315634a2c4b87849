"""What holds at a moment, of facts and of statements; pure."""

from collections.abc import Iterable

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.facts.timeline import StatedMemory, sayings, settle
from coda_graphmem.models import Fact


def holds(fact: Fact, at: float) -> bool:
    """Whether a fact holds at a moment (seconds, UTC); what ends then does not any more."""
    return (fact.valid_from is None or fact.valid_from <= at) and (fact.valid_until is None or at < fact.valid_until)


def known_at(memories: Iterable[StatedMemory], at: float) -> list[Fact]:
    """The facts as they were known at a moment, past ones included: of what was said later nobody knew."""
    return [settled.fact for settled in settle(sayings(memories, as_of=at))]


def holding(facts: Iterable[Fact], at: float) -> list[Fact]:
    """The facts that hold at a moment, in their order, what is affirmed before what is denied.

    What is denied is left out where it says nothing more: an attribute that has one value at a time has another one,
    or the denial names no value and so tells only of an end.
    """
    found = [fact for fact in facts if holds(fact, at)]
    affirmed = [fact for fact in found if fact.polarity]
    taken = {_slot(fact) for fact in affirmed if attribute(fact.attribute).is_exclusive}
    denied = [fact for fact in found if not fact.polarity and fact.value_key and _slot(fact) not in taken]
    return sorted(affirmed + denied, key=lambda fact: (_slot(fact), not fact.polarity))


def _slot(fact: Fact) -> tuple[str, str]:
    return fact.subject_key, fact.attribute
