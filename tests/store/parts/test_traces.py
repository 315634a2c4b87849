"""Random memories are stored, merged, removed and brought back: nothing is left of what went, all of what stays."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase

from coda_graphmem.models import Memory, MemoryFilter, MemoryType
from coda_graphmem.store.neo4j.connection import scope_of
from coda_graphmem.store.protocol import MemoryStore, Merge, NewMemory
from coda_graphmem.store.union import unite
from tests.servers import Server
from tests.store.factory import DIMENSION, MODEL, new
from tests.store.parts.build import link
from tests.store.parts.conftest import make

#: ``FUZZ_PROFILE=long`` looks for longer, each time elsewhere.
LONG = os.environ.get("FUZZ_PROFILE") == "long"
_EXAMPLES = (
    {"embedded": 60, "chroma": 20, "neo4j_5": 10, "neo4j_2026": 10}
    if LONG
    else {"embedded": 4, "chroma": 1, "neo4j_2026": 1}
)

_EVERYTHING = MemoryFilter(lifetime="any", archived=None)

_DUMP = """
    MATCH (n)
    WHERE n.namespace IS NULL AND n.scope IS NULL OR n.namespace = $namespace OR n.scope = $scope
    OPTIONAL MATCH (n)-[r]->()
    RETURN labels(n), properties(n), collect([type(r), properties(r)])
"""


class Words:
    """Words that occur nowhere else, those of each memory."""

    def __init__(self, chosen: random.Random) -> None:
        self._chosen = chosen
        self.of: dict[str, list[str]] = {}

    def memory(self, conversation_id: str | None, tag: str, **values: Any) -> NewMemory:
        word = [f"zq{self._chosen.getrandbits(64):016x}" for _ in range(5)]
        memory_id = f"id{word[0]}"
        self.of[memory_id] = word
        return new(
            memory_id,
            f"{word[1]} is what they {self._chosen.choice(['say', 'all said once', 'will not stop saying'])}",
            entities=[word[2], "shared"],
            metadata={"tag": tag, "note": word[3], word[4]: 1, "list": [word[3]]},
            conversation_id=conversation_id,
            dedup_key=f"key{word[0]}",
            timestamp=1000.0 + self._chosen.randrange(50),
            memory_type=MemoryType.SEMANTIC,
            **values,
        )


class Model:
    """What should be there."""

    def __init__(self, store: MemoryStore, ns: str, chosen: random.Random) -> None:
        self.store, self.ns, self.chosen = store, ns, chosen
        self.words = Words(chosen)
        self.rows: dict[str, NewMemory] = {}
        self.merges = 0

    async def live(self) -> list[Memory]:
        return await self.store.records.find(self.ns, MemoryFilter(), now=0.0)

    async def add(self) -> None:
        rows = []
        for _ in range(self.chosen.randrange(2, 6)):
            short = self.chosen.random() < 0.15
            talk = self.chosen.choice([None, "c1", "c2", "c3"])
            rows.append(self.words.memory(talk, self.chosen.choice(["t1", "t2"]), expires_at=9e9 if short else None))
        await self.store.records.insert(self.ns, rows, reinforcement=0.1)
        self.rows |= {row.memory_id: row for row in rows}

    async def merge(self) -> None:
        live = await self.live()
        if len(live) < 3:
            return
        group = self.chosen.sample(live, self.chosen.randrange(2, min(5, len(live))))
        self.merges += 1
        merged = unite(group, reinforcement=0.1)
        row = Merge(f"merged{self.merges}", merged, None, {memory.memory_id: memory.updated_at for memory in group})
        [done] = await self.store.merges.merge(self.ns, [row], run_id=f"{self.ns}-run{self.merges}", at=4000.0)
        assert done
        beside = [memory.memory_id for memory in live if memory not in group]
        quoted = self.chosen.choice(sorted(await self.below(row.memory_id)))
        for other in beside[:2]:
            links = [link(row.memory_id, other, reason=self.words.of[quoted][1]), link(quoted, other)]
            await self.store.links.save_links(self.ns, links)

    async def undo(self) -> None:
        records = await self.store.merges.find_merges(self.ns)
        if records:
            await self.store.merges.undo_merge(self.ns, self.chosen.choice(records).merged_id)

    async def below(self, memory_id: str) -> set[str]:
        """The memories that one was made of."""
        if memory_id in self.rows:
            return {memory_id}
        found: set[str] = set()
        for record in await self.store.merges.find_merges_with(self.ns, [memory_id]):
            if record.merged_id == memory_id:
                for source in record.source_ids:
                    found |= await self.below(source)
        return found

    async def delete(self) -> None:
        everybody = await self.store.records.find(self.ns, _EVERYTHING, now=0.0)
        if everybody:
            one = self.chosen.choice(everybody).memory_id
            gone = await self.below(one)
            await self.store.records.delete(self.ns, [one])
            self._forget(gone)

    async def forget(self) -> None:
        if self.chosen.random() < 0.6:
            talk = self.chosen.choice(["c1", "c2", "c3"])
            where = MemoryFilter(lifetime="any", archived=None, conversation_id=talk)
            gone = [key for key, row in self.rows.items() if row.conversation_id == talk]
        else:
            tag = self.chosen.choice(["t1", "t2"])
            since = 1000.0 + self.chosen.randrange(60)
            where = MemoryFilter(lifetime="any", archived=None, metadata={"tag": tag}, since=since)
            # One that matches may be of others, none of which does.
            gone = [key for key, row in self.rows.items() if row.metadata["tag"] == tag and row.timestamp >= since]
            for memory in await self.store.records.find(self.ns, where, now=0.0):
                made_of = await self.below(memory.memory_id)
                if made_of.isdisjoint(gone):
                    gone += made_of
        receipt = await self.store.records.forget(self.ns, where)
        assert receipt.pending == []
        self._forget(gone)

    async def expire(self) -> None:
        gone = [key for key, row in self.rows.items() if row.expires_at is not None]
        assert await self.store.records.expire(self.ns, 9.5e9) == len(gone)
        self._forget(gone)

    def _forget(self, gone: Iterable[str]) -> None:
        for key in gone:
            del self.rows[key]

    async def check(self) -> None:
        """All that stays is there as it was stored, and is found or stands for by what is."""
        found = {m.memory_id: m for m in await self.store.records.find(self.ns, _EVERYTHING, now=0.0)}
        assert {key for key in found if key.startswith("id")} == self.rows.keys()
        for key, row in self.rows.items():
            one = found[key]
            assert (one.content, one.conversation_id, one.metadata) == (row.content, row.conversation_id, row.metadata)
            assert [mention.key for mention in one.entities] == sorted(mention.key for mention in row.entities)
            while one.consolidated_into is not None:
                one = found[one.consolidated_into]
            assert one.archived_at is None
            if one.memory_id == key and row.expires_at is None:
                matches = await self.store.search.search_text(self.ns, [self.words.of[key][1]], 5, MemoryFilter())
                assert key in [candidate.memory_id for candidate in matches.found]
        diagnosis = await self.store.health.diagnose(self.ns, now=0.0)
        assert diagnosis.live == diagnosis.recorded_live
        assert (diagnosis.wrong_mention_counts, diagnosis.orphan_entities, diagnosis.without_vector) == (0, 0, 0)

    def gone(self) -> list[str]:
        return [word for key, words in self.words.of.items() if key not in self.rows for word in words]

    def kept(self) -> list[str]:
        return [word for key in self.rows for word in self.words.of[key]]


def dump(server: Server, ns: str) -> str:
    """All that the database holds of a namespace, or of none."""
    with GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        rows = driver.execute_query(_DUMP, namespace=ns, scope=scope_of(ns), database_=server.database).records
    return repr([list(row.values()) for row in rows])


def content_of(folder: Path) -> str:
    """All bytes of a folder's files."""
    return "".join(part.read_bytes().decode("latin-1") for part in sorted(folder.rglob("*")) if part.is_file())


