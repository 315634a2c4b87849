"""What a ranking becomes: near-duplicates give way, each result has a relevance on one scale, and knows why it came.

The scale is ``(1 + cosine) / 2``, in [0, 1]. Text and graph lift a memory on it, by measures that
mean the same for every query and every store: the share of the query's words it holds, and how near
it is to memories that are relevant themselves. Nothing is lifted for being the best of a bad lot, and
where the query names what none of the memories found names, all of them are nearer to "unrelated".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from coda_graphmem.models import Explanation, GraphPath, Memory
from coda_graphmem.retrieval.bequests import Bequest
from coda_graphmem.retrieval.candidates import Flags, Floats, Pool
from coda_graphmem.retrieval.constants import DIGITS, RankingConstants
from coda_graphmem.retrieval.duplicates import Sayings
from coda_graphmem.retrieval.factors import Strength
from coda_graphmem.retrieval.passages import Matches, best_passages
from coda_graphmem.retrieval.paths import PathFinder
from coda_graphmem.retrieval.succession import NOTHING_OVER, Succession
from coda_graphmem.retrieval.terms import Wording


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidates of a query or a conversation in their order, before their contents are read."""

    pool: Pool
    order: Sequence[int]
    """Positions in the pool, best first."""
    terms: Sequence[str] = ()
    """Terms of the query, for the share of them a content holds."""
    wording: Wording | None = None
    """How telling they are where they were searched; None where no words were."""
    known: float = 1.0
    """How far the model knows the language of the query, in [0, 1]."""
    among: int = 0
    """Memories that were searched."""
    about_them: bool = False
    """Whether the query names one who speaks there, or a time from which some of the candidates are."""
    linked: frozenset[str] = frozenset()
    """Ids of memories that mention what the query names."""
    names: Sequence[tuple[str, ...]] = ()
    """Names in the query in words, but for those of speakers, of which some of the results should speak."""
    factors: Mapping[str, Floats] = field(default_factory=dict)
    """Factors of the ranking, each of the shape of the pool."""
    walked: Floats | None = None
    """The walk's score of each candidate, in [0, 1]; None without a walk."""
    strength: Strength | None = None
    """None where strength has no part in the order."""
    succession: Succession = NOTHING_OVER
    """What is over of the candidates, and by what."""
    bequests: Sequence[Bequest] = ()
    """What is worth as much as what it supersedes."""
    prefers_current: bool = True
    """Whether of two that say the same the one that holds is kept."""
    passages: Matches = field(default_factory=dict)
    """Passages of those that are long."""
    finder: Callable[[], PathFinder] | None = None
    """Gives what finds the paths of the walk; asked only where a result is explained."""


@dataclass(frozen=True, slots=True)
class Result:
    """A memory with the parts of its relevance."""

    memory: Memory
    parts: Mapping[str, float]
    ranked: Ranked
    position: int
    """In the pool."""

    @property
    def relevance(self) -> float:
        """The sum of the parts, in [0, 1]."""
        return min(1.0, max(0.0, round(sum(self.parts.values()), DIGITS)))


def spread(
    contents: Sequence[str],
    words_of: Sequence[frozenset[str]],
    constants: RankingConstants,
    over: Sequence[bool] | None = None,
) -> list[int]:
    """Positions of the contents that are no near-duplicate (`Sayings`) of a better one, in their order.

    Args:
        contents: Best first.
        words_of: `coda_graphmem.language.words.stems` of each.
        over: Which of them do not hold any more, and give way to one that does even where they are better; None for
            none.
    """
    sayings = Sayings(constants.duplicate_overlap)
    positions = range(len(contents)) if over is None else sorted(range(len(contents)), key=over.__getitem__)
    return sorted(place for place in positions if sayings.add_new(contents[place], words_of[place]))


def plain_relevance(similarity: Floats) -> Floats:
    """``(1 + cosine) / 2``, in [0, 1]."""
    return np.clip((1.0 + similarity) / 2.0, 0.0, 1.0)


