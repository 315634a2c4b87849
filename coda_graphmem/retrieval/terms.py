"""The words of a query that texts are searched for, and how well a text holds them, the same for every store.

What stores find by text they find with indexes of their own, whose scores differ and count all tenants together; what
was found is scored here.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from coda_graphmem.language.dates import CALENDAR
from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.languages import ENGLISH, NAMES_STAY, function_words, language_of, word_beginning
from coda_graphmem.language.normal_form import WORD, folded, is_joined, without_joined
from coda_graphmem.language.words import (
    STOP_WORDS,
    beginning,
    plain_letters,
    stem,
    words,
    words_beginning,
)
from coda_graphmem.retrieval.candidates import Flags, Floats
from coda_graphmem.retrieval.constants import RANKING, RankingConstants
from coda_graphmem.store.protocol import Candidate, TextMatches, beginning_of, begins

_WORD = re.compile(r"\w+")
_WITHIN_NAME = re.compile(r"\.?[ \-](?:[A-Z]\.? )?")


def query_terms(text: str) -> list[str]:
    """What texts are searched for, each once, in order: the words of a query that are no stop words of its language.

    Where nothing else is left, the stop words are what the query is about. A word of another language than English is
    followed by the `beginning_of` what its other forms begin with.
    """
    language = language_of(text)
    stop_words = STOP_WORDS if language is None else function_words(language) or STOP_WORDS
    found = list(dict.fromkeys(words(text)))
    found = [word for word in found if word not in stop_words] or found
    foreign = language not in (None, ENGLISH)
    terms: dict[str, None] = {}
    for word in found:
        terms[word] = None
        if (foreign or not word.isascii()) and (start := word_beginning(word)) is not None:
            terms[beginning_of(start)] = None
    return list(terms)


def names(text: str) -> list[tuple[str, ...]]:
    """What a question names, each once, in words: those in capitals, but for the first of the text.

    Names have no synonyms: where none of the memories found holds one, they speak of something else. Months and
    days name times, which memories have without words. A text all in capitals names nothing that can be told, nor does
    one in a language that declines names, or writes other words with capitals as well.
    """
    if (language_of(text) or ENGLISH) not in NAMES_STAY:
        return []
    found: list[list[str]] = []
    following = list(_WORD.finditer(text))[1:]
    if not any(word[0][0].islower() for word in following):
        return []
    last = -1
    for match in following:
        word = match[0]
        if word[0].isupper() and len(word) > 1 and word.casefold() not in STOP_WORDS and word not in CALENDAR:
            if last >= 0 and _WITHIN_NAME.fullmatch(text, last, match.start()):
                found[-1].append(word)
            else:
                found.append([word])
            last = match.end()
    return list(dict.fromkeys(map(tuple, found)))


def unknown_share(wanted: Collection[Collection[str]], held: Sequence[Collection[str]]) -> float:
    """The share of names that texts do not hold, by stems, in [0, 1]; 0 where nothing is named.

    A name of several words is held as far as a single text holds it: "John" in one and "Woodville" in another are two
    others.

    Args:
        wanted: From `names`.
        held: `coda_graphmem.language.words.stems` of each text.
    """
    missing = named = 0
    for name in wanted:
        parts = {stem(word.casefold()) for word in name}
        named += len(parts)
        missing += min((len(parts.difference(text)) for text in held), default=len(parts))
    return missing / named if named else 0.0


def without_names(text: str, names: Collection[str]) -> str:
    """A query without the words of names, or unchanged where no word worth looking for would be left.

    Args:
        names: Keys of `coda_graphmem.language.keys.entity_key`, of one word or more.
    """
    parts = {part for name in names for part in name.split()}
    rest = " ".join(word for word in text.split() if entity_key(word) not in parts)
    return rest if not STOP_WORDS.issuperset(words(rest)) else text


def coverage(terms: Sequence[str], held: Collection[str]) -> float:
    """The share of a query's words that a text holds, by stems, in [0, 1].

    Unlike BM25 it has the same meaning for every query and every store.

    Args:
        terms: Of `query_terms`, in their order: a word and what its forms begin with count as one.
        held: `coda_graphmem.language.words.stems` of the text.
    """
    wanted: dict[str, bool] = {}
    last = ""
    for term in map(stem, terms):
        start = begins(term)
        if start is None:
            wanted[term], last = term in held, term
        else:
            wanted[last] = wanted.get(last, False) or _held(start, held)
    return sum(wanted.values()) / len(wanted) if wanted else 0.0


def _held(start: str, held: Collection[str]) -> bool:
    return any(word.startswith(start) for word in held)


@dataclass(frozen=True, slots=True)
class Wording:
    """What the texts for one wording of a query are scored by."""

    stems: tuple[str, ...]
    """Of its terms, each once: t of them."""
    idf: Floats
    """Shape (t,), above 0."""
    mean_length: float
    """Words of a text, at least 1."""


def telling_share(asked: Wording, held: Collection[str]) -> float:
    """The share of a query's words that a text holds, each by how rare it is in the namespace, in [0, 1].

    A word that no memory holds is the rarest: a text about something else holds what all hold.

    Args:
        asked: The words of the query.
        held: `coda_graphmem.language.words.stems` of the text.
    """
    whole = float(asked.idf.sum())
    return float(asked.idf[held_terms(asked, held)].sum()) / whole if whole > 0.0 else 0.0


def held_terms(asked: Wording, held: Collection[str]) -> Flags:
    """Which of a query's words a text holds, shape (t,).

    Args:
        asked: The words of the query.
        held: `coda_graphmem.language.words.stems` of the text.
    """
    there = [stem in held if (start := begins(stem)) is None else _held(start, held) for stem in asked.stems]
    return np.array(there, dtype=np.bool_)


def wording(
    terms: Sequence[str],
    matches: TextMatches,
    nearest: Sequence[Candidate],
    constants: RankingConstants = RANKING,
) -> Wording:
    """How telling the words of a query are in a namespace.

    Args:
        terms: The words searched for, each once.
        matches: What was found by them.
        nearest: What was found by vector, where that was searched: all stores find the same there, so its mean
            length stands for that of all memories.
        constants: What a word counts whose forms are looked for as well.
    """
    holding = dict.fromkeys(query_stems(terms), 0)
    for term, frequency in zip(map(stem, terms), matches.frequencies, strict=True):
        holding[term] = max(frequency, holding[term])
    lengths = [candidate.word_count for candidate in nearest or matches.found]
    idf = inverse_frequencies(np.array(list(holding.values()), dtype=np.float64), matches.live)
    # A word whose forms are looked for as well counts there too.
    also = [begins(one) is None and begins(after) is not None for one, after in pairwise([*holding, ""])]
    return Wording(
        stems=tuple(holding),
        idf=np.where(also, constants.exact_share, 1.0) * idf,
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
        matched: Ids of those that the store found by text. Its stemmer may see a word where `stem` does not; they
            count as holding the commonest, once.
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
    plain = {row: letters for row, text in enumerate(texts) if (letters := plain_letters(text)) is not None}
    # Words are looked for by what all of a stem begin with, many times faster than parting and stemming all texts.
    joined = "\n".join(plain.values())
    ends = np.cumsum([len(letters) + 1 for letters in plain.values()])
    rows = np.array(list(plain), dtype=np.intp)
    for column, wanted in enumerate(stems):
        if (start_of_all := begins(wanted)) is None:
            starts = [start for start, word in words_beginning(beginning(wanted), joined) if stem(word) == wanted]
        else:
            starts = [start for start, _ in words_beginning(start_of_all, joined)]
        if starts:
            counts[:, column] = np.bincount(rows[np.searchsorted(ends, starts, side="right")], minlength=len(texts))
    within = [column for column, wanted in enumerate(stems) if is_joined(wanted)]
    parted = [column for column in range(len(stems)) if column not in within]
    for row in set(range(len(texts))).difference(plain):
        text = folded(texts[row])
        counts[row, within] = [text.count(stems[column]) for column in within]
        if parted:
            of_text = Counter(map(stem, WORD.findall(without_joined(text))))
            counts[row, parted] = [_occurrences(stems[column], of_text) for column in parted]
    return counts


def _occurrences(wanted: str, of_text: Mapping[str, int]) -> int:
    start = begins(wanted)
    if start is None:
        return of_text.get(wanted, 0)
    return sum(count for word, count in of_text.items() if word.startswith(start))


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
    """
    k1, b = constants.bm25_k1, constants.bm25_b
    norm = k1 * (1.0 - b + b * lengths / asked.mean_length)
    scores: Floats = (asked.idf * counts * (k1 + 1.0) / (counts + norm[:, None])).sum(axis=1)
    return scores
