"""The graph of a neighbourhood and the walk on it."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import networkx
import numpy as np
import pytest

from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.graph import (
    Seeds,
    WalkGraph,
    bridges,
    build_graph,
    hub_bound,
    mention_weight,
    most_probable,
    personalised_pagerank,
    start_distribution,
    walk,
    with_titled,
)
from coda_graphmem.store.protocol import EntityNode, Neighbourhood
from tests.retrieval.build import candidate, neighbourhood, pool, values

CHAIN = {"a": ["maria"], "b": ["maria", "hiking"], "c": ["hiking"], "d": []}


def graph_of(around: Neighbourhood, speakers: Collection[str] = (), max_mentions: int = 10) -> WalkGraph:
    return build_graph(around, bridges(around.entities, speakers, max_mentions), RANKING)


def test_edges_join_memories_over_entities_and_along_conversations() -> None:
    graph = graph_of(neighbourhood(CHAIN, [("c", "d")]))
    names = (*graph.memory_ids, *graph.entity_keys)
    edges = {
        (names[s], names[t]): w
        for s, t, w in zip(graph.sources.tolist(), graph.targets.tolist(), graph.weights.tolist(), strict=True)
    }
    assert set(edges) == {
        pair
        for one, other in [("a", "maria"), ("b", "maria"), ("b", "hiking"), ("c", "hiking"), ("c", "d")]
        for pair in [(one, other), (other, one)]
    }
    assert edges["a", "maria"] == pytest.approx(1 / math.log(3) ** 2)
    assert edges["c", "d"] == RANKING.follow_weight


def test_hubs_speakers_and_lonely_entities_are_no_bridges() -> None:
    around = neighbourhood({"a": ["hub", "tom", "lonely", "ok"], "b": ["hub", "tom", "ok"]}, counts={"hub": 11})
    assert graph_of(around, {"tom"}).entity_keys == ("ok",)
    assert set(graph_of(around, (), 11).entity_keys) == {"hub", "tom", "ok"}


def test_the_bound_of_hubs_grows_with_the_namespace_up_to_a_limit() -> None:
    assert [hub_bound(n, RANKING) for n in (0, 100, 1000, 1_000_000)] == [10, 10, 50, 100]


def test_rare_entities_bind_more_strongly() -> None:
    weights = [mention_weight(EntityNode("k", "K", "NAME", n), RANKING) for n in (2, 5, 50)]
    assert weights == sorted(weights, reverse=True)


def test_names_bind_more_strongly_than_noun_chunks() -> None:
    name, chunk = (mention_weight(EntityNode("k", "K", label, 5), RANKING) for label in ("GPE", "CONCEPT"))
    assert chunk == pytest.approx(RANKING.concept_weight * name)


def test_the_walk_reaches_what_is_linked_and_nothing_else() -> None:
    reached = walk(graph_of(neighbourhood(CHAIN)), Seeds(("a",), (1.0,)), {}, RANKING)
    assert reached["a"] > reached["c"] > 0.0
    assert reached["b"] > reached["c"]
    assert reached["d"] == 0.0


def test_a_named_entity_is_a_start_of_its_own() -> None:
    around = neighbourhood({"a": ["maria"], "b": ["maria"], "c": ["tom"], "d": ["tom"]})
    graph = graph_of(around)
    assert walk(graph, Seeds(("a",), (1.0,)), {}, RANKING)["c"] == 0.0
    named = walk(graph, Seeds(("a",), (1.0,)), {"tom": 1.0}, RANKING)
    assert named["c"] == pytest.approx(named["d"])
    assert 0.0 < named["c"] < named["a"]


def test_the_start_is_a_distribution_over_what_is_there() -> None:
    graph = graph_of(neighbourhood(CHAIN))
    start = start_distribution(graph, Seeds(("a", "gone"), (0.25, 0.75)), {"hiking": 2.0, "unknown": 1.0}, RANKING)
    assert start.sum() == pytest.approx(1.0)
    nothing = start_distribution(graph, Seeds(("gone",), (1.0,)), {}, RANKING)
    assert nothing.sum() == 0.0
    assert personalised_pagerank(graph, nothing, RANKING).sum() == 0.0


def test_the_walk_is_networkx_pagerank() -> None:
    """On a random graph, with enough iterations, where every node has an edge."""
    rng = np.random.default_rng(5)
    mentions = {f"m{i}": sorted({f"e{e}" for e in rng.integers(0, 12, 3)}) for i in range(40)}
    around = neighbourhood(mentions, [("m0", "m1"), ("m7", "m8")], counts={f"e{i}": 2 + i for i in range(12)})
    graph = graph_of(around, (), 100)
    seeds = Seeds(("m0", "m3"), (0.7, 0.3))
    start = start_distribution(graph, seeds, {"e1": 1.0}, RANKING)
    ours = personalised_pagerank(graph, start, replace(RANKING, iterations=200))

    theirs = networkx.Graph()
    theirs.add_nodes_from(range(graph.size))
    theirs.add_weighted_edges_from(zip(graph.sources.tolist(), graph.targets.tolist(), graph.weights, strict=True))
    expected = networkx.pagerank(
        theirs, alpha=RANKING.damping, personalization=dict(enumerate(start.tolist())), tol=1e-12, max_iter=500
    )
    assert ours == pytest.approx([expected[i] for i in range(graph.size)], abs=1e-8)
    assert ours.sum() == pytest.approx(1.0)


def test_the_most_probable_come_first() -> None:
    reached = {"b": 0.2, "a": 0.2, "known": 0.5, "far": 0.1, "never": 0.0}
    assert most_probable(reached, {"known"}, 9) == ["a", "b", "far"]
    assert most_probable(reached, {}, 2) == ["known", "a"]


def test_the_order_of_edges_changes_no_digit() -> None:
    around = neighbourhood({"a": ["x", "y"], "b": ["x"], "c": ["y", "x"]}, [("a", "b"), ("b", "c")])
    backwards = replace(
        around,
        entities=dict(reversed(around.entities.items())),
        mentions=list(reversed(around.mentions)),
        follows=list(reversed(around.follows)),
    )
    one, other = (graph_of(each) for each in (around, backwards))
    assert (one.memory_ids, one.entity_keys) == (other.memory_ids, other.entity_keys)
    for name in ("sources", "targets", "weights"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


def test_an_entity_leads_to_what_is_about_it_rather_than_to_what_mentions_it() -> None:
    around = replace(
        neighbourhood({"film": ["drake"], "about": ["drake"], "other": ["drake"]}), titles={("about", "drake")}
    )
    reached = walk(graph_of(around), Seeds(("film",), (1.0,)), {}, RANKING)
    assert reached["about"] == pytest.approx(RANKING.title_weight * reached["other"])


def test_each_title_that_is_named_gets_the_same_share_of_the_seeds() -> None:
    found = pool(*(candidate(name) for name in "abcd"))
    fused = values(0.9, 0.2, 0.4, 0.1)
    seeds = with_titled(
        Seeds(("a", "d"), (0.8, 0.2)), [("a", "x"), ("b", "y"), ("c", "y"), ("z", "y")], found, fused, RANKING
    )
    weights = dict(zip(seeds.memory_ids, seeds.weights, strict=True))
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights["a"] == pytest.approx(0.4 + 0.25)
    assert weights["b"] + weights["c"] == pytest.approx(0.25)
    assert weights["c"] == pytest.approx(8 * weights["b"], rel=1e-4)
    best = with_titled(
        Seeds(("a",), (1.0,)), [("b", "y"), ("c", "y")], found, fused, replace(RANKING, titled_memories=1)
    )
    assert best.memory_ids == ("a", "c")
    plain = Seeds(("a",), (1.0,))
    assert with_titled(plain, [("z", "y")], found, fused, RANKING) == plain
    assert with_titled(plain, [("b", "y")], found, fused, replace(RANKING, titled_share=1.0)).weights[0] == 0.0
