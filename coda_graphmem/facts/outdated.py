"""Which memories are over: by what somebody said of them by hand, by the facts they say, by newer texts.

Pure; every store asks it, so that all say the same.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coda_graphmem.models import Outdated, Standing


class Judged(NamedTuple):
    """What somebody said of a memory by hand."""

    standing: Standing | None
    standing_at: float | None
    superseded_by: str | None
    last_said_at: float | None
    """When it was said last, where it was said again."""


class Told(NamedTuple):
    """A fact that a memory says."""

    attribute: str
    over_since: float | None
    """Since when nothing of it holds (`coda_graphmem.facts.timeline.Settled`)."""
    known_from: float
    known_until: float | None
    ended_by: str | None


class Newer(NamedTuple):
    """A memory that says otherwise, by a comparison of texts (`LinkKind.POSSIBLY_OUTDATED_BY`)."""

    memory_id: str
    timestamp: float


def by_hand(memory_id: str, judged: Judged) -> Outdated | None:
    """What somebody said of it: taken back or replaced, and not said again since."""
    at = judged.standing_at
    if at is None or judged.standing not in ("superseded", "retracted"):
        return None
    if judged.last_said_at is not None and judged.last_said_at > at:
        return None
    return Outdated(
        memory_id=memory_id,
        share=1.0,
        since=at,
        superseded_by=judged.superseded_by,
        known_from=at,
        reason=judged.standing,
    )


def by_facts(memory_id: str, facts: Sequence[Told]) -> Outdated | None:
    """What of the facts it says does not hold any more.

    What it tells as over itself ("moved from Paris to Rome") counts only where it says nothing else: it is no less
    right for that.
    """
    present = [fact for fact in facts if not _is_told_past(fact, memory_id)]
    over = [(fact.over_since, fact) for fact in present or facts if fact.over_since is not None]
    if not over:
        return None
    since, last = max(over, key=lambda pair: pair[0])
    return Outdated(
        memory_id=memory_id,
        share=len(over) / len(present or facts),
        since=since,
        superseded_by=last.ended_by if present else None,
        known_from=since if last.known_until is None else last.known_until,
        reason=last.attribute if present else "past",
    )


def by_newer(memory_id: str, judged: Judged, newer: Iterable[Newer]) -> Outdated | None:
    """What a newer text says otherwise, unless the memory was said again since, or somebody said that it holds."""
    again = [judged.last_said_at, judged.standing_at if judged.standing == "reinstated" else None]
    since = max((at for at in again if at is not None), default=None)
    counted = [one for one in newer if since is None or one.timestamp > since]
    if not counted:
        return None
    last = max(counted, key=lambda one: (one.timestamp, one.memory_id))
    return Outdated(
        memory_id=memory_id,
        share=1.0,
        since=last.timestamp,
        superseded_by=last.memory_id,
        known_from=last.timestamp,
        reason="update",
    )


def _is_told_past(fact: Told, memory_id: str) -> bool:
    """Whether the memory itself says that the fact is over, or nobody ever said that it holds."""
    never_told = fact.ended_by is None and fact.known_until == fact.known_from
    return fact.over_since is not None and (never_told or fact.ended_by == memory_id)