def relevance_parts(
    similarity: Floats,
    coverage: Floats,
    walked: Floats | None,
    strength: Strength | None,
    constants: RankingConstants,
    *,
    known: float = 1.0,
    unknown: float = 0.0,
    unasked: Flags | None = None,
    unanswered: bool = False,
    lifted: Callable[[Floats], Floats] | None = None,
) -> dict[str, Floats]:
    """The named parts of the relevance of ranked memories, whose sum is the score; each of shape (n,).

    - ``vector``: ``v = (1 + cosine) / 2``. Without a vector the coverage takes the cosine's place and
      there is no part for the text: all words of the query give 1, none 0.5. Where the model knows the language of the
      query to a share k, the coverage takes ``1 - k`` of its place.
    - ``text``: ``text_lift * k * coverage ** 2 * (1 - v)``, a share of the remaining doubt.
    - ``graph``: ``graph_lift * sqrt(p) * max(0, r - v - text)`` with p the walk's score and r the largest
      ``v + text``: a memory comes nearer to the best that it is linked with, never above it.
    - ``unknown``: ``-unknown_names * u * max(0, v + text + graph - 0.5)`` with u the share of the query's names that
      no result holds: what is alike is then about somebody or something else.
    - ``chance``: what takes a memory below 0.5 that no word of the query, no link and no more than a cosine below
      `RankingConstants.chance_similarity` speaks for: so alike are any two texts. Where no more speaks for the best
      of all than chance gives (`coda_graphmem.retrieval.chance`), it takes every memory below 0.5, linked or not:
      what they are linked with is about something else too.
    - ``validity``: what a memory gains that supersedes one that is more alike, see
      `coda_graphmem.retrieval.succession.lift`.
    - ``importance``, ``recency``: ``strength_lift`` times the deviation from the mean.
    - ``order``: what keeps the relevance from rising down the list, see `never_rising`.

    Args:
        similarity: Cosine to the query, NaN without a vector, in the order of the ranking.
        coverage: Share of the query's terms each holds, in [0, 1].
        walked: The walk's score, in [0, 1]; None where the graph has no part.
        strength: Relative to the others; None where it has no part.
        known: How far the model knows the language of the query, in [0, 1].
        unknown: Share of the names in the query that none of the ranked memories holds, in [0, 1].
        unasked: Which of them hold no word of the query and mention nothing that it names; None for none.
        unanswered: Whether even the best has no more in common with the query than comes by chance.
        lifted: What each gains by what it supersedes, given how relevant all are by themselves; None for nothing.
    """
    there = ~np.isnan(similarity)
    vector = plain_relevance(np.where(there, known * similarity + (1.0 - known) * coverage, coverage))
    text = np.where(there, constants.text_lift * known * coverage**2 * (1.0 - vector), 0.0)
    parts = {"vector": vector, "text": text}
    if walked is not None:
        so_far = vector + text
        best = float(so_far.max(initial=0.0))
        parts["graph"] = constants.graph_lift * np.sqrt(walked) * (best - so_far)
    if unknown > 0.0:
        parts["unknown"] = -constants.unknown_names * unknown * np.maximum(total(parts) - 0.5, 0.0)
    if unanswered:
        parts["chance"] = (constants.chance_left - 1.0) * total(parts)
    elif unasked is not None:
        by_chance = unasked & there & (known * similarity < constants.chance_similarity)
        by_chance &= parts.get("graph", np.zeros(len(vector))) < constants.chance_link
        if by_chance.any():
            parts["chance"] = np.where(by_chance, (constants.chance_share - 1.0) * total(parts), 0.0)
    if lifted is not None:
        parts["validity"] = lifted(total(parts))
    if strength is not None:
        parts["importance"] = constants.strength_lift * strength.importance
        parts["recency"] = constants.strength_lift * strength.recency
    return with_order(parts)


def with_order(parts: Mapping[str, Floats]) -> dict[str, Floats]:
    """The parts and one more, ``order``, with which their sum, to `DIGITS`, stays in [0, 1] and never rises."""
    raw = total(parts)
    # Whatever adds them up again, in whichever order, comes as near to these as floats can.
    return {**parts, "order": np.round(np.clip(never_rising(raw), 0.0, 1.0), DIGITS) - raw}


def total(parts: Mapping[str, Floats]) -> Floats:
    """The sum of parts, shape (n,)."""
    joined: Floats = np.sum(np.stack(list(parts.values())), axis=0)
    return joined


def never_rising(values: Floats) -> Floats:
    """The nearest sequence (least squares) that never rises: isotonic regression, shape (n,).

    Pool adjacent violators (Ayer et al., 1955): neighbours in the wrong order share their mean.
    """
    means: list[float] = []
    sizes: list[int] = []
    for value in values.tolist():
        means.append(value)
        sizes.append(1)
        while len(means) > 1 and means[-2] < means[-1]:
            mean, size = means.pop(), sizes.pop()
            joined = sizes[-1] + size
            means[-1] = (means[-1] * sizes[-1] + mean * size) / joined
            sizes[-1] = joined
    return np.repeat(np.array(means, dtype=np.float64), np.array(sizes, dtype=np.int64))


def explain(result: Result, limit: int) -> Explanation:
    """Why a memory is a result.

    Args:
        limit: How many memories were asked for; see `sources`.
    """
    ranked, position = result.ranked, result.position
    paths = ranked.finder().paths(result.memory.memory_id) if ranked.finder else []
    similarity = float(ranked.pool.similarity[position])
    return Explanation(
        similarity=None if np.isnan(similarity) else similarity,
        passage=next(
            iter(best_passages(result.memory.content, ranked.passages.get(result.memory.memory_id, ()))), None
        ),
        text_score=float(ranked.pool.text[position]),
        parts=dict(result.parts),
        factors={name: float(values[position]) for name, values in ranked.factors.items()},
        sources=sources(ranked.pool, position, limit, paths),
        paths=paths,
    )


def sources(pool: Pool, position: int, limit: int, paths: Sequence[GraphPath]) -> list[str]:
    """Which ways brought a candidate.

    ``vector`` and ``text`` where it is among the best ``limit`` of that search alone, ``graph``
    where a path leads to it.
    """
    brought = []
    if (pool.similarity > pool.similarity[position]).sum() < limit and not np.isnan(pool.similarity[position]):
        brought.append("vector")
    if pool.text[position] > 0.0 and (pool.text > pool.text[position]).sum() < limit:
        brought.append("text")
    if paths:
        brought.append("graph")
    return brought
