"""The factors whose product ranks: how well a memory matches, how the graph leads to it, and what else speaks for it.

Who said it, when, how much it says and how strong it is are known before its content is compared. Documents have no
speaker, and for them length means nothing; they keep a factor of 1.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coda_graphmem.decay import TYPE_FACTORS, decay_factors
from coda_graphmem.language.dates import tells_time
from coda_graphmem.language.keys import query_keys
from coda_graphmem.language.periods import Span
from coda_graphmem.language.pronouns import ASKS_ABOUT_ONESELF, ASKS_FOR_WHAT_WAS_ANSWERED
from coda_graphmem.language.roles import assistants, is_silent
from coda_graphmem.language.words import STOP_WORDS
from coda_graphmem.retrieval.candidates import Flags, Floats, Pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.times import SECONDS_PER_DAY

_EDGES = re.compile(r"^\W+|\W+$")
_POSSESSIVE = re.compile(r"['\u2019]s?$")

_TINY = 1e-9


def fuse(pool: Pool, live: int, constants: RankingConstants, known: float = 1.0) -> Floats:
    """The convex combination of scaled cosine and BM25, in [0, 1], shape (n,).

    ``h = (1 - w) * (c - c_low) / (c_max - c_low) + w * b / b_max`` (Bruch, Gai and Ingber, "An Analysis of Fusion
    Functions for Hybrid Retrieval", 2023), the BM25 by its theoretical minimum 0, the cosine from
    ``c_low = c_max - reach * (c_max - c_k)``, where c_k is that of the last one found by vector. What only text or
    the graph found, which differs a little between stores, moves no bound; what is less similar than c_low gets 0.
    The reach is 1 where all memories were found, ``reach = 1 + (r - 1) * (1 - k / N)``: among more, the least similar
    is further below the last one found. What a model that hardly knows the language of the query makes of it means
    little: the share of the cosine is ``1 - w`` of a query it knows, and falls with what it knows of it.

    Args:
        live: N, the live memories of the namespace.
        constants: The weight of the text, how many are found by vector (k), and how far their cosines reach (r).
        known: How far the model knows the language of the query, in [0, 1].
    """
    best = float(pool.text.max(initial=0.0))
    text = pool.text / best if best > 0.0 else pool.text
    there = ~np.isnan(pool.similarity)
    if not there.any():
        return text
    weight = 1.0 - (1.0 - constants.text_weight) * known if best > 0.0 else 0.0
    return (1.0 - weight) * _scaled(pool, there, live, constants) + weight * text


def walk_scores(pool: Pool, probability: Mapping[str, float]) -> Floats:
    """The walk's probability of each candidate relative to the best one, in [0, 1], shape (n,)."""
    found = np.array([probability.get(row.memory_id, 0.0) for row in pool.candidates], dtype=np.float64)
    best = float(found.max(initial=0.0))
    return found / best if best > 0.0 else found


def named_speakers(query: str, speakers: Collection[str]) -> frozenset[str]:
    """Keys of the speakers, of all who speak, whom a query names by the whole name or by its first word."""
    words = frozenset(query_keys(query)) if speakers else frozenset()
    return frozenset(speaker for speaker in speakers if speaker in words or speaker.split(" ", 1)[0] in words)


def spellings(query: str) -> list[str]:
    """What a speaker whom a query names may be called: each word as it stands, in small letters, and with a capital."""
    words = (_POSSESSIVE.sub("", _EDGES.sub("", word)) for word in query.split())
    worth = [word for word in words if word and word.casefold() not in STOP_WORDS]
    return list(dict.fromkeys(form for word in worth for form in (word, word.lower(), word.capitalize())))


def asking_speakers(query: str, speakers: Collection[str]) -> frozenset[str]:
    """Keys of the speakers that "I" and "my" of a query stand for.

    Where one of those who speak is an assistant, somebody asks about what they said to it
    themselves: it is all the others. Elsewhere nobody can tell. Who is one, `coda_graphmem.language.roles` says. A
    question for what the assistant answered, "How did you recommend planning my week?", means what both said.
    """
    if ASKS_ABOUT_ONESELF.search(query) is None or ASKS_FOR_WHAT_WAS_ANSWERED.search(query) is not None:
        return frozenset()
    programs = assistants(speakers) | {speaker for speaker in speakers if is_silent(speaker)}
    return frozenset(speakers) - programs if programs else frozenset()


def speaker_prior(pool: Pool, meant: Collection[str], constants: RankingConstants) -> Floats:
    """``speaker_factor`` for what a speaker said whom the query means, else 1; shape (n,)."""
    said = np.array([speaker in meant for speaker in pool.speakers], dtype=np.bool_)
    return np.where(said, constants.speaker_factor, 1.0)


def time_prior(timestamps: Floats, spans: Sequence[Span], constants: RankingConstants) -> Floats:
    """How much the time of each memory speaks for it: a factor of 1 or above, shape (n,).

    ``time_factor ** max(0, 1 - d / l)`` with d the distance of a memory to the nearest span and l
    the length of that span: what was said soon after or before it may still be about it.

    Args:
        timestamps: Seconds, shape (n,).
        spans: See `coda_graphmem.language.periods.time_spans`; the nearest decides.
    """
    nearness = np.zeros(len(timestamps))
    for span in spans:
        distance = np.maximum(np.maximum(span.start - timestamps, timestamps - span.end), 0.0)
        nearness = np.maximum(nearness, 1.0 - distance / (span.end - span.start))
    factor: Floats = constants.time_factor**nearness
    return factor


def dated_prior(pool: Pool, constants: RankingConstants) -> Floats:
    """``dated_factor`` for turns that tell a time, which is what a question for one asks for, else 1; shape (n,)."""
    tells = [turn and tells_time(row.excerpt) for turn, row in zip(pool.is_turn, pool.candidates, strict=True)]
    return np.where(tells, constants.dated_factor, 1.0)


def informativeness(pool: Pool, constants: RankingConstants) -> Floats:
    """How much each turn says, in (0, 1], 1 for what is no turn; shape (n,).

    ``((1 + min(w, cap)) / (1 + cap)) ** length_exponent`` for w words, times ``question_factor`` for
    a short turn that does nothing but ask.
    """
    cap = constants.length_cap
    length = ((1.0 + np.minimum(pool.words, cap)) / (1.0 + cap)) ** constants.length_exponent
    asks = pool.is_question & (pool.words <= constants.question_words)
    return np.where(pool.is_turn, length * np.where(asks, constants.question_factor, 1.0), 1.0)


@dataclass(frozen=True, slots=True)
class Strength:
    """Deviations from the mean of the candidates, each in [-1, 1], shape (n,); 0 where all are equal."""

    importance: Floats
    recency: Floats

    def at(self, places: Sequence[int]) -> "Strength":
        """That of some of the candidates."""
        return Strength(self.importance[places], self.recency[places])


def strength(pool: Pool, now: float, decay_rate: float, constants: RankingConstants) -> Strength:
    """Importance and recency of each candidate relative to the others.

    Importance fades by the forgetting curve of `coda_graphmem.decay`; recency halves every
    `RankingConstants.recency_days` since it happened. Only differences count, so that candidates of
    equal strength keep the order their content gives them.

    Args:
        now: Seconds.
        decay_rate: `MemoryConfig.importance_decay_rate`.
    """
    rows = pool.candidates
    given = np.array([row.importance_score for row in rows], dtype=np.float64)
    left = decay_factors(
        timestamp=pool.timestamp,
        last_accessed=[np.nan if row.last_accessed is None else row.last_accessed for row in rows],
        uses=[row.uses for row in rows],
        importance=given,
        type_factor=[TYPE_FACTORS[row.memory_type] for row in rows],
        now=now,
        rate=decay_rate,
    )
    importance = given * left
    recency = 0.5 ** (np.maximum(now - pool.timestamp, 0.0) / (SECONDS_PER_DAY * constants.recency_days))
    return Strength(_centred(importance), _centred(recency))


def reranker_factor(size: int, places: Sequence[int], scores: Floats, constants: RankingConstants) -> Floats:
    """What a reranker's scores of the best candidates are worth in the order of all, above 0; shape (size,).

    ``exp(reranker_weight * (s - mean) / std)`` with mean and (population) standard deviation over the scores, so that
    neither their scale nor their zero matters. What was not scored has the least of these: it comes before nothing for
    not having been read. Where all scores are equal, all have 1.

    Args:
        size: Number of candidates.
        places: Positions of those that were scored.
        scores: Of these, shape (len(places),), finite; higher is better.
        constants: The weight.
    """
    deviation = _centred(scores)
    largest = float(np.abs(deviation).max(initial=0.0))
    # What is left of equal numbers by rounding is no difference.
    if largest <= _TINY * float(np.abs(scores).max(initial=0.0)):
        return np.ones(size)
    # Divided by the largest first, whose square may be beyond what floats hold.
    deviation = deviation / largest
    worth = np.exp(constants.reranker_weight * deviation / deviation.std())
    factor = np.full(size, worth.min())
    factor[list(places)] = worth
    return factor


def loose_share(pool: Pool, constants: RankingConstants) -> float:
    """The share of what was found that mentions more than what it is about, in [0, 1].

    Turns follow one another whatever they are about, and long texts speak of many things.
    """
    found = (pool.is_turn | (pool.words > constants.long_words))[pool.found]
    return float(found.mean()) if found.size else 0.0


def graph_factors(
    pool: Pool,
    fused: Floats,
    walked: Floats,
    *,
    speaker: Floats,
    informativeness: Floats,
    time: Floats,
    strength: Strength,
    constants: RankingConstants,
) -> dict[str, Floats]:
    """The factors whose product ranks, by name, each of shape (n,) and above 0.

    ``(p + e_p) ** a * (h + e_h) ** (1 - a) * exp(w_c * (c - c_max)) * speaker * informativeness * time * exp(w_i * i)
    * exp(w_r * r)`` with p the walk's score, h the fused score, c the cosine, i and r importance and recency relative
    to the others. How much the walk counts (a, and the floor e_p) lies between what is right for short documents and
    for turns and long texts, by their share of what was found; w_c grows with it.
    """
    loose = loose_share(pool, constants)
    share = (1.0 - loose) * constants.walk_exponent + loose * constants.walk_exponent_loose
    floor = constants.walk_floor ** (1.0 - loose) * constants.walk_floor_loose**loose
    cosine = np.nan_to_num(pool.similarity, nan=-1.0)
    return {
        "graph": (walked + floor) ** share,
        "similarity": np.exp(loose * constants.cosine_loose * (cosine - cosine.max(initial=-1.0))),
        "match": (fused + constants.fused_floor) ** (1.0 - share),
        "speaker": speaker,
        "informativeness": informativeness,
        "time": time,
        "importance": np.exp(constants.importance_weight * strength.importance),
        "recency": np.exp(constants.recency_weight * strength.recency),
    }


def product(factors: Mapping[str, Floats]) -> Floats:
    """The product of factors, shape (n,)."""
    total: Floats = np.prod(np.stack(list(factors.values())), axis=0)
    return total


def _scaled(pool: Pool, known: Flags, live: int, constants: RankingConstants) -> Floats:
    reference = pool.similarity[known & pool.found]
    if not reference.size:
        reference = pool.similarity[known]
    # A search by vector finds the most similar, so they are the most similar of all that was found.
    nearest = np.sort(reference)[-constants.candidates :]
    high = float(nearest[-1])
    beyond = 0.0 if len(nearest) < constants.candidates else 1.0 - constants.candidates / max(live, len(nearest))
    reach = (1.0 + (constants.cosine_reach - 1.0) * beyond) * (high - float(nearest[0]))
    if reach < _TINY:
        return np.where(known, (pool.similarity >= high).astype(np.float64), 0.0)
    return np.where(known, np.clip((pool.similarity - high + reach) / reach, 0.0, 1.0), 0.0)


def _centred(values: Floats) -> Floats:
    return values - values.mean() if values.size else values
