"""What holds before what held: the place of memories of which something newer is said.

Pure functions over arrays. What replaces a memory answers the questions that it answered: it takes its score, and the
memory gives way, but is never left out. A question for the past turns this round.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coda_graphmem.language.periods import Span
from coda_graphmem.language.question_time import QuestionTime, question_time
from coda_graphmem.models import Outdated, Validity
from coda_graphmem.retrieval.candidates import Floats
from coda_graphmem.retrieval.constants import RankingConstants


@dataclass(frozen=True, slots=True)
class Wish:
    """Which of several values that held one after the other a query is after."""

    validity: Validity
    is_first: bool = False
    """Of those of the past the earliest instead of the last."""
    span: Span | None = None
    """What held then, where the query names a time."""

    @classmethod
    def of(cls, text: str, given: Validity | None, spans: Sequence[Span], now: float) -> "Wish":
        """That of a query.

        Args:
            text: Its words.
            given: What the caller says; None to read it from the words.
            spans: Times that it names (`coda_graphmem.language.periods.time_spans`).
            now: In seconds.
        """
        read = question_time(text) if given != "all" else QuestionTime("all")
        if given is not None:
            return cls(given, is_first=given == "past" and read.is_first)
        span = next((one for one in spans if one.end <= now), None)
        if span is not None and read.wish == "past":
            return cls("past", span=span)
        return cls(read.wish, is_first=read.is_first)


@dataclass(frozen=True, slots=True)
class Standings:
    """Which candidates something newer is said of; by position among the candidates."""

    share: Floats
    """How much of each is over, in [0, 1], shape (n,)."""
    since: Floats
    """From when, infinity where nothing is; shape (n,)."""
    heads: Mapping[int, int]
    """Of an outdated candidate the one that says what holds in the end, where that is one, too."""

    def behind(self) -> Mapping[int, list[int]]:
        """The outdated candidates that each one stands in the place of."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for old, head in self.heads.items():
            found[head].append(old)
        return found


def standings(position: Mapping[str, int], outdated: Sequence[Outdated]) -> Standings:
    """Where candidates stand.

    Args:
        position: Of each candidate's id.
        outdated: What is over as of the time of the query.
    """
    share, since = np.zeros(len(position)), np.full(len(position), np.inf)
    following = {one.memory_id: one for one in outdated}
    heads: dict[int, int] = {}
    for one in outdated:
        place = position.get(one.memory_id)
        if place is None:
            continue
        share[place], since[place] = one.share, one.since
        head = _head(one, following)
        if head in position and head != one.memory_id:
            heads[place] = position[head]
    return Standings(share, since, heads)


def _head(one: Outdated, following: Mapping[str, Outdated]) -> str:
    """What holds in the end; of what goes round in a circle the last before it closes."""
    seen = {one.memory_id}
    while one.superseded_by is not None and one.superseded_by not in seen:
        seen.add(one.superseded_by)
        further = following.get(one.superseded_by)
        if further is None or further.share < 1.0:
            return one.superseded_by
        one = further
    return one.memory_id


def by_validity(
    scores: Floats, stands: Standings, timestamps: Floats, wish: Wish, constants: RankingConstants
) -> Floats:
    """The scores by which a query's candidates are in order, shape (n,).

    For what holds: an outdated memory keeps ``outdated_factor ** share`` of its score, and less than what replaces it
    has, which gets the larger of both scores. Of what is over in part that is so where what replaces it matches nearly
    as well (``rival_share``): only then the question is about that part. For what held before, the last value before
    the present one gets the larger score, those before it follow, and the present one keeps ``outdated_factor`` of its
    own.

    Args:
        scores: By what matches, not negative, shape (n,).
        stands: See `standings`.
        timestamps: When each was said, in seconds, shape (n,).
        wish: What the query is after.
        constants: ``outdated_factor``, ``rival_share`` and ``step``.
    """
    if wish.validity == "all" or not stands.share.any():
        return scores
    if wish.validity == "past":
        return _past_first(scores, stands, timestamps, wish, constants)
    found = scores.copy()
    rival = {
        old
        for old, head in stands.heads.items()
        if stands.share[old] == 1.0 or scores[head] >= constants.rival_share * scores[old]
    }
    for old in np.flatnonzero(stands.share).tolist():
        if old in rival or (old not in stands.heads and stands.share[old] == 1.0):
            found[old] = scores[old] * constants.outdated_factor ** stands.share[old]
    for old in sorted(rival, key=lambda place: -timestamps[place]):
        head = stands.heads[old]
        found[head] = max(found[head], scores[old])
    for old in rival:
        found[old] = min(found[old], constants.step * found[stands.heads[old]])
    return found


def validity_part(
    relevance: Floats, places: Sequence[int], order: Floats, stands: Standings, constants: RankingConstants
) -> Floats:
    """What is added to the relevance of ranked memories so that it follows what holds, shape (n,).

    Of those that replace one another the first in the ranking is as relevant as the most relevant of them, and each
    further one at least ``outdated_step`` less than the one before it.

    Args:
        relevance: Without it, in the order of the ranking.
        places: Of each among the candidates.
        order: Scores of the candidates as they are ranked.
        stands: Of the candidates.
        constants: ``outdated_step``.
    """
    at = {place: i for i, place in enumerate(places)}
    found = relevance.copy()
    for head, olds in stands.behind().items():
        line = sorted((place for place in (head, *olds) if place in at), key=lambda place: -order[place])
        best = max((relevance[at[place]] for place in line), default=0.0)
        for step, place in enumerate(line):
            bound = best - constants.outdated_step * step
            found[at[place]] = best if step == 0 else min(found[at[place]], bound)
    return found - relevance


def _past_first(
    scores: Floats, stands: Standings, timestamps: Floats, wish: Wish, constants: RankingConstants
) -> Floats:
    found = scores.copy()
    for head, olds in stands.behind().items():
        line = sorted(olds, key=lambda place: timestamps[place], reverse=not wish.is_first)
        best = max(scores[head], *(scores[old] for old in olds))
        if wish.span is not None:
            everything = sorted([*line, head], key=lambda place: -timestamps[place])
            held = [one for one in everything if _held(one, stands, timestamps, wish.span)]
            line = held or line
        for step, place in enumerate(line):
            found[place] = best * constants.step**step
        for place in {head, *olds} - set(line):
            found[place] = min(scores[place] * constants.outdated_factor, best * constants.step ** len(line))
    return found


def _held(place: int, stands: Standings, timestamps: Floats, span: Span) -> bool:
    return bool(timestamps[place] < span.end and stands.since[place] > span.start)
