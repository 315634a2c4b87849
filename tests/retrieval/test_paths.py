"""How the graph led to a memory."""

from __future__ import annotations

from collections.abc import Iterable

from coda_graphmem.models import GraphPath
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.graph import Seeds, bridges
from coda_graphmem.retrieval.paths import PathFinder
from coda_graphmem.store.protocol import Neighbourhood
from tests.retrieval.build import neighbourhood


def finder(
    around: Neighbourhood, seeds: dict[str, float], named: Iterable[str] = (), speakers: Iterable[str] = ()
) -> PathFinder:
    return PathFinder(
        around,
        bridges(around.entities, frozenset(speakers), 10),
        Seeds(tuple(seeds), tuple(seeds.values())),
        named=frozenset(named),
        constants=RANKING,
    )


def test_over_a_shared_entity() -> None:
    around = neighbourhood({"seed": ["maria"], "found": ["maria"]})
    [path] = finder(around, {"seed": 1.0}).paths("found")
    assert path == GraphPath(seed_id="seed", via="Maria", entity_key="maria", depth=1)
    assert str(path) == "via Maria"


def test_along_a_conversation() -> None:
    around = neighbourhood({"seed": [], "found": []}, [("found", "seed")])
    assert finder(around, {"seed": 1.0}).paths("found") == [GraphPath(seed_id="seed", via="conversation")]


def test_from_an_entity_the_query_names() -> None:
    around = neighbourhood({"other": ["maria"], "found": ["maria"]})
    [path] = finder(around, {}, named=["maria"]).paths("found")
    assert (path.seed_id, path.via) == (None, "Maria")


def test_the_stronger_seed_and_the_rarer_entity_come_first() -> None:
    around = neighbourhood(
        {"one": ["rare", "common"], "two": ["common"], "found": ["rare", "common"]}, counts={"common": 9}
    )
    paths = finder(around, {"one": 0.5, "two": 0.5}).paths("found")
    assert [(path.seed_id, path.via) for path in paths] == [("one", "Rare"), ("one", "Common"), ("two", "Common")]
    paths = finder(around, {"one": 0.01, "two": 0.99}).paths("found")
    assert (paths[0].seed_id, paths[0].via) == ("two", "Common")


def test_several_steps_are_named_by_the_last() -> None:
    around = neighbourhood({"seed": ["maria"], "middle": ["maria", "anna"], "next": ["anna"], "found": []},
                           [("next", "found")])  # fmt: skip
    paths = finder(around, {"seed": 1.0})
    assert paths.paths("next") == [GraphPath(seed_id="seed", via="Anna", entity_key="anna", depth=2)]
    assert paths.paths("found") == [GraphPath(seed_id="seed", via="conversation", depth=3)]


def test_no_path() -> None:
    around = neighbourhood({"seed": ["maria", "tom"], "alone": [], "found": ["maria", "tom"]}, counts={"maria": 11})
    assert finder(around, {"seed": 1.0}).paths("alone") == []
    assert finder(around, {"seed": 1.0}, speakers=["tom"]).paths("found") == []
    assert finder(around, {"seed": 1.0}).paths("seed") == []
