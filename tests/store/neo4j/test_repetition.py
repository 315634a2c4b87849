"""A write whose confirmation got lost is repeated without doubling anything; writers never deadlock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from neo4j import AsyncManagedTransaction
from neo4j.exceptions import IncompleteCommit

from coda_graphmem.config import Neo4jConfig
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import LinkKind, MemoryFilter, MemoryLink
from coda_graphmem.store.neo4j.connection import Connection, lock_of, scope_of
from coda_graphmem.store.protocol import Bounds, MemoryChanges, NewMemory, Outcome
from tests.servers import Server
from tests.store.factory import new, towards, unit
from tests.store.neo4j.conftest import opened
from tests.store.neo4j.consistency import check_graph
from tests.store.neo4j.tenancy import Tenancy

ALL = MemoryFilter()
FACT = {"dedup_key": "k", "explicit": frozenset[str]()}


@pytest.fixture
def lost_confirmation(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The next commit succeeds on the server, but the driver never hears of it. Returns how often that happened."""
    commit = AsyncManagedTransaction._commit
    lost = 0

    async def commit_and_lose(self: AsyncManagedTransaction) -> None:
        nonlocal lost
        await commit(self)
        if lost == 0:
            lost += 1
            raise IncompleteCommit("connection lost")

    def arm() -> int:
        monkeypatch.setattr(AsyncManagedTransaction, "_commit", commit_and_lose)
        return lost

    return arm


async def fill(store: Tenancy) -> None:
    rows = [
        new("m1", entities=["a"], conversation_id="c", **FACT),
        new("m2", entities=["a", "b"], conversation_id="c"),
        new("s1", expires_at=50.0, conversation_id="c"),
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)


def receipt(answer: Any) -> dict[str, int]:
    return {key: value for key, value in answer.model_dump().items() if value}


async def insert(store: Tenancy) -> None:
    rows = [new("m3", entities=["b"], conversation_id="c"), new("again", **FACT)]
    stored = await store.records.insert("ns", rows, reinforcement=0.1)
    assert [(s.memory_id, s.outcome) for s in stored] == [("m3", Outcome.CREATED), ("m1", Outcome.REINFORCED)]
    assert [m.reinforcement_count for m in await store.records.get("ns", ["m1"])] == [1]
    assert await store.records.live_count("ns") == 3


async def update(store: Tenancy) -> None:
    assert await store.records.update("ns", "m1", MemoryChanges(content="other", entities=(), updated_at=1.0)) is True


async def delete(store: Tenancy) -> None:
    removed = await store.records.delete("ns", ["m2"])
    assert receipt(removed) == {"memories": 1, "vectors": 1, "text_rows": 1, "mentions": 2, "links": 1, "entities": 1}


async def forget_some(store: Tenancy) -> None:
    assert (await store.records.forget("ns", MemoryFilter(since=1002.0))).memories == 1


async def forget_all(store: Tenancy) -> None:
    removed = await store.records.forget("ns", None)
    assert (removed.memories, removed.entities, removed.conversations) == (3, 2, 1)
    assert await store.records.namespaces() == []


async def archive(store: Tenancy) -> None:
    assert await store.records.archive("ns", ["m1", "m2"], 3.0) == 2
    assert await store.records.live_count("ns") == 0


async def promote(store: Tenancy) -> None:
    assert await store.records.promote("ns", "s1", dedup_key="k-s1", at=3000.0) is True
    assert await store.records.live_count("ns") == 3


async def expire(store: Tenancy) -> None:
    assert await store.records.expire("ns", 60.0) == 1


async def record_access(store: Tenancy) -> None:
    await store.records.record_access("ns", {"m1": 2}, 9.0)
    assert (await store.records.get("ns", ["m1"]))[0].access_count == 2


@pytest.mark.parametrize(
    "write", [insert, update, delete, forget_some, forget_all, archive, promote, expire, record_access]
)
async def test_a_lost_confirmation_changes_nothing(
    store: Tenancy,
    neo4j_server: Server,
    lost_confirmation: Callable[[], int],
    write: Callable[[Tenancy], Awaitable[None]],
) -> None:
    await fill(store)
    lost_confirmation()
    await write(store)
    assert lost_confirmation() == 1
    check_graph(neo4j_server, store.prefix)


