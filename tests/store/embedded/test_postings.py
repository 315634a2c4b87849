"""Text in large namespaces: the lists of rare words are read, common ones are only asked of what these found."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import postings, search
from coda_graphmem.store.embedded.postings import first_numbers, joined, short_ones_more, strongest
from coda_graphmem.store.embedded.store import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges, TextMatches, beginning_of
from coda_graphmem.where import read_where
from tests.store.factory import new

ALL = MemoryFilter()
SIZE = 600


@pytest.fixture(params=[4_000, 5], ids=["few others", "many others"])
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the index is asked for, in a namespace that counts as large, of which little may be read.

    What others the file holds is left out by us where it is little, else by the index.
    """
    monkeypatch.setattr(postings, "MOST_OTHERS", request.param)
    monkeypatch.setattr(search, "LARGE", 1)
    monkeypatch.setattr(postings, "PROBED", 40)
    monkeypatch.setattr(postings, "MOST_READ", 200)
    asked: list[str] = []
    read = postings.Postings._rows

    def reading(
        self: postings.Postings, words: Sequence[str], also: Sequence[str], most: int | None, **more: Any
    ) -> Any:
        rows = read(self, words, also, most, **more)
        assert (self._others is None) == (request.param == 5)
        asked.append(f"{words} {also} {most} {len(rows)}")
        return rows

    monkeypatch.setattr(postings.Postings, "_rows", reading)
    return asked


def text(number: int) -> str:
    """Half of the memories hold "common", a third "usual", a fifth "often", every hundredth "rare"."""
    held = [word for word, every in (("common", 2), ("usual", 3), ("often", 5), ("rare", 100)) if number % every == 0]
    fillers = number % 7 if number % 100 else 0
    return " ".join([*held, f"own{number}", *["filler"] * fillers])


