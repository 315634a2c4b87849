"""What does not hold any more, what stands in its place, and what both mean for an order.

A memory that is over gives way to the one that supersedes it, which answers the same question and so is worth as much
for it. Nothing is hidden. A question for the past turns that round (`coda_graphmem.language.question_time`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.facts.hindsight import known
from coda_graphmem.facts.state import holds
from coda_graphmem.language.periods import Span
from coda_graphmem.language.question_time import QuestionTime, question_time
from coda_graphmem.language.words import STOP_STEMS, stems
from coda_graphmem.models import Fact, Outdated, Validity
from coda_graphmem.retrieval.candidates import Floats, Pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.store.protocol import MemoryStore
from coda_graphmem.threads import aside

#: Steps from one memory to the next that supersedes it, and memories, that are followed at most.
_STEPS, _MOST = 20, 200

#: Reasons to be over that are no attributes.
_BY_HAND = ("superseded", "retracted")
_NO_ATTRIBUTES = (*_BY_HAND, "update", "past")

#: Of those that stand in the same place each keeps a little of its own worth, which orders them.
_NEARLY = 0.98
#: What says that something is over, where another one says what came after.
_ENDING = 0.8

#: How far what held before others that are over gives way to these.
_LONG_AGO = 0.6

_TINY = 1e-6


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
        for _ in range(_STEPS):
            found = await self._store.facts.outdated(namespace, wanted)
            over |= {one.memory_id: one for one in found if max(one.since, one.known_from) <= now}
            asked.update(wanted)
            further = (name for one in found for name in (one.memory_id, one.superseded_by))
            wanted = list(dict.fromkeys(name for name in further if name is not None and name not in asked))[:_MOST]
            if not wanted:
                break
        if as_of is None:
            attributes = {one.reason for one in over.values()} - {*_NO_ATTRIBUTES}
            facts = await self._facts(namespace, over, {name for name in attributes if attribute(name).is_exclusive})
            return Succession(over, next_values(over, facts, now), holding_again(over, facts, now))
        stated = await self._store.facts.statements_beside(namespace, list(asked))
        then = await aside(100 * len(stated), known, stated, asked, as_of)
        by_others = {name: one for name, one in over.items() if one.reason in (*_BY_HAND, "update")}
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
            facts = await self._facts(namespace, memory_ids, None if every else reasons - {*_NO_ATTRIBUTES})
        found: defaultdict[str, float] = defaultdict(float)
        for fact in facts:
            share = _share(span, fact.valid_from, fact.valid_until)
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


@dataclass(frozen=True, slots=True)
class Bequest:
    """What one candidate is worth to a query passes to another: positions in a pool, and how far, in [0, 1]."""

    source: int
    heir: int
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What succession makes of an order."""

    factor: Floats
    """By which each candidate's score changes; above 0, shape (n,)."""
    bequests: Sequence[Bequest] = ()
    """In the order in which they count."""


def judge(
    pool: Pool,
    scores: Floats,
    succession: Succession,
    asked: QuestionTime,
    constants: RankingConstants,
    *,
    terms: Sequence[str],
    held: Mapping[str, float] | None = None,
) -> Verdict | None:
    """How far candidates that are over give way, and what those are worth that stand in their place.

    Args:
        scores: Of the order so far, not negative, shape (n,).
        asked: What time the query is about.
        terms: Of the query.
        held: From `SuccessionFinder.held`, where the query is about a time.

    Returns:
        None where nothing changes.
    """
    links = _links(pool, succession, terms, constants)
    if not links:
        return None
    base = np.maximum(scores, _TINY * max(float(scores.max(initial=0.0)), _TINY))
    depth = _depth_of(pool, links, asked, held or {})
    if depth is not None and asked.wish == "past":
        depth |= {i: 1.0 for i in depth if pool.candidates[i].memory_id in succession.again}
    if depth is None:  # What happened has happened, whether or not it still holds; it decides between equals.
        factor = np.ones(len(pool))
        factor[[link.old for link in links]] = 1.0 - constants.outdated_tie
        return Verdict(factor)
    bequests = _bequests(links, both_ways=asked.wish != "current")
    worth = base.copy()
    for one in bequests:
        if worth[one.source] > worth[one.heir]:
            worth[one.heir] = worth[one.heir] ** (1.0 - one.weight) * worth[one.source] ** one.weight
    for position, steps in depth.items():
        worth[position] *= constants.outdated_factor**steps
    return Verdict(worth / base, bequests)


