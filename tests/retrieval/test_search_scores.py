"""The pool, fusion of vector and text, and the choice of seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coda_graphmem.retrieval.candidates import make_pool
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.factors import fuse
from coda_graphmem.retrieval.graph import choose_seeds
from tests.retrieval.build import candidate, pool, values

#: The last one found by vector has nothing from its cosine.
STEEP = replace(RANKING, cosine_reach=1.0)


def test_a_pool_joins_what_several_searches_found() -> None:
    joined = make_pool(
        [[candidate("a", 0.9), candidate("b", 0.5)], [candidate("b", 0.5)]],
        [candidate("c", 0.1), candidate("a", 0.9)],
        text={"b": 2.0},
    )
    assert [row.memory_id for row in joined.candidates] == ["a", "b", "c"]
    assert joined.text.tolist() == [0.0, 2.0, 0.0]
    assert joined.found.tolist() == [True, True, False]
    assert joined.position == {"a": 0, "b": 1, "c": 2}


def test_a_pool_takes_further_candidates_behind_those_it_has() -> None:
    found = make_pool([[candidate("a", 0.9), candidate("b", 0.5)]], text={"b": 2.0})
    further = found.with_further([candidate("c", 0.1), candidate("a", 0.2), candidate("c", 0.3)], {"a": 9.0, "c": 1.0})
    assert [row.memory_id for row in further.candidates] == ["a", "b", "c"]
    assert further.similarity.tolist() == [0.9, 0.5, 0.1]
    assert further.text.tolist() == [0.0, 2.0, 1.0]
    assert further.found.tolist() == [True, True, False]
    assert further.position == {"a": 0, "b": 1, "c": 2}
    assert found.with_further([candidate("b", 0.1)], {}) is found


def test_fusion_is_half_cosine_half_text() -> None:
    found = pool(candidate("a", 0.9), candidate("b", 0.5), candidate("c", 0.1), text={"b": 4.0, "c": 2.0})
    assert fuse(found, 0, STEEP).tolist() == pytest.approx([0.5, 0.75, 0.25])
    # A model that does not know the language has no share, one that knows it in part a smaller one.
    assert fuse(found, 0, STEEP, known=0.0).tolist() == pytest.approx([0.0, 1.0, 0.5])
    assert fuse(found, 0, STEEP, known=0.5).tolist() == pytest.approx([0.25, 0.875, 0.375])
    assert fuse(found, 0, replace(STEEP, text_weight=1.0)).tolist() == pytest.approx([0.0, 1.0, 0.5])
    # The cosine falls to 0 at 0.9 - 2 * 0.8, but not where there are no others than these.
    far = replace(RANKING, candidates=3, cosine_reach=2.0)
    assert fuse(found, 10**9, far).tolist() == pytest.approx([0.5, 0.375 + 0.5, 0.5])
    assert fuse(found, 6, far).tolist() == pytest.approx([0.5, (1 - 0.4 / 1.2) / 2 + 0.5, (1 - 0.8 / 1.2) / 2 + 0.25])
    for live, k in ((3, 3), (10**9, 4)):
        assert fuse(found, live, replace(far, candidates=k)).tolist() == pytest.approx([0.5, 0.75, 0.25])


def test_what_only_the_graph_found_does_not_move_the_bounds() -> None:
    searched = [candidate("a", 0.9), candidate("b", 0.5)]
    joined = make_pool([searched], [candidate("far", -0.5), candidate("mid", 0.7)])
    assert fuse(joined, 0, STEEP).tolist() == pytest.approx([1.0, 0.0, 0.0, 0.5])


def test_what_only_text_found_does_not_move_the_bounds() -> None:
    searched = [candidate("a", 0.9), candidate("b", 0.5), candidate("c", 0.1)]
    assert fuse(make_pool([searched]), 0, replace(STEEP, candidates=2)).tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_fusion_without_text_or_without_vectors() -> None:
    assert fuse(pool(candidate("a", 0.9), candidate("b", 0.1)), 0, STEEP).tolist() == [1.0, 0.0]
    texts = pool(candidate("a", None), candidate("b", None), text={"a": 3.0, "b": 1.5})
    assert fuse(texts, 0, RANKING).tolist() == [1.0, 0.5]
    assert fuse(pool(candidate("only", 0.3)), 0, RANKING).tolist() == [1.0]
    assert fuse(pool(), 0, RANKING).tolist() == []


def test_seeds_weigh_their_margin() -> None:
    found = pool(*(candidate(str(i)) for i in range(4)))
    few = replace(RANKING, seeds=2, seed_sharpness=1.0)
    seeds = choose_seeds(found, values(0.2, 0.9, 0.4, 0.1), few)
    assert seeds.memory_ids == ("1", "2")
    assert seeds.weights == pytest.approx((0.7 / 0.9, 0.2 / 0.9), rel=1e-4)
    sharper = choose_seeds(found, values(0.2, 0.9, 0.4, 0.1), replace(few, seed_sharpness=3.0))
    assert sharper.weights[0] > seeds.weights[0]
    assert sum(sharper.weights) == pytest.approx(1.0)


def test_equal_seeds_share_the_start_and_ties_go_by_id() -> None:
    found = pool(candidate("b"), candidate("a"), candidate("c"))
    seeds = choose_seeds(found, np.full(3, 0.5), replace(RANKING, seeds=2))
    assert seeds.memory_ids == ("a", "b")
    assert seeds.weights == pytest.approx((0.5, 0.5))
    assert choose_seeds(pool(), values(), RANKING).memory_ids == ()
