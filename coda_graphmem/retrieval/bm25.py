"""Scores texts by the words they share with a query, alike for every store.

What stores find by text they find with indexes of their own, whose scores differ and count all tenants together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from coda_graphmem.language.stems import beginning, stem
from coda_graphmem.language.words import plain_letters, words, words_beginning
from coda_graphmem.retrieval.candidates import Floats
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.store.protocol import Candidate, TextMatches


@dataclass(frozen=True, slots=True)
class Wording:
    """What the texts for one wording of a query are scored by."""

    stems: tuple[str, ...]
    """Of its terms, each once: t of them."""
    idf: Floats
    """Shape (t,), above 0."""
    mean_length: float
    """Words of a text, at least 1."""


def wording(terms: Sequence[str], matches: TextMatches, nearest: Sequence[Candidate]) -> Wording:
    """How telling the words of a query are in a namespace.

    Args:
        terms: The words searched for, each once.
        matches: What was found by them.
        nearest: What was found by vector, where that was searched: all stores find the same there, so its mean
            length stands for that of all memories.
    """
    holding = dict.fromkeys(query_stems(terms), 0)
    for term, frequency in zip(map(stem, terms), matches.frequencies, strict=True):
        holding[term] = max(frequency, holding[term])
    lengths = [candidate.word_count for candidate in nearest or matches.found]
    return Wording(
        stems=tuple(holding),
        idf=inverse_frequencies(np.array(list(holding.values()), dtype=np.float64), matches.live),
        mean_length=max(1.0, float(np.mean(lengths)) if lengths else 1.0),
    )


def query_stems(terms: Sequence[str]) -> tuple[str, ...]:
    """What texts are looked through for: the stems of the words of a query, each once."""
    return tuple(dict.fromkeys(map(stem, terms)))


def text_scores(
    candidates: Sequence[Candidate],
    counts: Floats,
    asked: Wording,
    matched: Collection[str],
    constants: RankingConstants,
) -> dict[str, float]:
    """BM25 by memory id of the candidates that hold a word of the query, above 0.

    Whatever found them is scored: of the many that match by one common word each store finds others.

    Args:
        candidates: Each once.
        counts: How often each of them holds each stem, as of `term_counts`.
        asked: What they are scored by.
        matched: Ids of those that the store found by text. Its stemmer may see a word where `stem` does not; they
            count as holding the commonest, once.
        constants: ``bm25_k1`` and ``bm25_b``.
    """
    if not candidates or not asked.stems:
        return {}
    unseen = ~counts.any(axis=1) & np.array([candidate.memory_id in matched for candidate in candidates])
    counts = counts.copy()
    counts[unseen, int(asked.idf.argmin())] = 1.0
    lengths = np.array([candidate.word_count for candidate in candidates], dtype=np.float64)
    scores = bm25(counts, lengths, asked, constants)
    return {
        candidate.memory_id: score for candidate, score in zip(candidates, scores.tolist(), strict=True) if score > 0.0
    }


def term_counts(stems: Sequence[str], candidates: Sequence[Candidate]) -> Floats:
    """How often the excerpt of each of n candidates holds each of t stems, shape (n, t)."""
    texts = [candidate.excerpt for candidate in candidates]
    counts = np.zeros((len(texts), len(stems)))
    folded = [text.casefold() for text in texts]
    plain = {row: letters for row, text in enumerate(folded) if (letters := plain_letters(text)) is not None}
    # Words are looked for by what all of a stem begin with, many times faster than parting and stemming all texts.
    joined = "\n".join(plain.values())
    ends = np.cumsum([len(letters) + 1 for letters in plain.values()])
    rows = np.array(list(plain), dtype=np.intp)
    for column, wanted in enumerate(stems):
        starts = [start for start, word in words_beginning(beginning(wanted), joined) if stem(word) == wanted]
        if starts:
            counts[:, column] = np.bincount(rows[np.searchsorted(ends, starts, side="right")], minlength=len(texts))
    for row in set(range(len(texts))).difference(plain):
        of_text = list(map(stem, words(folded[row])))
        counts[row] = [of_text.count(wanted) for wanted in stems]
    return counts


def inverse_frequencies(frequencies: Floats, live: int) -> Floats:
    """``ln(1 + (N - n + 0.5) / (n + 0.5))``, which is never negative; same shape as ``frequencies``.

    Args:
        frequencies: Texts of the collection that hold each term: n.
        live: Texts of the collection: N, at least n.
    """
    # They were counted at different moments.
    of_all = np.maximum(live, frequencies)
    idf: Floats = np.log1p((of_all - frequencies + 0.5) / (frequencies + 0.5))
    return idf


def bm25(counts: Floats, lengths: Floats, asked: Wording, constants: RankingConstants) -> Floats:
    """Okapi BM25, shape (n,), at least 0.

    ``sum over t of idf(t) * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean length))`` with the idf of
    `inverse_frequencies` (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009).

    Args:
        counts: How often each text holds each term: f, shape (n, t).
        lengths: Words of each text, shape (n,).
        asked: The idf of the terms and the mean length.
        constants: ``bm25_k1`` and ``bm25_b``.
    """
    k1, b = constants.bm25_k1, constants.bm25_b
    norm = k1 * (1.0 - b + b * lengths / asked.mean_length)
    scores: Floats = (asked.idf * counts * (k1 + 1.0) / (counts + norm[:, None])).sum(axis=1)
    return scores
