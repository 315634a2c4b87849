"""Scores texts by the words they share with a query, alike for every store.

What stores find by text they find with indexes of their own, whose scores differ and count all tenants together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.pool import Floats
from coda_graphmem.retrieval.terms import beginning, has_plain_letters, stem, words, words_beginning
from coda_graphmem.store.protocol import Candidate, TextMatches


def text_scores(
    terms: Sequence[str], matches: TextMatches, nearest: Sequence[Candidate], constants: RankingConstants
) -> dict[str, float]:
    """BM25 by memory id of what holds any of the terms, above 0.

    Args:
        terms: The words searched for, each once.
        matches: What was found by them.
        nearest: What was found by vector, where that was searched. All stores find the same there, but not
            always the same of the many that match by one common word; so these are scored as well, and their
            mean length stands for that of all memories.
        constants: ``bm25_k1`` and ``bm25_b``.
    """
    candidates = list({candidate.memory_id: candidate for candidate in (*nearest, *matches.found)}.values())
    if not candidates:
        return {}
    holding: dict[str, int] = {}
    for term, frequency in zip(map(stem, terms), matches.frequencies, strict=True):
        holding[term] = max(frequency, holding.get(term, 0))
    counts = term_counts(list(holding), [candidate.excerpt or "" for candidate in candidates])
    # A store's stemmer may see a word where `stem` does not.
    matched = {candidate.memory_id for candidate in matches.found}
    unseen = ~counts.any(axis=1) & np.array([candidate.memory_id in matched for candidate in candidates])
    scores = bm25(
        np.where(unseen[:, None], np.nan, counts),
        np.array([candidate.word_count for candidate in candidates], dtype=np.float64),
        np.array(list(holding.values()), dtype=np.float64),
        matches.live,
        constants,
        mean_length=float(np.mean([candidate.word_count for candidate in nearest or matches.found])),
    )
    return {
        candidate.memory_id: score for candidate, score in zip(candidates, scores.tolist(), strict=True) if score > 0.0
    }


def term_counts(stems: Sequence[str], texts: Sequence[str]) -> Floats:
    """How often each text holds each stem, shape (texts, stems)."""
    counts = np.zeros((len(texts), len(stems)))
    folded = [text.casefold() for text in texts]
    plain = [row for row, text in enumerate(folded) if has_plain_letters(text)]
    # Words are looked for by what all of a stem begin with, many times faster than parting and stemming all texts.
    joined = "\n".join(folded[row] for row in plain)
    ends = np.cumsum([len(folded[row]) + 1 for row in plain])
    for column, wanted in enumerate(stems):
        starts = [start for start, word in words_beginning(beginning(wanted), joined) if stem(word) == wanted]
        if starts:
            np.add.at(counts[:, column], np.array(plain)[np.searchsorted(ends, starts, side="right")], 1.0)
    for row in set(range(len(texts))).difference(plain):
        of_text = list(map(stem, words(folded[row])))
        counts[row] = [of_text.count(wanted) for wanted in stems]
    return counts


def bm25(
    counts: Floats,
    lengths: Floats,
    frequencies: Floats,
    live: int,
    constants: RankingConstants,
    *,
    mean_length: float,
) -> Floats:
    """Okapi BM25, shape (n,), at least 0.

    ``sum over t of idf(t) * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean length))`` with
    ``idf(t) = ln(1 + (N - n + 0.5) / (n + 0.5))``, which is never negative (Robertson and Zaragoza, "The
    Probabilistic Relevance Framework: BM25 and Beyond", 2009).

    Args:
        counts: How often each text holds each term, shape (n, t); NaN where a text holds one, it is not
            known which: it counts as the commonest, once.
        lengths: Words of each text, shape (n,).
        frequencies: Texts of the collection that hold each term, shape (t,).
        live: Texts of the collection.
        constants: ``bm25_k1`` and ``bm25_b``.
        mean_length: Words of a text of the collection; less than 1 counts as 1.
    """
    if not counts.size:
        return np.zeros(len(counts))
    unknown = np.isnan(counts[:, 0])
    known = np.nan_to_num(counts, nan=0.0)
    # A store counts by its own stems and at another moment; there are no fewer than these.
    holding = np.maximum(frequencies, (known > 0.0).sum(axis=0))
    idf = np.log1p((np.maximum(live, holding) - holding + 0.5) / (holding + 0.5))
    known[unknown, int(idf.argmin())] = 1.0
    k1, b = constants.bm25_k1, constants.bm25_b
    norm = k1 * (1.0 - b + b * lengths / max(mean_length, 1.0))
    scores: Floats = (idf * known * (k1 + 1.0) / (known + norm[:, None])).sum(axis=1)
    return scores