async def filled(store: EmbeddedStore) -> None:
    rows = [new(f"m{i}", text(i), embedding=None, metadata={"ten": i % 60}) for i in range(SIZE)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    await store.records.insert("other", [new(f"o{i}", "rare common") for i in range(9)], reinforcement=0.1)


def ids(matches: TextMatches) -> list[str]:
    return [candidate.memory_id for candidate in matches.found]


async def test_common_words_only_tell_apart_what_rare_ones_found(store: EmbeddedStore, large: list[str]) -> None:
    await filled(store)
    found = await store.search.search_text("ns", ["rare", "common", "usual"], 4, ALL)
    # All of those that hold the rare word, those with both common words before.
    assert set(ids(found)[:2]) == {"m0", "m300"}
    assert set(ids(found)) <= {f"m{i}" for i in range(0, SIZE, 100)}
    assert (found.frequencies[0], found.live) == (6, SIZE)
    assert found.frequencies[1] == pytest.approx(300, rel=0.1)
    assert found.frequencies[2] == pytest.approx(200, rel=0.1)
    # No list of a common word was read beyond the first look.
    assert max(int(one.split()[-1]) for one in large) == 40


async def test_where_rare_words_find_too_little_more_is_read(store: EmbeddedStore, large: list[str]) -> None:
    await filled(store)
    found = await store.search.search_text("ns", ["rare", "often"], 50, ALL)
    assert len(found.found) == 50
    assert {f"m{i}" for i in range(0, SIZE, 100)} <= set(ids(found))
    assert found.frequencies == [6, 120]
    assert ids(await store.search.search_text("ns", ["common"], 3, ALL)) == ["m518", "m532", "m574"]  # the shortest
    assert ids(await store.search.search_text("ns", ["nobody"], 3, ALL)) == []
    assert large


async def test_filters_ends_and_changes_count_here_too(store: EmbeddedStore, large: list[str]) -> None:
    await filled(store)
    ten = MemoryFilter(where=read_where({"metadata.ten": 0}))
    found = await store.search.search_text("ns", ["rare", "common"], 50, ten)
    assert set(ids(found)) == {f"m{i}" for i in range(0, SIZE, 60)}
    assert ids(await store.search.search_text("ns", ["rare"], 9, MemoryFilter(conversation_id="none"))) == []
    short_term = await store.search.search_text("ns", ["rare", "own7"], 9, MemoryFilter(lifetime="short_term"))
    assert (ids(short_term), short_term.frequencies) == ([], [6, 1])
    await store.records.update("ns", "m100", MemoryChanges(updated_at=1.0, content="something else"))
    await store.records.archive("ns", ["m200"], 2.0)
    ending = new("e1", "rare", lifetime="long_term", expires_at=10.0)
    await store.records.insert("ns", [ending], reinforcement=0.1)
    rest = {"m0", "m300", "m400", "m500"}
    assert set(ids(await store.search.search_text("ns", ["rare"], 9, ALL, now=9.0))) == {*rest, "e1"}
    assert set(ids(await store.search.search_text("ns", ["rare"], 9, ALL, now=10.0))) == rest
    assert set(ids(await store.search.search_text("ns", [beginning_of("own59")], 99, ALL))) == {
        "m59", *(f"m{i}" for i in range(590, 600)),
    }  # fmt: skip
    assert large


@pytest.mark.parametrize("asking", [1, 1_000], ids=["asked one by one", "listed"])
async def test_of_few_memories_each_is_asked_for_the_common_words(
    store: EmbeddedStore, large: list[str], monkeypatch: pytest.MonkeyPatch, asking: int
) -> None:
    monkeypatch.setattr(postings, "_ASKING", asking)
    await filled(store)
    # All of these ten memories hold "usual", and none "often".
    ten = MemoryFilter(where=read_where({"metadata.ten": 3}))
    found = await store.search.search_text("ns", ["often", "usual", "own63"], 50, ten)
    assert set(ids(found)) == {f"m{i}" for i in range(3, SIZE, 60)}
    assert ids(found)[0] == "m63"
    assert (max(int(one.split()[-1]) for one in large) == 40) == (asking == 1)
    assert found.frequencies[1] == pytest.approx(200, rel=0.1)


async def test_the_same_is_found_as_where_all_is_scored(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(store)
    queries = [["rare"], ["rare", "often", "usual"], ["own7", "own8", "common"], ['"', "rare"], ["often", "usual"]]
    scored = [await store.search.search_text("ns", query, 300, ALL) for query in queries]
    monkeypatch.setattr(search, "LARGE", 1)
    listed = [await store.search.search_text("ns", query, 300, ALL) for query in queries]
    assert [one.frequencies for one in listed] == [one.frequencies for one in scored]
    assert [set(ids(one)) for one in listed[:4]] == [set(ids(one)) for one in scored[:4]]


async def test_whatever_others_there_are_the_same_is_found(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(store)
    await store.records.archive("ns", ["m200", "m0"], 2.0)
    short = [new(f"s{i}", "rare common often", lifetime="short_term", expires_at=10.0) for i in range(9)]
    await store.records.insert("ns", short, reinforcement=0.1)
    monkeypatch.setattr(search, "LARGE", 1)
    found = []
    for most in (4_000, 20, 19, 0):
        monkeypatch.setattr(postings, "MOST_OTHERS", most)
        for probed in (40, 8_000):
            monkeypatch.setattr(postings, "PROBED", probed)
            matches = await store.search.search_text("ns", ["rare", "common", "often"], 30, ALL)
            found.append((probed, ids(matches), matches.frequencies, matches.live))
    # Nine of another namespace, nine that are short-term, and two that are archived.
    assert found[:2] == found[2:4] == found[4:6] == found[6:]
    assert found[1][2] == [4, 298, 118]


@pytest.mark.parametrize(
    "where",
    [
        ALL,
        MemoryFilter(since=5.0),
        MemoryFilter(where=read_where({"metadata.ten": {"$lt": 30}})),
        MemoryFilter(where=read_where({"metadata.ten": 0})),
    ],
    ids=["all", "a column", "many by metadata", "few by metadata"],
)
async def test_where_all_is_scored_others_are_left_out_in_either_way(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, where: MemoryFilter
) -> None:
    await filled(store)
    await store.records.archive("ns", ["m200", "m0"], 2.0)
    short = [new(f"s{i}", "rare common often", lifetime="short_term", expires_at=10.0) for i in range(9)]
    await store.records.insert("ns", short, reinforcement=0.1)
    found = []
    for most in (20, 19):
        monkeypatch.setattr(search, "_FEW_OTHERS", most)
        for limit in (3, SIZE):
            matches = await store.search.search_text("ns", ["rare", "common", "often"], limit, where)
            found.append((ids(matches), matches.frequencies, matches.live))
    assert found[:2] == found[2:]
    assert found[0][1:] == ([4, 298, 118], SIZE - 2)
    assert not {"m0", "m200"} & set(found[1][0])
    assert {name[0] for name in found[1][0]} == {"m"}


def test_lists_are_joined_by_weight() -> None:
    rows, scores = joined([(np.array([9, 4]), 1.0), (np.array([4, 7]), 0.5), (np.array([], dtype=np.int64), 3.0)])
    assert (rows.tolist(), scores.tolist()) == ([4, 7, 9], [1.5, 0.5, 1.0])
    assert [len(part) for part in joined([])] == [0, 0]


def test_of_those_that_tie_the_last_are_taken() -> None:
    rows, scores = strongest(np.array([1, 2, 3, 4]), np.array([1.0, 2.0, 1.0, 1.0]), 3)
    assert (rows.tolist(), scores.tolist()) == ([2, 4, 3], [2.0, 1.0, 1.0])


def test_short_texts_count_more() -> None:
    factors = short_ones_more(np.array([5.0, 10.0, 15.0]))
    assert factors[0] > 1.0 > factors[2]
    assert factors[1] == pytest.approx(1.0)
    assert len(short_ones_more(np.array([]))) == 0


@pytest.mark.parametrize("length", [0, 1, 127, 128, 300, 20_000])
def test_lengths_are_read_as_sqlite_writes_them(length: int) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5 (a, b)")
    db.execute("INSERT INTO t VALUES (?, 'x')", ("w " * length,))
    [(sizes,)] = db.execute("SELECT sz FROM t_docsize")
    padded = np.frombuffer(sizes[:4].ljust(4, b"\0"), dtype=np.uint8)
    assert first_numbers(padded[None, :]).tolist() == [length]
    db.close()
