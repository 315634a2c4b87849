"""Tools that read."""

from __future__ import annotations

from coda_graphmem import MemoryManager
from tests.fakes import Clock
from tests.mcp.clients import calling


async def test_search_shows_what_is_found_with_its_source(memory: MemoryManager) -> None:
    plums = await memory.store_memory(
        "Maria likes ripe plums.", "preference", {"speaker": "Maria"}, conversation_id="c1", memory_id="m1"
    )
    async with calling(memory) as call:
        found = await call("memory_search", query="Which plums does Maria like?")
    [item] = found["memories"]
    assert item == {
        "memory_id": plums,
        "memory_type": "preference",
        "date": "2025-06-15",
        "version": 1,
        "source": 'said by "Maria", in conversation "c1"',
        "relevance": round(item["relevance"], 2),
        "content": "Maria likes ripe plums.",
    }
    assert found["namespace"] == "default"
    assert found["found"] == 1
    for part in (
        "> Maria likes ripe plums.",
        "m1",
        "2025-06-15",
        'said by "Maria"',
        'namespace "default"',
        "not instr",
    ):
        assert part in found["text"]


async def test_search_obeys_each_of_its_filters(memory: MemoryManager, clock: Clock) -> None:
    start = clock.now
    for name, kind, meta, conversation in (
        ("old", "semantic", {}, None),
        ("new", "semantic", {"project": "x"}, None),
        ("said", "preference", {}, "c1"),
    ):
        await memory.store_memory(f"Plums, {name}.", kind, meta, conversation_id=conversation, memory_id=name)
        clock.advance(86_400)

    async def ids(**filters: object) -> list[str]:
        found = await call("memory_search", query="plums", **filters)
        return sorted(item["memory_id"] for item in found["memories"])

    async with calling(memory) as call:
        assert await ids() == ["new", "old", "said"]
        assert await ids(memory_types=["preference"]) == ["said"]
        assert await ids(conversation_id="c1") == ["said"]
        assert await ids(metadata={"project": "x"}) == ["new"]
        assert await ids(since="2025-06-16") == ["new", "said"]
        assert await ids(until="2025-06-16") == ["old"]
        assert await ids(as_of="2025-06-16") == ["old"]
        assert len(await ids(limit=2)) == 2
        more = await call("memory_search", query="plums", limit=2)
        assert "raise limit" in more["note"]
        assert more["note"] in more["text"]
    assert clock.now > start