def lift(relevance: Floats, bequests: Sequence[Bequest], places: Sequence[int]) -> Floats:
    """What the relevance of candidates gains by what they stand in the place of, shape of ``relevance``.

    Args:
        places: Positions in the pool of those that the relevance is of.
    """
    at = {place: i for i, place in enumerate(places)}
    gained = relevance.copy()
    for one in bequests:
        if one.source in at and one.heir in at:
            source, heir = at[one.source], at[one.heir]
            gained[heir] += min(1.0, one.weight / _NEARLY) * max(0.0, gained[source] - gained[heir])
    found: Floats = gained - relevance
    return found


# ---------------------------------------------------------------------- which gives way to which


@dataclass(frozen=True, slots=True)
class _Link:
    """A candidate that is over, with its successor where that is a candidate."""

    old: int
    new: int | None
    entry: Outdated
    weight: float
    """How much of what the query asks for is over, in [0, 1]."""
    share: float
    """How much of its worth the successor has, in [0, 1]."""


def _links(pool: Pool, succession: Succession, terms: Sequence[str], constants: RankingConstants) -> list[_Link]:
    """The earliest to be over first."""
    asked = stems(" ".join(terms)) - STOP_STEMS
    found = []
    for entry in sorted(succession.over.values(), key=lambda one: (one.since, one.memory_id)):
        old = pool.position.get(entry.memory_id)
        if old is None:
            continue
        after = succession.after(entry)
        news: list[int | None] = [pool.position[name] for name in after if name in pool.position]
        news = news or [None]
        weight = max(_weight(pool, (old, new), entry, asked, constants) for new in news)
        next_ones = succession.following.get(entry.memory_id, ())
        for new in news:
            is_ending = bool(next_ones) and new is not None and pool.candidates[new].memory_id not in next_ones
            found.append(_Link(old, new, entry, weight, _ENDING if is_ending else _NEARLY))
    return found


def _weight(
    pool: Pool, pair: tuple[int, int | None], entry: Outdated, asked: frozenset[str], constants: RankingConstants
) -> float:
    """How much of what the query asks a memory for is over.

    All of it where the query asks for the attribute, or the memory says little else; of a longer one, or one that says
    something that still holds, as much as the successor holds of what it holds of the query.
    """
    old, new = pair
    if entry.reason in _BY_HAND or asked & attribute_stems(entry.reason):
        return 1.0
    short = min(1.0, constants.outdated_words / max(1.0, float(pool.words[old])))
    if entry.share >= 1.0 and short >= 1.0:
        return 1.0
    held = asked & stems(pool.candidates[old].excerpt)
    if new is None or not held:
        alike = 1.0 if entry.share < 1.0 else short
    else:
        alike = len(held & stems(pool.candidates[new].excerpt)) / len(held)
    return entry.share * (alike if entry.share < 1.0 else max(short, alike))


@lru_cache(maxsize=1024)
def attribute_stems(name: str) -> frozenset[str]:
    """The stems of the words that ask for an attribute: of its name, of others for it, of how it is said."""
    if name in _NO_ATTRIBUTES:
        return frozenset()
    entry = attribute(name)
    said = entry.text.replace("{value}", " ")
    return stems(f"{name} {entry.also} {said}") - STOP_STEMS - {"number"}


def _bequests(links: Iterable[_Link], *, both_ways: bool) -> list[Bequest]:
    joined = [link for link in links if link.new is not None and link.entry.reason != "retracted"]
    forth = [Bequest(link.old, link.new, link.weight * link.share) for link in joined if link.new is not None]
    back = [Bequest(one.heir, one.source, one.weight) for one in reversed(forth)]
    return forth + back if both_ways else forth


