"""Links between memories: kept once, told with the memories, gone with either end."""

from __future__ import annotations

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore
from tests.store.factory import new
from tests.store.parts.build import OUTDATED, SIMILAR, link
from tests.store.parts.conftest import other


async def pairs(store: MemoryStore, ns: str, *ids: str) -> list[tuple[str, str]]:
    return [(one.source_id, one.target_id) for one in await store.links.find_links(ns, ids)]


async def test_links_are_kept_once(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}") for i in range(4)], reinforcement=0.1)
    full = link("m0", "m1", guard="numbers", reason="3 and 4", run_id=f"{ns}-run", score=-0.25)
    assert await store.links.save_links(ns, [full, link("m0", "m1"), link("m1", "m0"), link("m0", "m0")]) == 1
    assert (
        await store.links.save_links(ns, [link("m0", "m1", OUTDATED), link("m1", "m0", OUTDATED), link("m0", "m1")])
        == 2
    )
    assert await store.links.save_links(ns, [link("m0", "nothing"), link("nothing", "m0"), link("m2", "m3")]) == 1
    assert await store.links.save_links(f"{ns}-nothing", [link("m0", "m1")]) == 0
    assert await store.links.find_links(ns, ["m1"], [SIMILAR]) == [full]
    assert await store.links.find_links(ns, ["m0"]) == [link("m0", "m1", OUTDATED), full, link("m1", "m0", OUTDATED)]
    assert await pairs(store, ns, "m0", "m3") == [("m0", "m1"), ("m0", "m1"), ("m1", "m0"), ("m2", "m3")]
    assert await store.links.find_links(ns, ["m0"], []) == []
    assert (await store.transfer.inventory(ns)).memory_links == 4


async def test_a_link_gives_way_where_asked(store: MemoryStore, ns: str) -> None:
    for name in (ns, other(ns)):
        await store.records.insert(name, [new(f"m{i}") for i in range(3)], reinforcement=0.1)
        await store.links.save_links(
            name, [link("m0", "m1", guard="numbers"), link("m0", "m1", OUTDATED), link("m1", "m2")]
        )
    before = await store.changes.revision(ns)
    new_ones = [link("m1", "m0", guard="refused", score=0.5), link("m0", "m1"), link("m1", "m0", OUTDATED)]
    assert await store.links.save_links(ns, [*new_ones, link("m0", "nothing")], replace=True) == 2
    assert await store.changes.revision(ns) != before
    assert await store.links.find_links(ns, ["m0"]) == [link("m0", "m1", OUTDATED), new_ones[2], new_ones[0]]
    assert await pairs(store, ns, "m2") == [("m1", "m2")]
    assert [one.guard for one in await store.links.find_links(other(ns), ["m0"], [SIMILAR])] == ["numbers"]
    assert (await store.transfer.inventory(ns)).memory_links == 4


async def test_links_stay_in_their_namespace(store: MemoryStore, ns: str) -> None:
    for name in (ns, other(ns)):
        await store.records.insert(name, [new("m1"), new("m2")], reinforcement=0.1)
        await store.links.save_links(name, [link("m1", "m2", run_id=f"{ns}-run")])
    await store.records.insert(ns, [new("m3")], reinforcement=0.1)
    assert await store.links.save_links(other(ns), [link("m1", "m3")]) == 0
    assert await store.links.delete_links(ns, f"{ns}-run") == 1
    assert await pairs(store, ns, "m1") == []
    assert await pairs(store, other(ns), "m1") == [("m1", "m2")]
    assert (await store.transfer.inventory(other(ns))).memory_links == 1


async def test_unlinking_takes_what_the_run_made(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}") for i in range(3)], reinforcement=0.1)
    runs = [f"{ns}-one", f"{ns}-two", None]
    await store.links.save_links(ns, [link("m0", "m1", run_id=runs[0]), link("m1", "m2", OUTDATED, run_id=runs[0])])
    await store.links.save_links(ns, [link("m0", "m2", run_id=runs[1]), link("m2", "m0", OUTDATED, run_id=runs[2])])
    assert await store.links.delete_links(ns, f"{ns}-one") == 2
    assert await pairs(store, ns, "m0") == [("m0", "m2"), ("m2", "m0")]
    assert await store.links.delete_links(ns, f"{ns}-one") == 0


async def test_newer_memories_are_told_while_they_are_live(store: MemoryStore, ns: str) -> None:
    rows = [new("old"), new("b2"), new("a1"), new("c3"), new("s4", expires_at=9000.0)]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.links.save_links(ns, [link("old", newer, OUTDATED) for newer in ("a1", "c3", "b2", "s4")])
    await store.links.save_links(ns, [link("b2", "a1"), link("a1", "old")])
    by_id = {m.memory_id: m.possibly_outdated_by for m in await store.records.find(ns, MemoryFilter(), now=0.0)}
    assert by_id == {"old": ["b2", "a1", "c3"], "a1": [], "b2": [], "c3": []}
    await store.records.archive(ns, ["a1"], 3000.0)
    await store.records.delete(ns, ["c3"])
    assert [m.possibly_outdated_by for m in await store.records.get(ns, ["old"])] == [["b2"]]
    await store.records.unarchive(ns, ["a1"], 3500.0)
    assert [m.possibly_outdated_by for m in await store.records.get(ns, ["old"])] == [["b2", "a1"]]


async def test_links_go_with_either_end_and_are_counted(store: MemoryStore, ns: str) -> None:
    rows = [new(f"m{i}", conversation_id="c" if i < 2 else None) for i in range(6)]
    rows += [new("s6", expires_at=50.0), new("x7", metadata={"k": 1})]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.links.save_links(ns, [link("m0", f"m{i}") for i in range(1, 6)] + [link("m5", "m4", OUTDATED)])
    await store.links.save_links(ns, [link("s6", "m2"), link("m3", "x7"), link("x7", "m3", OUTDATED)])
    # The step from m0 to m1 in their conversation, and two links.
    assert (await store.records.delete(ns, ["m1"])).links == 2
    assert (await store.records.delete(ns, ["m4", "m5"])).links == 3
    assert await store.records.expire(ns, 100.0) == 1
    assert await pairs(store, ns, "m2") == [("m0", "m2")]
    assert (await store.records.forget(ns, MemoryFilter(metadata={"k": 1}))).links == 2
    assert await pairs(store, ns, "m0", "m3") == [("m0", "m2"), ("m0", "m3")]
    assert (await store.records.forget(ns, None)).links == 2
    assert await pairs(store, ns, "m0") == []


async def test_new_content_removes_links_and_other_changes_do_not(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}") for i in range(3)], reinforcement=0.1)
    await store.links.save_links(ns, [link("m0", "m1"), link("m1", "m2", OUTDATED), link("m0", "m2")])
    await store.records.update(ns, "m1", MemoryChanges(metadata={"k": 1}, importance_score=0.9, updated_at=3000.0))
    assert len(await store.links.find_links(ns, ["m1"])) == 2
    await store.records.update(ns, "m1", MemoryChanges(content="something else", updated_at=3000.0))
    assert await pairs(store, ns, "m0", "m1", "m2") == [("m0", "m2")]