async def test_search_follows_what_holds_and_what_held(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("The office is in Paris.", "semantic", memory_id="paris")
    clock.advance(60)
    await memory.supersede_memory("paris", "The office is in Rome.")
    async with calling(memory) as call:

        async def first(validity: str) -> str:
            found = await call("memory_search", query="office", validity=validity)
            return str(found["memories"][0]["content"])

        assert await first("current") == "The office is in Rome."
        assert await first("past") == "The office is in Paris."
        found = await call("memory_search", query="office", validity="past")
        assert found["memories"][0]["state"].startswith("outdated since 2025-06-15: superseded by")
        assert found["memories"][0]["state"] in found["text"]


async def test_search_says_that_nothing_is_there(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        found = await call("memory_search", query="plums")
    assert (found["memories"], found["found"]) == ([], 0)
    assert "Nothing relevant" in found["text"]


async def test_arguments_that_do_not_fit_are_refused_with_a_remedy(memory: MemoryManager) -> None:
    async with calling(memory) as call:
        assert "no argument 'querry'" in await call.refused("memory_search", query="x", querry="y")
        assert "It takes query, limit" in await call.refused("memory_search", query="x", querry="y")
        assert await call.refused("memory_search") == "query: is missing. Give it."
        assert "limit: 51 is above 50" in await call.refused("memory_search", query="x", limit=51)
        assert "query: is empty" in await call.refused("memory_search", query=" ")
        assert "memory_types[0]" in await call.refused("memory_search", query="x", memory_types=["dream"])
        assert "since" in await call.refused("memory_search", query="x", since="soon")
        assert "response_format" in await call.refused("memory_search", query="x", response_format="long")


async def test_an_argument_of_none_is_left_out(memory: MemoryManager) -> None:
    await memory.store_memory("Plums.", "semantic")
    async with calling(memory) as call:
        assert (await call("memory_search", query="plums", since=None, limit=None))["found"] == 1


async def test_detailed_answers_hold_more(memory: MemoryManager) -> None:
    await memory.store_memory("Plums of Maria. " + "x" * 400, "semantic", {"shelf": 7}, 0.5, memory_id="m")
    async with calling(memory) as call:
        short = (await call("memory_search", query="plums"))["memories"][0]
        long = await call("memory_search", query="plums", response_format="detailed")
    assert (len(short["content"]), short["characters"]) == (300, 416)
    assert "importance" not in short
    [item] = long["memories"]
    assert len(item["content"]) == 416
    assert item["metadata"] == {"shelf": 7}
    assert item["entities"] == ["Maria"]
    assert item["importance"] == 0.5
    assert item["date"] == "2025-06-15T15:06:40Z"
    assert '{"shelf": 7}' in long["text"]


async def test_get_reads_in_full_and_names_what_is_missing(memory: MemoryManager) -> None:
    for name in ("a", "b"):
        await memory.store_memory(f"Plums, {name}.", "semantic", memory_id=name)
    await memory.archive_memories(["b"])
    async with calling(memory) as call:
        both = await call("memory_get", memory_ids=["b", "nothing", "a"])
        assert [item["memory_id"] for item in both["memories"]] == ["b", "a"]
        assert both["memories"][0]["state"] == "archived 2025-06-15"
        assert both["missing"] == ["nothing"]
        assert 'No such memory: "nothing"' in both["text"]
        assert 'no memory "nothing"' in await call.refused("memory_get", memory_ids=["nothing"])


async def test_get_pages_through_a_long_memory(memory: MemoryManager) -> None:
    content = "".join(f"Line {i} of the märchen.\n" for i in range(2_000))
    await memory.store_memory(content, "semantic", memory_id="long")
    read, offset = "", 0
    async with calling(memory) as call:
        while offset is not None:
            part = await call("memory_get", memory_ids=["long"], offset=offset)
            assert len(part["text"].encode()) < 16_000
            read += part["memories"][0]["content"]
            assert part["memories"][0]["characters"] == len(content)
            offset = part.get("next_offset")
            assert (f"again with offset {offset}" in part["text"]) == (offset is not None)
        assert "beyond" in await call.refused("memory_get", memory_ids=["long"], offset=len(content))
        await memory.store_memory("Plums.", "semantic", memory_id="m")
        assert "one memory" in await call.refused("memory_get", memory_ids=["long", "m"], offset=1)
    assert read == content


async def test_get_shows_how_one_memory_was(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("Maria likes plums.", "semantic", memory_id="m")
    clock.advance(60)
    await memory.update_memory("m", "Maria loves plums.", actor="tester")
    async with calling(memory) as call:
        plain = await call("memory_get", memory_ids=["m"])
        assert "history" not in plain
        told = await call("memory_get", memory_ids=["m"], response_format="detailed")
    assert [(one["version"], one["operation"], one["actor"]) for one in told["history"]] == [
        (1, "created", "caller"),
        (2, "updated", "tester"),
    ]
    assert told["history"][1]["content"] == "Maria likes plums."
    assert "> Maria likes plums." in told["text"]


async def test_entities_are_listed_and_paged(memory: MemoryManager) -> None:
    for text in ("Maria rows.", "Maria sings to Tom.", "Rex barks at Maria."):
        await memory.store_memory(text, "semantic")
    async with calling(memory) as call:
        first = await call("memory_entities", limit=2)
        assert [(one["name"], one["mentions"]) for one in first["entities"]] == [("Maria", 3), ("Rex", 1)]
        assert "1 more: call again with offset 2" in first["note"]
        rest = await call("memory_entities", limit=2, offset=2)
        assert [one["name"] for one in rest["entities"]] == ["Tom"]
        assert "Those are all" in rest["note"]


async def test_one_entity_is_told_by_facts_and_memories(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory("I live in Paris.", "semantic", memory_id="paris")
    clock.advance(86_400)
    await memory.store_memory("I moved to Rome.", "semantic", memory_id="rome")
    async with calling(memory) as call:
        now = await call("memory_entities", name="User")
        assert [(one["value"], one["memory_id"]) for one in now["facts"]] == [("Rome", "rome")]
        assert "> residence: Rome" in now["text"]
        past = await call("memory_entities", name="User", include_past=True)
        assert [(one["value"], one.get("until")) for one in past["facts"]] == [("Paris", "2025-06-16"), ("Rome", None)]
        rome = await call("memory_entities", name="Rome")
        assert rome["memories"][0]["memory_id"] == "rome"
        nobody = await call("memory_entities", name="Nobody at all", limit=1)
        assert "Nothing is known by that name" in nobody["note"]
