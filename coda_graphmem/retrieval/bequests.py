"""What it means for an order that candidates are over: they give way, and what they are worth passes to their heirs.

A memory that is over gives way to the one that supersedes it, which answers the same question and so is worth as much
for it. Nothing is hidden. A question for the past turns that round (`coda_graphmem.language.question_time`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from coda_graphmem.facts.attributes import attribute
from coda_graphmem.language.periods import Span
from coda_graphmem.language.question_time import QuestionTime
from coda_graphmem.language.words import STOP_STEMS, stems
from coda_graphmem.models import Outdated
from coda_graphmem.retrieval.candidates import Floats, Pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.succession import BY_HAND, NO_ATTRIBUTES, STEPS, Succession, share_of

#: Of those that stand in the same place each keeps a little of its own worth, which orders them.
_NEARLY = 0.98
#: What says that something is over, where another one says what came after.
_ENDING = 0.8

#: How far what held before others that are over gives way to these.
_LONG_AGO = 0.6

_TINY = 1e-6


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
    if entry.reason in BY_HAND or asked & _attribute_stems(entry.reason):
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
def _attribute_stems(name: str) -> frozenset[str]:
    """The stems of the words that ask for an attribute: of its name, of others for it, of how it is said."""
    if name in NO_ATTRIBUTES:
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
    for _ in range(min(len(members), STEPS)):
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
        found[i] = 1.0 - (share_of(span, float(pool.timestamp[i]), since.get(i)) if share is None else share)
    if min(found.values()) >= 1.0:
        found[min(members, key=lambda i: (float(pool.timestamp[i]), i))] = 0.0
    return found


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
