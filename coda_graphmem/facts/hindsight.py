"""What was known at an earlier moment, when nobody knew what was said later: the facts, and which memories were over.

Pure; a store keeps what is over now alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from coda_graphmem.facts.outdated import Judged, Told, by_facts, by_hand
from coda_graphmem.facts.timeline import StatedMemory, sayings, settle
from coda_graphmem.models import Fact, Outdated


class Known(NamedTuple):
    """What was known at a moment of some memories and of those that speak of the same."""

    outdated: list[Outdated]
    facts: list[Fact]


def known(memories: Sequence[StatedMemory], memory_ids: Collection[str], at: float) -> Known:
    """What was known at a moment.

    Args:
        memories: All memories of a namespace with what they say.
        memory_ids: The memories asked about; told is also what other memories say of the same attributes.
        at: The moment, in seconds.
    """
    said = [memory for memory in memories if memory.timestamp <= at]
    asked = _slots(memory for memory in said if memory.memory_id in memory_ids)
    concerned = {memory.memory_id for memory in said if _slots([memory]) & asked}
    # A memory is over by as much as all its facts are, whichever of them was asked about.
    slots = _slots(memory for memory in said if memory.memory_id in concerned)
    then = sayings(said, as_of=at)
    facts = settle(one for one in then if (one.statement.subject_key, one.statement.attribute) in slots)
    told: defaultdict[str, list[Told]] = defaultdict(list)
    for fact, over_since in facts:
        for memory_id in fact.memory_ids:
            told[memory_id].append(Told(fact.attribute, over_since, fact.known_from, fact.known_until, fact.ended_by))
    judged = {memory.memory_id: _judged(memory, at) for memory in said if memory.memory_id in concerned}
    found = [by_hand(name, hand) or by_facts(name, told[name]) for name, hand in judged.items()]
    return Known([one for one in found if one is not None], [settled.fact for settled in facts])


def _slots(memories: Iterable[StatedMemory]) -> set[tuple[str, str]]:
    return {(one.subject_key, one.attribute) for memory in memories for one in memory.statements}


def _judged(memory: StatedMemory, at: float) -> Judged:
    is_known = memory.standing_at is not None and memory.standing_at <= at
    again = memory.last_said_at if memory.last_said_at is not None and memory.last_said_at <= at else None
    return Judged(
        memory.standing if is_known else None, memory.standing_at, memory.superseded_by if is_known else None, again
    )