def _depth_of(
    pool: Pool, links: Sequence[_Link], asked: QuestionTime, held: Mapping[str, float]
) -> dict[int, float] | None:
    """How far each gives way, as exponent of `RankingConstants.outdated_factor`; None for not at all."""
    match asked.wish:
        case "event":
            return None
        case "current":
            return {link.old: link.weight for link in links}
        case "before" | "after":
            found = _beside(pool, links, asked)
            if found is not None or asked.wish == "after":
                return found
    retracted = {link.old: 1.0 for link in links if link.entry.reason == "retracted"}
    steps: dict[int, float] = {}
    for members in _groups(links):
        weight = _weights(links)
        if asked.wish == "first":
            order = sorted(members, key=lambda i: (float(pool.timestamp[i]), i))
            shares = {i: place / max(1, len(order) - 1) for place, i in enumerate(order)}
        elif asked.wish == "at" and asked.span is not None:
            shares = _not_held(pool, members, links, asked.span, held)
        else:
            shares = _generations(members, links)
        steps |= {i: share * weight[i] for i, share in shares.items()}
    return {**steps, **retracted}


def _weights(links: Iterable[_Link]) -> dict[int, float]:
    found: defaultdict[int, float] = defaultdict(float)
    for link in links:
        for position in (link.old, link.new):
            if position is not None:
                found[position] = max(found[position], link.weight)
    return found


def _groups(links: Sequence[_Link]) -> list[list[int]]:
    """Candidates that follow one another."""
    group: dict[int, set[int]] = {}
    for link in links:
        joined: set[int] = set()
        for position in (link.old, link.new):
            if position is not None:
                joined |= group.get(position, {position})
        for position in joined:
            group[position] = joined
    return [sorted(members) for members in {id(members): members for members in group.values()}.values()]


def _generations(members: Sequence[int], links: Iterable[_Link]) -> dict[int, float]:
    """What held last before what holds is the first, then what held before that; what holds is the last."""
    next_of: defaultdict[int, list[int | None]] = defaultdict(list)
    for link in links:
        next_of[link.old].append(link.new)
    steps = dict.fromkeys(members, 0)
    # Who follows whom may go round in a circle, so that only so many steps count.
    for _ in range(min(len(members), _STEPS)):
        before = dict(steps)
        steps = {i: max((1 + before.get(j, 0) if j is not None else 1 for j in next_of[i]), default=0) for i in members}
        if steps == before:
            break
    # The present is behind all that was before.
    return {i: 1.0 if count == 0 else _LONG_AGO * (1.0 - 1.0 / count) for i, count in steps.items()}


def _not_held(
    pool: Pool, members: Sequence[int], links: Iterable[_Link], span: Span, held: Mapping[str, float]
) -> dict[int, float]:
    """For how much of a time each did not hold; where nothing is known of then, the earliest is as near as any."""
    since = {link.old: link.entry.since for link in links}
    found = {}
    for i in members:
        share = held.get(pool.candidates[i].memory_id)
        found[i] = 1.0 - (_share(span, float(pool.timestamp[i]), since.get(i)) if share is None else share)
    if min(found.values()) >= 1.0:
        found[min(members, key=lambda i: (float(pool.timestamp[i]), i))] = 0.0
    return found


def _share(span: Span, start: float | None, end: float | None) -> float:
    """How much of a time lies from a start to before an end; half of it where nobody knows the start."""
    length = span.end - span.start
    first = span.start if start is None else max(span.start, start)
    last = span.end if end is None else min(span.end, end)
    share = min(1.0, max(0.0, last - first) / length)
    return 0.5 * share if start is None else share


def _beside(pool: Pool, links: Sequence[_Link], asked: QuestionTime) -> dict[int, float] | None:
    """What stood before or after something that a query names; None where none of the candidates names it."""
    wanted = _named(asked.named)
    if not wanted:
        return None

    def named(position: int) -> int:
        return len(wanted & stems(pool.candidates[position].excerpt))

    found = set()
    for link in links:
        if link.new is not None and link.entry.reason != "retracted":
            old, new = named(link.old), named(link.new)
            if asked.wish == "before" and new > old and 2 * new >= len(wanted):
                found.add(link.old)
            elif asked.wish == "after" and old > new and 2 * old >= len(wanted):
                found.add(link.new)
    if not found:
        return None
    weight = _weights(links)
    return {i: 0.0 if i in found else weight[i] for members in _groups(links) for i in members}


def _named(phrase: str) -> frozenset[str]:
    """Stems of the names in a phrase, or of all its words where it has none."""
    capital = " ".join(word for word in phrase.split() if word[:1].isupper() or word[:1].isdigit())
    return (stems(capital) if capital and capital != "I" else stems(phrase)) - STOP_STEMS
