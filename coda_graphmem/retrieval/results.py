"""What a ranking becomes: near-duplicates give way, and each result knows why it came."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from coda_graphmem.language.negation import NEGATION
from coda_graphmem.language.stop_words import STOP_STEMS
from coda_graphmem.models import Explanation, GraphPath, Memory
from coda_graphmem.retrieval.candidates import Floats, Pool
from coda_graphmem.retrieval.constants import DIGITS, RankingConstants
from coda_graphmem.retrieval.priors import Strength

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")

_TINY = 1e-9

PathsOf = Callable[[str], list[GraphPath]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidates of a query or a conversation in their order, before their contents are read."""

    pool: Pool
    order: Sequence[int]
    """Positions in the pool, best first."""
    terms: Sequence[str] = ()
    """Terms of the query, for the share of them a content holds."""
    names: Sequence[tuple[str, ...]] = ()
    """Names in the query in words, but for those of speakers, of which some of the results should speak."""
    factors: Mapping[str, Floats] = field(default_factory=dict)
    """Factors of the ranking, each of the shape of the pool."""
    walked: Floats | None = None
    """The walk's score of each candidate, in [0, 1]; None without a walk."""
    strength: Strength | None = None
    """None where strength has no part in the order."""
    paths_of: PathsOf | None = None


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


def spread(contents: Sequence[str], words_of: Sequence[frozenset[str]], constants: RankingConstants) -> list[int]:
    """Positions of the contents that are no near-duplicate of a better one, in their order.

    Two texts are near-duplicates where their words (stems, without stop words) overlap by
    `RankingConstants.duplicate_overlap` or more (Jaccard, as in Broder's resemblance of documents,
    1997), and numbers and negation are the same.

    Args:
        contents: Best first.
        words_of: `coda_graphmem.language.stems.stems` of each.
        constants: The overlap.
    """
    kept: list[int] = []
    sets: dict[int, frozenset[str]] = {}
    holders: dict[str, list[int]] = defaultdict(list)
    overlap = constants.duplicate_overlap
    for position, (content, held) in enumerate(zip(contents, words_of, strict=True)):
        words = held - STOP_STEMS or held or frozenset({content})
        # Sets that overlap so much share one of these few (prefix filtering, Chaudhuri, Ganti and Kaushik, 2006).
        telling = sorted(words)[: len(words) - math.ceil(overlap * len(words) - _TINY) + 1]
        rivals = {other for word in telling for other in holders.get(word, ())}
        alike = (other for other in rivals if _overlap(words, sets[other]) >= overlap - _TINY)
        if any(_says(contents[other]) == _says(content) for other in alike):
            continue
        kept.append(position)
        sets[position] = words
        for word in telling:
            holders[word].append(position)
    return kept


def explain(result: Result, limit: int) -> Explanation:
    """Why a memory is a result.

    Args:
        result: The memory and its parts.
        limit: How many memories were asked for; see `sources`.
    """
    ranked, position = result.ranked, result.position
    paths = ranked.paths_of(result.memory.memory_id) if ranked.paths_of else []
    similarity = float(ranked.pool.similarity[position])
    return Explanation(
        similarity=None if np.isnan(similarity) else similarity,
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


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity of two sets that are not empty."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def _says(content: str) -> tuple[tuple[str, ...], bool]:
    """What two texts of the same words have to agree on: the numbers, and whether something is denied."""
    return tuple(sorted(_NUMBER.findall(content))), NEGATION.search(content) is not None