async def test_many_writers_mention_the_same_entities(store: Tenancy, neo4j_server: Server) -> None:
    entities = [f"e{i}" for i in range(20)]

    async def write(target: Tenancy, number: int) -> list[Any]:
        # Each in another order, which is what deadlocks are made of.
        order = entities[number % 20 :] + entities[: number % 20]
        rows = [new(f"m{number}x{i}", entities=order, conversation_id="c", timestamp=float(i)) for i in range(3)]
        return await target.records.insert("ns0" if number < 40 else "ns1", rows, reinforcement=0.1)

    async with opened(neo4j_server) as second:
        other = Tenancy(second, store.prefix)
        answers = await asyncio.gather(*(write((store, other)[number % 2], number) for number in range(48)))
        # Reads of the second connection see all that was confirmed to the first.
        counts = [await other.records.live_count(f"ns{i}") for i in range(2)]
    assert all(stored.outcome is Outcome.CREATED for answer in answers for stored in answer)
    assert counts == [120, 24]
    for name, count in zip(("ns0", "ns1"), counts, strict=True):
        found = await store.graph.list_entities(name, limit=99)
        assert [(node.key, node.mention_count) for node in found] == [(key, count) for key in sorted(entities)]
    check_graph(neo4j_server, store.prefix)


async def read_beside(
    store: Tenancy,
    server: Server,
    read: Callable[[Tenancy], Awaitable[None]],
    write: Callable[[], Awaitable[None]],
    *,
    times: int,
) -> None:
    """Read again and again over another connection, two readers at once, while something is written some times."""
    done = asyncio.Event()

    async def keep_reading(target: Tenancy) -> int:
        reads = 0
        while not done.is_set():
            await read(target)
            reads += 1
        return reads

    async with opened(server) as second:
        other = Tenancy(second, store.prefix)
        reading = [asyncio.create_task(keep_reading(other)) for _ in range(2)]
        for _ in range(times):
            await write()
        done.set()
        assert min(await asyncio.gather(*reading)) > 0


async def test_what_is_removed_while_it_is_read_is_left_out(store: Tenancy, neo4j_server: Server) -> None:
    ids = [f"m{i}" for i in range(100)]
    rows = [new(name, "words", entities=["a", name], conversation_id="c") for name in ids]

    async def read(target: Tenancy) -> None:
        found = await target.records.get("ns", ids) + await target.records.find(
            "ns", MemoryFilter(), order="newest", now=0.0
        )
        assert {memory.content for memory in found} <= {"words"}
        searched = await target.search.search_vector("ns", unit(1), 200, MemoryFilter())
        searched += (await target.search.search_text("ns", ["words"], 200, MemoryFilter())).found
        around = await target.graph.neighbourhood("ns", ids[:20], ["a"], bounds=Bounds(), depth=1, where=MemoryFilter())
        searched += await target.search.candidates("ns", list(around.depths), unit(1))
        assert {candidate.excerpt for candidate in searched} <= {"words"}
        await target.search.similarities("ns", ids, unit(1))
        await target.changes.find_touched("ns", 0.0)
        await target.graph.find_entities("ns", ["a", *ids])
        await target.records.namespaces()

    async def write() -> None:
        await store.records.insert("ns", rows, reinforcement=0.1)
        await store.records.forget("ns", None)

    await read_beside(store, neo4j_server, read, write, times=3)


async def test_what_is_removed_while_jobs_read_it_is_left_out(store: Tenancy, neo4j_server: Server) -> None:
    ids = [f"m{i}" for i in range(100)]
    rows = [new(name, "words", embedding=towards(unit(1000), 0.9, i)) for i, name in enumerate(ids)]
    links = [
        MemoryLink(source_id=one, target_id=other, kind=LinkKind.SIMILAR_TO, score=0.9, created_at=1.0)
        for one, other in pairwise(ids)
    ]

    async def read(target: Tenancy) -> None:
        near = await target.search.nearest("ns", ids, limit=5, min_similarity=0.5)
        assert {key for key, pairs in near.items() for key in (key, *(other for other, _ in pairs))} <= set(ids)
        strength = await target.changes.decay_rows("ns", after=0, limit=1000)
        if strength is not None:
            assert strength.importance.tolist() == [0.5] * len(strength.memory_ids)
            assert strength.timestamp.tolist() == [1000.0 + int(name[1:]) for name in strength.memory_ids]
            assert len(strength.memory_types) == len(strength.uses) == len(strength.memory_ids)
        assert {link.score for link in await target.links.find_links("ns", ids, None)} <= {0.9}
        assert (await target.records.stats("ns", now=0.0)).total_memories <= 100

    async def write() -> None:
        await store.records.insert("ns", rows, reinforcement=0.1)
        await store.links.save_links("ns", links, replace=False)
        await store.records.forget("ns", None)

    await read_beside(store, neo4j_server, read, write, times=4)


