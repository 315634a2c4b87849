"""One scale of relevance, the order on it, near-duplicates, and several queries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.language.words import stems
from coda_graphmem.retrieval.candidates import ranking
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.factors import Strength, graph_factors, loose_share, product, walk_scores
from coda_graphmem.retrieval.graph import fading_seeds
from coda_graphmem.retrieval.multi_query import aggregate
from coda_graphmem.retrieval.ranker import centre
from coda_graphmem.retrieval.relevance import never_rising, plain_relevance, relevance_parts, spread, total
from tests.retrieval.build import candidate, pool, result, values

NOTHING = np.zeros(3)
UNIT = st.floats(0.0, 1.0)


def test_where_only_the_vector_speaks_relevance_is_similarity() -> None:
    similarity = values(0.8, 0.2, -0.4)
    parts = relevance_parts(similarity, NOTHING, NOTHING, Strength(NOTHING, NOTHING), RANKING)
    assert total(parts).tolist() == pytest.approx(plain_relevance(similarity).tolist()) == [0.9, 0.6, 0.3]


def test_text_lifts_by_the_words_it_holds() -> None:
    none, some, full = (
        total(relevance_parts(values(0.2), values(share), None, None, RANKING))[0] for share in (0.0, 1 / 3, 1.0)
    )
    assert none == pytest.approx(0.6)
    assert full == pytest.approx(0.6 + 0.5 * 0.4)
    assert none < some < 0.65


def test_without_vectors_the_words_are_the_scale() -> None:
    parts = relevance_parts(values(np.nan, np.nan, np.nan), values(1.0, 0.5, 0.0), None, None, RANKING)
    assert total(parts).tolist() == [1.0, 0.75, 0.5]


def test_where_the_model_does_not_know_the_language_the_words_are_the_scale() -> None:
    similarity, covered = values(0.9, 0.9), values(1.0, 0.0)

    def relevance(known: float) -> list[float]:
        parts = relevance_parts(similarity, covered, None, None, RANKING, known=known)
        return (parts["vector"] + parts["text"]).tolist()

    assert relevance(0.0) == pytest.approx([1.0, 0.5])
    assert relevance(1.0) == pytest.approx([0.95 + 0.5 * 0.05, 0.95])
    assert relevance(0.0)[1] < relevance(0.5)[1] < relevance(1.0)[1]


def test_the_graph_lifts_towards_the_best_but_never_above() -> None:
    parts = relevance_parts(values(0.6, 0.0, 0.0), NOTHING, values(1.0, 1.0, 0.25), None, RANKING)
    assert total(parts).tolist() == pytest.approx([0.8, 0.65, 0.575])
    poor = relevance_parts(values(0.2, 0.2, 0.2), NOTHING, values(1.0, 1.0, 1.0), None, RANKING)
    assert total(poor).tolist() == pytest.approx([0.6, 0.6, 0.6])


def test_unknown_names_bring_everything_nearer_to_unrelated() -> None:
    def scores(unknown: float) -> list[float]:
        return total(relevance_parts(values(0.8, 0.6, -0.4), NOTHING, None, None, RANKING, unknown=unknown)).tolist()

    assert scores(0.0) == pytest.approx([0.9, 0.8, 0.3])
    assert scores(0.5) == pytest.approx([0.9 - 0.35 * 0.4, 0.8 - 0.35 * 0.3, 0.3])
    assert scores(1.0) == pytest.approx([0.9 - 0.7 * 0.4, 0.8 - 0.7 * 0.3, 0.3])


@given(st.lists(st.tuples(st.floats(-1.0, 1.0), UNIT, UNIT, UNIT, UNIT), min_size=1, max_size=30), UNIT)
def test_relevance_never_rises_and_stays_on_the_scale(rows: list[tuple[float, ...]], unknown: float) -> None:
    similarity, coverage, walked, importance, recency = np.array(rows).T
    strength = Strength(importance - importance.mean(), recency - recency.mean())
    scores = total(relevance_parts(similarity, coverage, walked, strength, RANKING, unknown=unknown))
    assert np.all(np.diff(scores) <= 1e-12)
    assert np.all((scores >= -1e-12) & (scores <= 1 + 1e-12))


@given(st.lists(UNIT, min_size=1, max_size=40))
def test_isotonic_regression(numbers: list[float]) -> None:
    fitted = never_rising(np.array(numbers))
    assert np.all(np.diff(fitted) <= 1e-12)
    assert fitted.sum() == pytest.approx(sum(numbers))
    ordered = np.sort(np.array(numbers))[::-1]
    assert never_rising(ordered).tolist() == pytest.approx(ordered.tolist())


TWO = pool(candidate("a"), candidate("b"))


def factors(**changed: object) -> np.ndarray:
    given_values = {
        "speaker": np.ones(2),
        "informativeness": np.ones(2),
        "time": np.ones(2),
        "strength": Strength(np.zeros(2), np.zeros(2)),
        "constants": RANKING,
    }
    return product(graph_factors(TWO, values(0.5, 0.5), values(0.5, 0.5), **given_values | changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"speaker": values(2.0, 1.0)},
        {"informativeness": values(1.0, 0.5)},
        {"time": values(1.5, 1.0)},
        {"strength": Strength(values(0.1, -0.1), np.zeros(2))},
        {"strength": Strength(np.zeros(2), values(0.1, -0.1))},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_factor_lifts(changed: dict[str, object]) -> None:
    first, second = factors()
    assert first == second
    first, second = factors(**changed)
    assert first > second


def test_the_score_is_a_geometric_mean_of_walk_and_match() -> None:
    plain = {"speaker": np.ones(2), "informativeness": np.ones(2), "time": np.ones(2)}
    still = Strength(np.zeros(2), np.zeros(2))
    only_walk = replace(RANKING, walk_exponent=1.0)
    walked, fused = values(1.0, 0.2), values(0.1, 0.9)
    scores = product(graph_factors(TWO, fused, walked, **plain, strength=still, constants=only_walk))
    assert scores.tolist() == pytest.approx([1.001, 0.201])
    scores = product(graph_factors(TWO, fused, walked, **plain, strength=still, constants=RANKING))
    assert scores.tolist() == pytest.approx([1.001**0.7 * 0.11**0.3, 0.201**0.7 * 0.91**0.3])


def test_among_turns_the_walk_counts_less_and_the_cosine_more() -> None:
    plain = {"speaker": np.ones(2), "informativeness": np.ones(2), "time": np.ones(2)}
    still = Strength(np.zeros(2), np.zeros(2))
    fused, walked = values(0.4, 0.4), values(1.0, 0.0)

    def scores(*speakers: str | None) -> np.ndarray:
        both = pool(*(candidate(name, c, speaker=s) for name, c, s in zip("ab", (0.3, 0.5), speakers, strict=True)))
        return product(graph_factors(both, fused, walked, **plain, strength=still, constants=RANKING))

    turns, documents, mixed = scores("Ann", "Bob"), scores(None, None), scores("Ann", None)
    assert documents.tolist() == pytest.approx([1.001**0.7 * 0.41**0.3, 0.001**0.7 * 0.41**0.3])
    assert turns.tolist() == pytest.approx([1.01**0.4 * 0.41**0.6 * np.exp(-0.24), 0.01**0.4 * 0.41**0.6])
    assert turns[0] / turns[1] < mixed[0] / mixed[1] < documents[0] / documents[1]


def test_long_texts_count_as_turns_do() -> None:
    some = pool(candidate("a", word_count=RANKING.long_words), candidate("b", word_count=RANKING.long_words + 1))
    assert loose_share(some, RANKING) == 0.5
    assert loose_share(pool(candidate("c", speaker="Ann")), RANKING) == 1.0
    assert loose_share(pool(), RANKING) == 0.0


def test_an_old_exact_answer_stays_first() -> None:
    """The weakest memory that matches fully is before the strongest that hardly does."""
    weakest, strongest = values(-1.0, 1.0), values(-1.0, 1.0)
    scores = product(
        graph_factors(
            TWO,
            values(1.0, 0.4),
            values(1.0, 0.4),
            speaker=np.ones(2),
            informativeness=np.ones(2),
            time=np.ones(2),
            strength=Strength(weakest, strongest),
            constants=RANKING,
        )
    )
    assert scores[0] > scores[1]


def test_later_turns_of_a_conversation_weigh_more() -> None:
    latest = [result(name, 0.5).memory for name in ("last", "before", "first")]
    seeds = fading_seeds(latest, replace(RANKING, context_fade=0.5))
    assert seeds.memory_ids == ("last", "before", "first")
    assert seeds.weights == pytest.approx((4 / 7, 2 / 7, 1 / 7))
    assert fading_seeds([], RANKING).weights == ()


def test_the_centre_of_memories_is_a_unit_vector() -> None:
    one, other, bare = (result(name, 0.5).memory for name in ("one", "other", "bare"))
    one.embedding, other.embedding = [1.0, 0.0], [0.0, 1.0]
    middle = centre([one, other, bare])
    assert middle is not None
    assert middle.tolist() == pytest.approx([0.5**0.5, 0.5**0.5])
    other.embedding = [-1.0, 0.0]
    assert centre([one, other]) is None
    assert centre([bare]) is None


def test_ranking_breaks_ties_by_id() -> None:
    found = pool(candidate("b"), candidate("a"), candidate("c"))
    assert ranking(found, values(0.5, 0.5, 0.9)) == [2, 1, 0]
    assert walk_scores(found, {"b": 0.2, "c": 0.1}).tolist() == pytest.approx([1.0, 0.0, 0.5])
    assert walk_scores(found, {}).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("contents", "kept"),
    [
        (["User likes hiking", "The user likes to hike!", "User likes tea"], [0, 2]),
        (["Good morning!", "Good morning.", "good MORNING"], [0]),
        (["Thanks", "You?", "Thanks"], [0, 1]),
        (["Paid 30 for lunch", "Paid 40 for lunch"], [0, 1]),
        (["Maria eats fish", "Maria never eats fish"], [0, 1]),
        (["Maria visited Rome", "Tom visited Rome"], [0, 1]),
        ([], []),
    ],
)
def test_near_duplicates_give_way(contents: list[str], kept: list[int]) -> None:
    assert spread(contents, [stems(text) for text in contents], RANKING) == kept


def test_the_overlap_decides_what_a_duplicate_is() -> None:
    contents = ["Maria visited Rome with Anna", "Tom visited Rome with Anna"]
    words = [stems(text) for text in contents]
    assert spread(contents, words, RANKING) == [0, 1]
    assert spread(contents, words, replace(RANKING, duplicate_overlap=0.5)) == [0]


FIRST = [result("a", 0.9), result("b", 0.6)]
SECOND = [result("c", 0.8), result("b", 0.7)]


def joined(method: str, weights: list[float] | None = None) -> list[tuple[str, float]]:
    return [(r.memory.memory_id, round(r.relevance, 6)) for r in aggregate([FIRST, SECOND], method, weights, RANKING)]


def test_weighted_average() -> None:
    assert joined("weighted_average") == [("a", 0.8), ("c", 0.7), ("b", 0.65)]
    assert joined("weighted_average", [3, 1]) == [("a", 0.85), ("c", 0.65), ("b", 0.625)]
    assert joined("weighted_average", [0, 1])[0] == ("c", 0.8)


def test_max() -> None:
    assert joined("max") == [("a", 0.9), ("c", 0.8), ("b", 0.7)]
    assert joined("max", [1, 2]) == [("c", 0.8), ("b", 0.7), ("a", 0.45)]


def test_reciprocal_rank_puts_first_what_all_queries_found() -> None:
    found = joined("reciprocal_rank")
    assert [name for name, _ in found] == ["b", "a", "c"]
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert [name for name, _ in joined("reciprocal_rank", [0, 1])] == ["c", "b", "a"]


@pytest.mark.parametrize("method", ["weighted_average", "max", "reciprocal_rank"])
def test_joint_parts_sum_to_the_relevance(method: str) -> None:
    for item in aggregate([FIRST, SECOND, []], method, [1.0, 2.0, 0.5], RANKING):
        assert sum(item.parts.values()) == pytest.approx(item.relevance)
        assert 0.0 <= item.relevance <= 1.0
    assert aggregate([[], []], method, None, RANKING) == []
