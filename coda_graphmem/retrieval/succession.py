"""What does not hold any more at the time that a query asks about, and what stands in its place.

What both mean for an order is said by `coda_graphmem.retrieval.bequests`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.facts.hindsight import known
from coda_graphmem.facts.state import holds
from coda_graphmem.language.periods import Span
from coda_graphmem.language.question_time import QuestionTime, question_time
from coda_graphmem.models import Fact, Outdated, Validity
from coda_graphmem.store.protocol import MemoryStore
from coda_graphmem.threads import aside

#: Steps from one memory to the next that supersedes it, and memories, that are followed at most.
STEPS, _MOST = 20, 200

#: Reasons to be over that are no attributes.
BY_HAND = ("superseded", "retracted")
NO_ATTRIBUTES = (*BY_HAND, "update", "past")


@dataclass(frozen=True, slots=True)
class Succession:
    """The memories that are over at a moment."""

    over: Mapping[str, Outdated] = field(default_factory=dict)
    """By the id of each."""
    following: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By the id of one that is over: those that say the next value, where more than one does or another one tells of
    the end."""
    again: frozenset[str] = frozenset()
    """Ids of those that are over and say what holds again."""
    facts: Sequence[Fact] | None = None
    """What was known then, where the moment is an earlier one."""

    def __bool__(self) -> bool:
        return bool(self.over)

    def among(self, memory_ids: Collection[str]) -> "Succession":
        """What is over by the word of some memories alone."""
        over = {
            name: one
            for name, one in self.over.items()
            if name in memory_ids and (one.superseded_by is None or one.superseded_by in memory_ids)
        }
        following = {
            name: [other for other in later if other in memory_ids]
            for name, later in self.following.items()
            if name in over
        }
        return replace(self, over=over, following=following)

    def concerned(self) -> list[str]:
        """Ids of those that are over and those that supersede them."""
        return list(dict.fromkeys(name for one in self.over.values() for name in (one.memory_id, *self.after(one))))

    def after(self, one: Outdated) -> list[str]:
        """Ids of those that stand in the place of one that is over."""
        by = [] if one.superseded_by is None else [one.superseded_by]
        return list(dict.fromkeys([*by, *self.following.get(one.memory_id, ())]))

    def behind(self, memory_id: str) -> int:
        """How many that are over stand behind a memory."""
        before: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.over.values():
            for name in self.after(one):
                before[name].append(one.memory_id)
        seen = {memory_id}
        waiting = [memory_id]
        while waiting:
            for other in before[waiting.pop()]:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return len(seen) - 1


NOTHING_OVER = Succession()