async def test_two_connections_write_and_forget_one_namespace(store: Tenancy, neo4j_server: Server) -> None:
    async with opened(neo4j_server) as second:
        other = Tenancy(second, store.prefix)

        async def write(target: Tenancy, number: int) -> None:
            await target.records.insert(
                "ns", [new(f"m{number}", entities=["a"], conversation_id="c")], reinforcement=0.1
            )

        async def forget(target: Tenancy) -> None:
            await target.records.forget("ns", None)

        tasks = [write((store, other)[i % 2], i) for i in range(20)]
        tasks[5:5] = [forget(store)]
        tasks[12:12] = [forget(other)]
        await asyncio.gather(*tasks)
    check_graph(neo4j_server, store.prefix)


async def test_the_same_rows_from_many_at_once(store: Tenancy) -> None:
    row = new("m1", entities=["a"], **FACT)
    again: list[NewMemory] = [new(f"n{i}", **FACT) for i in range(9)]
    answers = await asyncio.gather(*(store.records.insert("ns", [one], reinforcement=0.1) for one in [row, *again]))
    outcomes = [stored.outcome for answer in answers for stored in answer]
    assert sorted(outcome.value for outcome in outcomes) == ["created"] + ["reinforced"] * 9
    assert await store.records.live_count("ns") == 1


async def test_receipts_do_not_pile_up(store: Tenancy, monkeypatch: pytest.MonkeyPatch) -> None:
    from coda_graphmem.store.neo4j import connection

    with monkeypatch.context() as sooner:
        sooner.setattr(connection, "_RECEIPT_SECONDS", -1.0)
        for i in range(5):
            await store.records.insert("ns", [new(f"m{i}")], reinforcement=0.1)
    shared, scope = store.store._database.connection, scope_of(store.prefix + "ns")
    count = "MATCH (r:WriteReceipt {scope: $scope}) RETURN count(r) AS n"
    assert (await shared.driver.execute_query(count, scope=scope)).records[0]["n"] <= 1
    await store.records.insert("ns", [new("m9")], reinforcement=0.1)
    later = time.time() + 9.0
    assert scope in [row["scope"] for row in await shared.read("outdated_receipts", outdated=later)]
    lock = lock_of(store.prefix + "ns")
    await shared.run("delete_outdated_receipts", lock=lock, scopes=[scope], outdated=later)
    assert (await shared.driver.execute_query(count, scope=scope)).records[0]["n"] == 0


async def test_receipts_are_cleared_under_the_locks_of_their_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One lock at a time: writers remove some, too, and would else meet who clears in a deadlock."""
    connection = Connection(Neo4jConfig())
    scopes = {scope_of(f"ns{i}"): lock_of(f"ns{i}") for i in range(200)}
    cleared: dict[str, str] = {}

    async def read(name: str, **parameters: Any) -> list[Any]:
        return [{"scope": scope} for scope in scopes]

    async def run(name: str, *, lock: str, scopes: list[str], outdated: float) -> list[Any]:
        cleared.update(dict.fromkeys(scopes, lock))
        return []

    monkeypatch.setattr(connection, "read", read)
    monkeypatch.setattr(connection, "run", run)
    await connection.drop_receipts()
    assert cleared == scopes


async def test_a_failed_write_leaves_nothing(store: Tenancy, neo4j_server: Server) -> None:
    await fill(store)

    rows = [
        new("m7", entities=["z"], conversation_id="d"),
        new("m1", "something else", explicit=frozenset({"memory_id"})),
    ]
    with pytest.raises(ValidationError) as caught:
        await store.records.insert("ns", rows, reinforcement=0.1)
    assert caught.value.field == "memory_id"
    assert await store.records.get("ns", ["m7"]) == []
    found = await store.graph.neighbourhood("ns", [], ["z"], bounds=Bounds(), depth=1, where=ALL)
    assert found.entities == {}
    check_graph(neo4j_server, store.prefix)
