"""Links between memories that are alike."""

from __future__ import annotations

import pytest

from coda_graphmem import LinkKind, MemoryManager, ValidationError
from tests.consolidation.sample import fill
from tests.fakes import Clock


async def test_linking(memory: MemoryManager, clock: Clock) -> None:
    await fill(memory, clock)
    clock.advance(60)
    assert (await memory.link_similar(0.01)).considered == 0
    assert (await memory.link_similar(min_similarity=0.99)).links == 0
    one = await memory.link_similar(min_similarity=0.5, limit=1)
    more = await memory.link_similar(min_similarity=0.5)
    assert one.considered == 6
    assert one.links > 0 < more.links
    links = await memory.services.resources.store.links.find_links("default", ["like"])
    assert [(x.source_id, x.target_id, x.kind, x.guard) for x in links if x.run_id == one.run_id] == [
        ("like", "love", LinkKind.SIMILAR_TO, None)
    ]
    assert {run.changed for run in await memory.list_runs("link")} == {0, one.links, more.links}
    with pytest.raises(ValidationError):
        await memory.link_similar(limit=0)


async def test_what_different_owners_say_is_not_linked(memory: MemoryManager) -> None:
    for memory_id, user in (("a1", "anna"), ("a2", "anna"), ("b1", "ben"), ("n1", None)):
        await memory.store_memory(f"I bought plums {memory_id}", memory_id=memory_id, user_id=user)
    assert (await memory.link_similar(min_similarity=0.2)).links == 1
    [link] = await memory.list_links(["a1", "b1", "n1"])
    assert {link.source_id, link.target_id} == {"a1", "a2"}
