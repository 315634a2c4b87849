"""Random changes of what memories say: all stores know the same, and what their statements make."""

from __future__ import annotations

import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.facts.hindsight import known
from coda_graphmem.facts.timeline import by_time, sayings, settle
from coda_graphmem.models import DeletionReceipt, Memory, MemoryFilter, MemoryLink, Statement
from coda_graphmem.store.factory import make_store
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, ReadMemory
from tests.servers import Server
from tests.store.factory import DIMENSION, MODEL, new, unit
from tests.store.neo4j.consistency import check_graph
from tests.store.parts.build import OUTDATED, link, merge

PLACES = ("Paris", "Rome", "Oslo")
STEPS = 45


@pytest.fixture
def ns() -> str:
    return f"random-{uuid.uuid4().hex}"


@pytest.fixture
async def stores(tmp_path: Path, neo4j_5: Server, ns: str) -> AsyncIterator[list[MemoryStore]]:
    configs = [
        MemoryConfig(vector_store={"persist_directory": tmp_path}),
        MemoryConfig(vector_store_type="neo4j", neo4j=neo4j_5.config()),
    ]
    async with AsyncExitStack() as stack:
        opened = [make_store(config) for config in configs]
        for store in opened:
            await store.open()
            stack.push_async_callback(store.close)
            await store.vectors.bind_model(MODEL, DIMENSION)
        yield opened
        await opened[1].records.forget(ns, None)


def statements(content: str) -> tuple[Statement, ...]:
    """What texts like ``residence Rome, likes not Paris`` say."""
    found = []
    for part in content.split(", "):
        attribute, *words = part.split()
        value = words[-1] if words and words[-1] != "not" else ""
        found.append(
            Statement(
                subject="User",
                subject_key="user",
                attribute=attribute,
                value=value,
                value_key=value.lower(),
                polarity="not" not in words and "was" not in words,
            )
        )
    return tuple(found)


def without_decay(answer: Any) -> Any:
    """An answer without what another test may do meanwhile to all memories of the server that they share."""
    if isinstance(answer, list):
        return [without_decay(one) for one in answer]
    return answer.model_copy(update={"decay_factor": None}) if isinstance(answer, Memory) else answer


