"""A file that was damaged on its disk hands out nothing that was changed, and says which memory it is."""

from __future__ import annotations

import random
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.errors import GraphMemoryError, VectorStoreError
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges, Outcome
from tests.store.embedded.conftest import MakeStore, raw
from tests.store.factory import new

ALL = MemoryFilter(lifetime="any", archived=None)


def row(i: int) -> Any:
    return new(f"m{i}", f"Anna rowed {i} km with Tom.", metadata={"speaker": "Anna", "n": i}, entities=["anna"])


def alter(file: Path, column: str, value: str, memory_id: str = "m1") -> None:
    """Change what a row says behind the back of the triggers, as a damaged disk does."""
    with raw(file) as db:
        [(trigger,)] = db.execute("SELECT sql FROM sqlite_master WHERE name = 'checksum_update'").fetchall()
        db.execute("DROP TRIGGER checksum_update")
        db.execute(f"UPDATE memories SET {column} = {value} WHERE memory_id = ?", (memory_id,))
        db.execute(trigger)


def copies_with_flipped_bits(file: Path, number: int, chance: random.Random) -> Iterator[None]:
    """Put so many copies of a file in its place, one after the other, each with other bits flipped."""
    data = file.read_bytes()
    for _ in range(number):
        flipped = bytearray(data)
        for _ in range(chance.choice([3, 10, 40])):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        file.write_bytes(flipped)
        yield


async def damage_of(store: EmbeddedStore) -> list[str]:
    return [line for line in (await store.health.diagnose("ns", now=0.0)).damage if "as it was stored" in line]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("content", "'Anna rowed 1 km with Tim.'"),
        ("content", "'Anna rowed 1 km with Tom!'"),
        ("content", "CAST(x'416e6e61ff' AS TEXT)"),
        ("memory_type", "'preferencf'"),
        ("timestamp", "timestamp + 1"),
        ("metadata", "replace(metadata, 'Anna', 'Bnna')"),
        ("metadata", "replace(metadata, '}', ']')"),
        ("conversation_id", "'other'"),
    ],
)
async def test_what_was_changed_is_not_handed_out(store: EmbeddedStore, file: Path, column: str, value: str) -> None:
    await store.records.insert("ns", [row(i) for i in range(3)], reinforcement=0.1)
    assert await damage_of(store) == []
    alter(file, column, value)
    for read in (
        store.records.get("ns", ["m1"]),
        store.records.find("ns", ALL, now=0.0),
        store.transfer.export_memories("ns", after=0, limit=9),
        store.records.update("ns", "m1", MemoryChanges(updated_at=1.0, importance_score=0.2)),
    ):
        with pytest.raises(VectorStoreError, match="damaged") as caught:
            await read
        assert "Anna" not in "".join(traceback.format_exception(caught.value))
    assert [memory.memory_id for memory in await store.records.get("ns", ["m0", "m2"])] == ["m0", "m2"]
    assert await damage_of(store) == ["memory m1 is not as it was stored"]
    await store.records.delete("ns", ["m1"])
    assert await damage_of(store) == []


async def test_what_its_owner_changes_is_no_damage(store: EmbeddedStore, file: Path) -> None:
    await store.records.insert("ns", [row(i) for i in range(3)], reinforcement=0.1)
    await store.records.insert("ns", [new("again", dedup_key="k"), new("m9", dedup_key="k")], reinforcement=0.1)
    [again] = await store.records.insert("ns", [new("m8", dedup_key="k", metadata={"k": 1})], reinforcement=0.1)
    assert again.outcome is Outcome.REINFORCED
    await store.records.update("ns", "m1", MemoryChanges(updated_at=1.0, content="Other words.", metadata={"k": 2}))
    await store.records.archive("ns", ["m2"], 5.0)
    await store.records.record_access("ns", {"m0": 3}, 6.0)
    with raw(file) as db:
        assert db.execute("SELECT count(*) FROM memories WHERE checksum IS NULL").fetchone() == (0,)
        # By hand, in another program: nobody knows what is right, and upkeep takes it as it is.
        db.execute("UPDATE memories SET content = 'By hand.' WHERE memory_id = 'm0'")
        assert db.execute("SELECT memory_id FROM memories WHERE checksum IS NULL").fetchall() == [("m0",)]
    assert [memory.content for memory in await store.records.get("ns", ["m0"])] == ["By hand."]
    await store.health.repair("ns")
    assert await damage_of(store) == []
    alter(file, "content", "'By nobody.'", "m0")
    assert await damage_of(store) == ["memory m0 is not as it was stored"]


async def test_flipped_bits_are_an_error_or_change_nothing(opened: MakeStore, file: Path) -> None:
    async with opened() as store:
        await store.records.insert("ns", [row(i) for i in range(40)], reinforcement=0.1)
        whole = {memory.memory_id: memory for memory in await store.records.find("ns", ALL, now=0.0)}
    chance, refused = random.Random(11), 0
    for _ in copies_with_flipped_bits(file, 40, chance):
        try:
            async with opened(bind=False) as store:
                found: list[Memory] = await store.records.find("ns", ALL, now=0.0)
        except GraphMemoryError:
            refused += 1
            continue
        for memory in found:
            kept = whole[memory.memory_id]
            assert (memory.content, memory.metadata, memory.timestamp) == (kept.content, kept.metadata, kept.timestamp)
    assert 5 < refused < 40