class SuccessionFinder:
    """Asks a store which memories are over."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def find(
        self, namespace: str, memory_ids: Sequence[str], now: float, *, as_of: float | None = None
    ) -> Succession:
        """Which memories are over of some and of those that they supersede, and all on the way to what holds.

        Args:
            now: What is over later holds, in seconds.
            as_of: An earlier moment, at which what was said later was not known; None for what is known by now.
        """
        over: dict[str, Outdated] = {}
        asked: set[str] = set()
        wanted = list(dict.fromkeys(memory_ids))
        for _ in range(STEPS):
            found = await self._store.facts.outdated(namespace, wanted)
            over |= {one.memory_id: one for one in found if max(one.since, one.known_from) <= now}
            asked.update(wanted)
            further = (name for one in found for name in (one.memory_id, one.superseded_by))
            wanted = list(dict.fromkeys(name for name in further if name is not None and name not in asked))[:_MOST]
            if not wanted:
                break
        if as_of is None:
            attributes = {one.reason for one in over.values()} - {*NO_ATTRIBUTES}
            facts = await self._facts(namespace, over, {name for name in attributes if attribute(name).is_exclusive})
            return Succession(over, next_values(over, facts, now), holding_again(over, facts, now))
        stated = await self._store.facts.statements_beside(namespace, list(asked))
        then = await aside(100 * len(stated), known, stated, asked, as_of)
        by_others = {name: one for name, one in over.items() if one.reason in (*BY_HAND, "update")}
        by_facts = {one.memory_id: one for one in then.outdated if max(one.since, one.known_from) <= as_of}
        over = {**by_others, **by_facts}
        following = next_values(over, then.facts, now)
        return Succession(over, following, holding_again(over, then.facts, now), then.facts)

    async def held(
        self, namespace: str, succession: Succession, span: Span, memory_ids: Collection[str]
    ) -> dict[str, float]:
        """For how much of a time what memories say held, in [0, 1], by id of those that say facts.

        Args:
            memory_ids: Of whom it is asked; others may be told of too.
        """
        facts = succession.facts
        if facts is None:
            reasons = {one.reason for one in succession.over.values()}
            every = "past" in reasons  # of some attribute
            facts = await self._facts(namespace, memory_ids, None if every else reasons - {*NO_ATTRIBUTES})
        found: defaultdict[str, float] = defaultdict(float)
        for fact in facts:
            share = share_of(span, fact.valid_from, fact.valid_until)
            for memory_id in fact.memory_ids:
                found[memory_id] = max(found[memory_id], share if fact.polarity else 0.0)
        return dict(found)

    async def _facts(
        self, namespace: str, memory_ids: Collection[str], attributes: Collection[str] | None
    ) -> list[Fact]:
        """All facts of some attributes, None for all, about those of whom some memories say something of them."""
        if not memory_ids or (attributes is not None and not attributes):
            return []
        facts = await self._store.facts.facts_beside(namespace, list(memory_ids))
        return [fact for fact in facts if attributes is None or fact.attribute in attributes]


def next_values(over: Mapping[str, Outdated], facts: Sequence[Fact], now: float) -> dict[str, list[str]]:
    """By the id of a memory that is over: those that say the value that came next.

    Args:
        facts: Of attributes that have one value at a time, by time.
        now: What holds later only has not come, in seconds.
    """
    slots: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.polarity and attribute(fact.attribute).is_exclusive:
            slots[fact.subject_key, fact.attribute].append(fact)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for values in slots.values():
        for fact, then in pairwise(values):
            if (then.valid_from is None or then.valid_from <= now) and fact.valid_until is not None:
                for memory_id in fact.memory_ids:
                    if memory_id in over:
                        found[memory_id] += [name for name in then.memory_ids if name != memory_id]
    return dict(found)


def holding_again(over: Mapping[str, Outdated], facts: Sequence[Fact], now: float) -> frozenset[str]:
    """Ids of memories that are over and say what holds again: "I live in Lyon", before a time elsewhere and a return.

    Args:
        facts: Of attributes that have one value at a time.
        now: In seconds.
    """
    present = {
        (fact.subject_key, fact.attribute, fact.value_key) for fact in facts if fact.polarity and holds(fact, now)
    }
    return frozenset(
        memory_id
        for fact in facts
        if fact.polarity and not holds(fact, now) and (fact.subject_key, fact.attribute, fact.value_key) in present
        for memory_id in fact.memory_ids
        if memory_id in over
    )


def asked_time(validity: Validity | None, text: str, now: float) -> QuestionTime | None:
    """What time a query asks about: what its caller says, or else its words; None where all are alike.

    Args:
        now: The time that counts as now, in seconds.
    """
    if validity == "all":
        return None
    if validity == "current":
        return QuestionTime("current")
    read = question_time(text, now)
    if validity == "past" and read.wish in ("current", "event"):
        return QuestionTime("past")
    return read


def share_of(span: Span, start: float | None, end: float | None) -> float:
    """How much of a time lies from a start to before an end; half of it where nobody knows the start."""
    length = span.end - span.start
    first = span.start if start is None else max(span.start, start)
    last = span.end if end is None else min(span.end, end)
    share = min(1.0, max(0.0, last - first) / length)
    return 0.5 * share if start is None else share
