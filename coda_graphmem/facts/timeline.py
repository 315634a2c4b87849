"""What holds when: makes facts of all statements about one attribute of one subject, whatever the order of arrival.

Pure: nothing but the statements and the table of attributes decides.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.models import Fact, Standing, Statement


@dataclass(frozen=True, slots=True)
class StatedMemory:
    """A memory with what it says."""

    memory_id: str
    """The live one that it was merged into, for an archived original."""
    timestamp: float
    """When it was said first."""
    last_said_at: float | None
    """When last, where it was said again."""
    standing: Standing | None
    standing_at: float | None
    superseded_by: str | None
    """The memory that replaces it by hand."""
    statements: tuple[Statement, ...]


class Said(NamedTuple):
    """A statement at one of the times at which it was said."""

    memory_id: str | None
    """None for what was ended by hand without another memory."""
    at: float
    statement: Statement
    by_hand: bool = False
    """Whether nobody says so: a value was ended by hand."""


class Settled(NamedTuple):
    """A fact, and since when nothing of it holds."""

    fact: Fact
    over_since: float | None
    """Its end, unless the same holds again later; None for what holds."""


def sayings(memories: Iterable[StatedMemory], *, as_of: float | None = None) -> list[Said]:
    """Every statement at every time at which it was said.

    What was taken back was not said until then; what was replaced by hand ends then; what was reinstated is said again.

    Args:
        memories: What is known.
        as_of: Leave out what was said or done later; None for nothing.
    """
    found: list[Said] = []
    for memory in memories:
        standing = memory.standing
        if as_of is not None and memory.standing_at is not None and memory.standing_at > as_of:
            standing = None
        times = {memory.timestamp, memory.timestamp if memory.last_said_at is None else memory.last_said_at}
        if standing == "retracted":
            # What is said again after it was taken back is said for the first time.
            times = {at for at in times if memory.standing_at is not None and at > memory.standing_at}
        if standing == "reinstated" and memory.standing_at is not None:
            times.add(memory.standing_at)
        for statement in memory.statements:
            found += [Said(memory.memory_id, at, statement) for at in times]
            if standing == "superseded" and memory.standing_at is not None and statement.polarity:
                over = statement.model_copy(update={"polarity": False, "valid_from": None, "valid_until": None})
                found.append(Said(memory.superseded_by, memory.standing_at, over, by_hand=True))
    return [said for said in found if as_of is None or said.at <= as_of]


def settle(said: Iterable[Said]) -> list[Settled]:
    """The facts that statements make together, by subject and attribute, then by time.

    A statement speaks for the moment at which it was said or, of what is to come, from which it shall hold. In this
    order a value lasts until another one of an attribute that has one at a time, until it is denied, or until the time
    that a text names as its end. What is said again is the same fact, and after an end a new one.

    Args:
        said: What was said, by arrival of the memories, which decides only between what was said at the same time.
    """
    slots: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        slots[one.statement.subject_key, one.statement.attribute].append(one)
    return [settled for _, group in sorted(slots.items()) for settled in _settled(group)]


def by_time(facts: Iterable[Fact]) -> list[Fact]:
    """Facts by subject, attribute and time, in one order whatever the order in which they were made."""
    return sorted(facts, key=_place)


def _place(fact: Fact) -> tuple[str, str, float, float, str, str]:
    times = (fact.valid_from, fact.valid_until, fact.known_from)
    start = next(time for time in times if time is not None)
    return fact.subject_key, fact.attribute, start, fact.known_from, fact.value_key, fact.fact_id


@dataclass(slots=True)
class _Episode:
    """A value while it holds."""

    first: Statement
    start: float | None
    anchor: float
    """The latest moment for which somebody said that it holds."""
    known_from: float
    confidence: float
    memory_ids: list[str] = field(default_factory=list)
    end: float | None = None
    known_until: float | None = None
    ended_by: str | None = None

    @property
    def is_open(self) -> bool:
        return self.end is None

    def close(self, at: float, said: Said) -> None:
        self.end, self.known_until, self.ended_by = at, said.at, said.memory_id


def _settled(group: Sequence[Said]) -> list[Settled]:
    exclusive = attribute(group[0].statement.attribute).is_exclusive
    episodes: list[_Episode] = []
    denials = [said for said in group if not said.statement.polarity]
    # Of what was said at the same time the last that arrived counts: sorting leaves such as they come.
    for said in sorted(group, key=lambda one: (_anchor(one), one.at)):
        statement = said.statement
        if not statement.polarity:
            _deny(said, episodes)
        elif statement.valid_until is not None:
            _tell_past(said, episodes)
        else:
            _affirm(said, episodes, denials, exclusive=exclusive)
    return _numbered(episodes)


def _anchor(said: Said) -> float:
    """The moment a statement speaks for."""
    start = said.statement.valid_from
    return said.at if start is None else max(said.at, start)


def _affirm(said: Said, episodes: list[_Episode], denials: Sequence[Said], *, exclusive: bool) -> None:
    statement, anchor = said.statement, _anchor(said)
    start = said.at if statement.valid_from is None else statement.valid_from
    # What was planned and then called off never begins.
    called_off = next(
        (one for one in denials if said.at < one.at and _anchor(one) < anchor and _concerns(one, statement)), None
    )
    same = _open(episodes, statement.value_key, polarity=True)
    if same is not None and called_off is None:
        _join(same, said, start)
        return
    if any(_is_same(one.first, statement) and one.end is not None and one.end > start for one in episodes):
        start = said.at  # It ended meanwhile: that it once began earlier is told of the time before.
    episode = _begin(said, start)
    if called_off is not None:
        episode.close(start, called_off)
        episodes.append(episode)
        return
    for other in episodes:
        ended = other.first.value_key in (statement.value_key, "") and not other.first.polarity
        replaced = exclusive and other.first.polarity
        if other.is_open and (ended or replaced):
            other.close(start if start > other.anchor else anchor, said)
    episodes.append(episode)


def _deny(said: Said, episodes: list[_Episode]) -> None:
    statement, at = said.statement, _anchor(said)
    for episode in episodes:
        if episode.is_open and episode.first.polarity and _concerns(said, episode.first):
            episode.close(at, said)
    if said.by_hand:
        return
    same = _open(episodes, statement.value_key, polarity=False)
    if same is not None:
        _join(same, said, at)
    else:
        episodes.append(_begin(said, at))


def _tell_past(said: Said, episodes: list[_Episode]) -> None:
    statement = said.statement
    end = statement.valid_until
    assert end is not None
    same = _open(episodes, statement.value_key, polarity=True)
    if same is not None and (same.start is None or end >= same.start):
        _join(same, said, statement.valid_from)
        same.close(end, said)
        return
    episode = _begin(said, statement.valid_from)
    episode.end, episode.known_until = end, said.at
    episodes.append(episode)


def _is_same(one: Statement, other: Statement) -> bool:
    return (one.value_key, one.polarity) == (other.value_key, other.polarity)


def _concerns(denial: Said, statement: Statement) -> bool:
    denied = denial.statement.value_key
    return denied in ("", statement.value_key) or statement.value_key.startswith(f"{denied} named ")  # "my dog died"


def _open(episodes: Iterable[_Episode], value_key: str, *, polarity: bool) -> _Episode | None:
    return next(
        (e for e in episodes if e.is_open and e.first.value_key == value_key and e.first.polarity is polarity), None
    )


def _begin(said: Said, start: float | None) -> _Episode:
    episode = _Episode(said.statement, start, _anchor(said), said.at, said.statement.confidence)
    _source(episode, said)
    return episode


def _join(episode: _Episode, said: Said, start: float | None) -> None:
    """The same said once more: the earlier start counts, and the surer reading."""
    episode.anchor = max(episode.anchor, _anchor(said))
    episode.known_from = min(episode.known_from, said.at)
    episode.confidence = max(episode.confidence, said.statement.confidence)
    if start is not None and said.statement.valid_from is not None:
        episode.start = start if episode.start is None else min(episode.start, start)
    _source(episode, said)


def _source(episode: _Episode, said: Said) -> None:
    if said.memory_id is not None and said.memory_id not in episode.memory_ids:
        episode.memory_ids.append(said.memory_id)


def _numbered(episodes: Sequence[_Episode]) -> list[Settled]:
    held = {(e.first.value_key, e.first.polarity) for e in episodes if e.is_open}
    times: defaultdict[tuple[str, bool], int] = defaultdict(int)
    found = []
    for episode in episodes:
        first = episode.first
        value = (first.value_key, first.polarity)
        times[value] += 1
        fact = Fact(
            fact_id=_id(first, times[value]),
            subject=first.subject,
            subject_key=first.subject_key,
            attribute=first.attribute,
            value=first.value,
            value_key=first.value_key,
            polarity=first.polarity,
            valid_from=episode.start,
            valid_until=episode.end,
            known_from=episode.known_from,
            known_until=episode.known_until,
            confidence=episode.confidence,
            memory_ids=episode.memory_ids,
            ended_by=episode.ended_by,
        )
        found.append(Settled(fact, None if value in held else episode.end))
    return found


def _id(first: Statement, number: int) -> str:
    named = (first.subject_key, first.attribute, first.value_key, str(first.polarity), str(number))
    return hashlib.sha256("\x1f".join(named).encode()).hexdigest()[:32]