async def operate(model: Model) -> None:
    """Store something, then do anything, a removal for every other step."""
    for _ in range(2):
        await model.add()
    for _ in range(model.chosen.randrange(6, 14)):
        step = model.chosen.choice(
            [model.add, model.merge, model.merge, model.merge, model.undo, model.delete, model.forget, model.expire]
        )
        await step()
        if step is model.delete:
            await model.check()
    await model.check()


@pytest.mark.parametrize("kind", list(_EXAMPLES))
async def test_nothing_is_left_of_what_went_and_all_of_what_stays(
    request: pytest.FixtureRequest, kind: str, ns: str, tmp_path: Path
) -> None:
    for example in range(_EXAMPLES[kind]):
        seed = random.randrange(2**32) if LONG else 106 + example
        print(f"seed {seed}")
        folder, name = tmp_path / f"memory{example}", f"{ns}-{example}"
        store = make(kind, request, folder)
        await store.open()
        try:
            await store.vectors.bind_model(MODEL, DIMENSION)
            model = Model(store, name, random.Random(seed))
            await operate(model)
            held = dump(request.getfixturevalue(kind), name) if kind.startswith("neo4j") else ""
        finally:
            await store.close()
        held = held or content_of(folder)
        assert [word for word in model.gone() if word in held] == []
        assert [word for word in model.kept() if word not in held] == []
