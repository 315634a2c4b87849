"""Candidates and similarities by id, the same in every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import EXCERPT_CHARACTERS, MemoryStore
from tests.store.factory import new, towards, unit

ALL = MemoryFilter()
IDS = ["m3", "gone", "kept", "m1", "short", "bare"]


@pytest.fixture
async def filled(store: MemoryStore, ns: str) -> MemoryStore:
    rows = [
        new(
            "m1", "Ann: shall we go?", metadata={"speaker": "Ann"}, conversation_id="c", embedding=towards(unit(5), 0.5)
        ),
        new("m3", "a long text " * EXCERPT_CHARACTERS, embedding=towards(unit(5), -0.25)),
        new("kept"),
        new("short", expires_at=9e9),
        replace(new("bare"), embedding=None),
    ]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.insert(f"{ns}-other", [new("gone")], reinforcement=0.1)
    await store.records.archive(ns, ["kept"], 1.0)
    return store


async def test_candidates_come_in_the_order_asked_for(filled: MemoryStore, ns: str) -> None:
    found = await filled.search.candidates(ns, IDS, unit(5))
    assert [(c.memory_id, c.similarity) for c in found] == [
        ("m3", pytest.approx(-0.25, abs=2e-3)),
        ("m1", pytest.approx(0.5, abs=2e-3)),
        ("bare", None),
    ]
    by_search = {c.memory_id: c for c in await filled.search.search_vector(ns, unit(5), 9, ALL)}
    assert {c.memory_id: c for c in found[:2]} == by_search
    assert len(found[0].excerpt) == EXCERPT_CHARACTERS
    assert await filled.search.candidates(ns, IDS, None) == [c._replace(similarity=None) for c in found]


async def test_similarities_of_those_that_have_a_vector(filled: MemoryStore, ns: str) -> None:
    assert await filled.search.similarities(ns, IDS, unit(5)) == {
        "m1": pytest.approx(0.5, abs=2e-3),
        "m3": pytest.approx(-0.25, abs=2e-3),
    }


async def test_nothing_asked_for_is_nothing(filled: MemoryStore, ns: str) -> None:
    assert await filled.search.candidates(ns, [], unit(5)) == []
    assert await filled.search.similarities(ns, [], unit(5)) == {}
    assert await filled.search.candidates(f"{ns}-none", IDS, None) == []
    assert await filled.search.candidates(f"{ns}-none", IDS, unit(5)) == []
    assert await filled.search.similarities(f"{ns}-none", IDS, unit(5)) == {}