class Changes:
    """Does the same to all stores; which is chosen by a seed."""

    def __init__(self, stores: Sequence[MemoryStore], ns: str, seed: int) -> None:
        self.stores, self.ns, self.seed = stores, ns, seed
        self.chance = random.Random(seed)
        self.clock = 5000.0
        self.live: list[Memory] = []

    async def same(self, call: Any) -> Any:
        """The one answer of all stores."""
        first, *others = [await call(store) for store in self.stores]
        for other in others:
            assert without_decay(other) == without_decay(first), self.seed
        return first

    def some(self, least: int, most: int) -> list[str]:
        ids = [memory.memory_id for memory in self.live]
        return self.chance.sample(ids, self.chance.randint(least, most)) if len(ids) >= most else []

    def content(self) -> str:
        parts = [
            f"{self.chance.choice(('residence', 'likes'))} {self.chance.choice(('', '', '', 'not '))}"
            f"{self.chance.choice((*PLACES, *PLACES, ''))}".strip()
            for _ in range(self.chance.choice((1, 1, 2)))
        ]
        return ", ".join(parts)

    async def step(self) -> None:
        self.clock += 1.0
        kinds = ["insert"] * 5 + ["delete", "forget", "archive", "update", "merge", "merge", "undo", "standing", "link"]
        kind = self.chance.choice(kinds)
        await getattr(self, f"_{kind}")()
        found = await self.same(lambda store: store.facts.unread(self.ns, limit=99))
        # Some are read a little later.
        read = [ReadMemory(one.memory_id, one.content, statements(one.content)) for one in found]
        read = [one for one in read if self.chance.random() < 0.8]
        await self.same(lambda store: store.facts.save_statements(self.ns, read))
        self.live = await self.same(
            lambda store: store.records.find(self.ns, MemoryFilter(), order="oldest", now=self.clock)
        )

    async def _insert(self) -> None:
        row = new(
            f"m{self.chance.randrange(10**9)}",
            content := self.content(),
            timestamp=float(self.chance.randrange(1, 2000)),
            created_at=self.clock,
            conversation_id=self.chance.choice((None, "a", "b")),
            dedup_key=f"{content}" if self.chance.random() < 0.5 else None,
            to_read=True,
            embedding=unit(1),
        )
        await self.same(lambda store: store.records.insert(self.ns, [row], reinforcement=0.1))

    async def _delete(self) -> None:
        ids = self.some(1, 2)
        await self.same(lambda store: _receipt(store.records.delete(self.ns, ids)))

    async def _forget(self) -> None:
        where = MemoryFilter(conversation_id=self.chance.choice(("a", "b")))
        if self.chance.random() < 0.4:
            await self.same(lambda store: _receipt(store.records.forget(self.ns, where)))

    async def _archive(self) -> None:
        ids = self.some(1, 2)
        await self.same(lambda store: store.records.archive(self.ns, ids, self.clock))
        if self.chance.random() < 0.5:
            await self.same(lambda store: _sorted(store.records.unarchive(self.ns, ids, self.clock)))

    async def _update(self) -> None:
        changes = MemoryChanges(content=self.content(), embedding=unit(2), updated_at=self.clock)
        for memory_id in self.some(1, 1):
            await self.same(lambda store, one=memory_id: store.records.update(self.ns, one, changes))

    async def _merge(self) -> None:
        ids = self.some(2, 3)
        if ids:
            versions = {one.memory_id: one.updated_at for one in self.live if one.memory_id in ids}
            one = merge(
                f"x{self.chance.randrange(10**9)}", ids, versions=versions, content=self.content(), timestamp=1500.0
            )
            await self.same(lambda store: store.merges.merge(self.ns, [one], run_id="run", at=self.clock))

    async def _undo(self) -> None:
        found = await self.same(lambda store: store.merges.find_merges(self.ns))
        if found:
            merged_id = self.chance.choice(found).merged_id
            await self.same(lambda store: store.merges.undo_merge(self.ns, merged_id))

    async def _standing(self) -> None:
        ids = self.some(2, 2)
        if ids:
            standing = self.chance.choice(("superseded", "retracted", "reinstated", None))
            after = self.chance.choice((None, ids[1])) if standing == "superseded" else None
            at = float(self.chance.randrange(1, 2500))
            await self.same(
                lambda store: store.facts.set_standing(
                    self.ns, ids[0], standing, at=at, superseded_by=after, actor="caller", now=self.clock
                )
            )

    async def _link(self) -> None:
        ids = self.some(2, 2)
        links: list[MemoryLink] = [link(ids[0], ids[1], OUTDATED)] if ids else []
        await self.same(lambda store: store.links.save_links(self.ns, links))

    async def check(self) -> None:
        facts = await self.same(lambda store: store.facts.find_facts(self.ns))
        said = await self.same(lambda store: store.facts.find_statements(self.ns))
        assert facts == by_time(one.fact for one in settle(sayings(said))), self.seed
        await self.same(lambda store: store.facts.subjects(self.ns))
        for store in self.stores:
            found = await store.health.diagnose(self.ns, now=self.clock)
            assert (found.wrong_facts, found.facts_without_sources) == (0, 0), self.seed
        rows = await self.same(lambda store: _ids(store, self.ns))
        await self.same(lambda store: store.facts.outdated(self.ns, rows))
        for memory_id in rows:
            beside = await self.same(lambda store, one=memory_id: store.facts.statements_beside(self.ns, [one]))
            assert known(beside, [memory_id], 900.0) == known(said, [memory_id], 900.0), self.seed
            some = await self.same(lambda store, one=memory_id: store.facts.facts_beside(self.ns, [one]))
            slots = {(one.subject_key, one.attribute) for one in facts if memory_id in one.memory_ids}
            assert some == [one for one in facts if (one.subject_key, one.attribute) in slots], self.seed
        await self.same(lambda store: store.records.get(self.ns, rows))
        for memory_id in rows:
            await self.same(lambda store, one=memory_id: store.facts.versions(self.ns, one))


async def _ids(store: MemoryStore, ns: str) -> list[str]:
    return [row.memory.memory_id for row in await store.transfer.export_memories(ns, after=0, limit=999)]


async def _sorted(answer: Awaitable[list[str]]) -> list[str]:
    return sorted(await answer)


async def _receipt(removal: Awaitable[DeletionReceipt]) -> DeletionReceipt:
    """A receipt without what only one store has, and in one order."""
    found = await removal
    ordered = {name: sorted(getattr(found, name)) for name in ("restored_ids", "rebuilt_ids", "unmerged_ids")}
    return found.model_copy(update={"pending": [], "text_rows": 0, **ordered})


@pytest.mark.parametrize("seed", [7])
async def test_all_stores_know_the_same(
    stores: list[MemoryStore], ns: str, seed: int, neo4j_5: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is made anew where something is removed is changed then.
    monkeypatch.setattr("time.time", lambda: 9000.0)
    changes = Changes(stores, ns, seed)
    for _ in range(STEPS):
        await changes.step()
        if changes.chance.random() < 0.2:
            await changes.check()
    await changes.check()
    check_graph(neo4j_5, ns)
