"""Claude's memory tool over a memory. Anthropic's own tests of its tool are run by `make test-outside`."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType, SyncMemoryManager, ValidationError
from tests.conftest import open_memory
from tests.fakes import Clock
from tests.integrations.frameworks import framework

framework("anthropic", "anthropic")

import httpx2
from anthropic import Anthropic
from anthropic.lib.tools import ToolError

from coda_graphmem.integrations.anthropic import AsyncGraphMemoryTool, GraphMemoryTool, files

HEAD = "Here's the content of {} with line numbers:\n"


@pytest.fixture
def tool(plain: MemoryManager) -> AsyncGraphMemoryTool:
    return AsyncGraphMemoryTool(plain)


async def do(tool: AsyncGraphMemoryTool, command: str, path: str = "", **arguments: Any) -> str:
    given = {"path": path} if path else {}
    return str(await tool.call({"command": command, **given, **arguments}))


async def refusal(tool: AsyncGraphMemoryTool, command: str, path: str = "", **arguments: Any) -> str:
    with pytest.raises(ToolError) as error:
        await do(tool, command, path, **arguments)
    return str(error.value)


async def text_of(memory: MemoryManager, path: str) -> str:
    return (await files.listed(memory, path))[path].text


# ---------------------------------------------------------------------- files


TEXTS = ["plain", "", "  \n", "NUL \x00 and a lone surrogate \ud800", "ends with a line\r\n", "ß" * 1_000]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_file_comes_back_exactly(plain: MemoryManager, tool: AsyncGraphMemoryTool, text: str) -> None:
    assert await do(tool, "create", "/memories/a", file_text=text) == "File created successfully at: /memories/a"
    assert await text_of(plain, "/memories/a") == text
    await do(tool, "insert", "/memories/a", insert_line=0, insert_text="x")
    assert (await text_of(plain, "/memories/a")).startswith("x\n")


async def test_a_file_is_a_memory_that_searches_find(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories/choir.md", file_text="Margit sings alto\nTom sings bass\n")
    [found] = await plain.retrieve_memories("who sings alto?")
    assert (found.metadata["path"], found.memory_type) == ("/memories/choir.md", MemoryType.SEMANTIC)
    await do(tool, "str_replace", "/memories/choir.md", old_str="alto", new_str="soprano")
    [found] = await plain.retrieve_memories("who sings soprano?")
    assert found.content == "Margit sings soprano\nTom sings bass\n"
    assert [one.actor for one in await plain.get_history(found.memory_id)][-1] == "claude-memory-tool"
    await do(tool, "delete", "/memories/choir.md")
    assert await plain.count() == 0


async def test_files_of_one_text_are_two(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories/a", file_text="same")
    await do(tool, "create", "/memories/b", file_text="same")
    await do(tool, "delete", "/memories/a")
    assert await text_of(plain, "/memories/b") == "same"


async def test_a_file_stands_in_nobodys_way(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories/a/b", file_text="x")
    assert await refusal(tool, "create", "/memories/a", file_text="y") == "File /memories/a already exists"
    assert await refusal(tool, "create", "/memories", file_text="y") == "File /memories already exists"
    assert "is a file, not a directory" in await refusal(tool, "create", "/memories/a/b/c", file_text="y")
    await do(tool, "create", "/memories/c", file_text="x")
    assert "is a file" in await refusal(tool, "rename", old_path="/memories/c", new_path="/memories/a/b/c")
    assert await refusal(tool, "str_replace", "/memories/a", old_str="x", new_str="y") == (
        "The path /memories/a is not a file."
    )


async def test_too_large_files_are_refused(tool: AsyncGraphMemoryTool) -> None:
    assert "999,999 lines" in await refusal(tool, "create", "/memories/a", file_text="\n" * 999_999)
    assert "1,000,000 characters" in await refusal(tool, "create", "/memories/a", file_text="x" * 1_000_001)
    await do(tool, "create", "/memories/a", file_text="x")
    grown = {"insert_line": 0, "insert_text": "x" * 1_000_000}
    assert "1,000,000 characters" in await refusal(tool, "insert", "/memories/a", **grown)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/memoriesx/a", "Path must start with /memories, got: /memoriesx/a"),
        ("memories/a", "Path must start with /memories, got: memories/a"),
        ("/memories/../etc", "Path /memories/../etc would escape /memories directory"),
        ("/memories/a/../../b", "Path /memories/a/../../b would escape /memories directory"),
        ("/memories/a\nb", "printable"),
        ("/memories/" + "a" * 1_000, "1,000"),
    ],
)
async def test_paths_that_cannot_be(tool: AsyncGraphMemoryTool, path: str, says: str) -> None:
    for command, arguments in (("view", {}), ("create", {"file_text": "x"}), ("delete", {})):
        assert says in await refusal(tool, command, path, **arguments)
    await do(tool, "create", "/memories/x", file_text="x")
    assert says in await refusal(tool, "rename", old_path="/memories/x", new_path=path)


async def test_one_path_has_many_spellings(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories//a/./b/../c", file_text="x")
    assert await text_of(plain, "/memories/a/c") == "x"


# ---------------------------------------------------------------------- answers


async def test_a_view_numbers_lines(tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories/a", file_text="one\ntwo\nthree\nfour")
    head = HEAD.format("/memories/a")
    assert await do(tool, "view", "/memories/a") == f"{head}     1\tone\n     2\ttwo\n     3\tthree\n     4\tfour"
    assert await do(tool, "view", "/memories/a", view_range=[2, 3]) == f"{head}     2\ttwo\n     3\tthree"
    assert await do(tool, "view", "/memories/a", view_range=[4, -1]) == f"{head}     4\tfour"
    assert await do(tool, "view", "/memories/a", view_range=[0, 1]) == f"{head}     1\tone"


async def test_a_view_of_a_folder(tool: AsyncGraphMemoryTool) -> None:
    head = "Here're the files and directories up to 2 levels deep in {}, excluding hidden items:\n"
    assert await do(tool, "view", "/memories") == f"{head.format('/memories')}0B\t/memories"
    for path, size in (("b", 1024), ("a/x", 1536), ("a/deep/y", 3), ("a/deep/er/z", 5), (".hidden", 7), ("a/.h", 1)):
        await do(tool, "create", f"/memories/{path}", file_text="x" * size)
    assert await do(tool, "view", "/memories") == head.format("/memories") + "\n".join(
        [
            "2.5K\t/memories",
            "1.5K\t/memories/a/",
            "8B\t/memories/a/deep/",
            "1.5K\t/memories/a/x",
            "1K\t/memories/b",
        ]
    )
    assert (await do(tool, "view", "/memories/a/deep")).splitlines()[1:] == [
        "8B\t/memories/a/deep", "5B\t/memories/a/deep/er/", "5B\t/memories/a/deep/er/z", "3B\t/memories/a/deep/y",
    ]  # fmt: skip
    assert await refusal(tool, "view", "/memories/none") == (
        "The path /memories/none does not exist. Please provide a valid path."
    )


async def test_a_replacement_shows_what_is_around_it(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories/a", file_text="1\n2\n3\n4\n5\n6")
    assert await do(tool, "str_replace", "/memories/a", old_str="4", new_str="four\nand") == (
        "The memory file has been edited. Here is the snippet showing the change (with line numbers):\n"
        "     2\t2\n     3\t3\n     4\tfour\n     5\tand\n     6\t5"
    )
    assert await refusal(tool, "str_replace", "/memories/a", old_str="nine", new_str="x") == (
        "No replacement was performed, old_str `nine` did not appear verbatim in /memories/a."
    )
    assert "did not appear" in await refusal(tool, "str_replace", "/memories/a", old_str="", new_str="x")
    await do(tool, "create", "/memories/b", file_text="x\ny\nx x")
    assert await refusal(tool, "str_replace", "/memories/b", old_str="x", new_str="z") == (
        "No replacement was performed. Multiple occurrences of old_str `x` in lines: 1, 3, 3. "
        "Please ensure it is unique"
    )
    assert await text_of(plain, "/memories/b") == "x\ny\nx x"


async def test_insertions(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories/a", file_text="one\r\ntwo")
    said = await do(tool, "insert", "/memories/a", insert_line=1, insert_text="between\n")
    assert said == "The file /memories/a has been edited."
    assert await text_of(plain, "/memories/a") == "one\r\nbetween\ntwo\n"
    assert await refusal(tool, "insert", "/memories/a", insert_line=4, insert_text="x") == (
        "Invalid `insert_line` parameter: 4. It should be within the range [0, 3]."
    )
    assert "does not exist" in await refusal(tool, "insert", "/memories/b", insert_line=0, insert_text="x")


async def test_folders_are_moved_and_removed_whole(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    for path in ("a/x", "a/b/y", "ab"):
        await do(tool, "create", f"/memories/{path}", file_text=path)
    said = await do(tool, "rename", old_path="/memories/a", new_path="/memories/c/d")
    assert said == "Successfully renamed /memories/a to /memories/c/d"
    assert set(await files.listed(plain)) == {"/memories/c/d/x", "/memories/c/d/b/y", "/memories/ab"}
    assert await text_of(plain, "/memories/c/d/b/y") == "a/b/y"
    await do(tool, "create", "/memories/a/x", file_text="new")  # where one was that was moved away
    await do(tool, "delete", "/memories/a")
    assert "into itself" in await refusal(tool, "rename", old_path="/memories/c", new_path="/memories/c/e")
    assert "already exists" in await refusal(tool, "rename", old_path="/memories/ab", new_path="/memories/c")
    assert "does not exist" in await refusal(tool, "rename", old_path="/memories/a", new_path="/memories/z")
    assert "directory itself" in await refusal(tool, "rename", old_path="/memories", new_path="/memories/z")
    assert await do(tool, "delete", "/memories/c") == "Successfully deleted /memories/c"
    assert set(await files.listed(plain)) == {"/memories/ab"}
    assert "does not exist" in await refusal(tool, "delete", "/memories/c")
    assert "directory itself" in await refusal(tool, "delete", "/memories/x/..")


# ---------------------------------------------------------------------- beside other memories


async def test_other_memories_are_left_alone(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    kept = await plain.store_memory("Nora rows", metadata={"path": "/memories/a"})
    other = AsyncGraphMemoryTool(plain.for_namespace("other"))
    await do(other, "create", "/memories/a", file_text="theirs")
    await do(tool, "create", "/memories/a", file_text="mine")
    assert await do(tool, "view", "/memories/a") == HEAD.format("/memories/a") + "     1\tmine"
    assert await tool.clear_all_memory() == "All memory cleared"
    assert [one.memory_id for one in await plain.list_memories()] == [kept]
    assert "theirs" in await do(other, "view", "/memories/a")


async def test_files_outlive_merging(plain: MemoryManager, tool: AsyncGraphMemoryTool, clock: Clock) -> None:
    for name in ("a", "b"):
        await do(tool, "create", f"/memories/{name}", file_text="Margit sings alto in the choir")
        clock.advance(1)
    assert (await plain.consolidate_memories()).proposals
    assert set(await files.listed(plain)) == {"/memories/a", "/memories/b"}
    await do(tool, "str_replace", "/memories/a", old_str="alto", new_str="soprano")
    assert await text_of(plain, "/memories/a") == "Margit sings soprano in the choir"
    assert await text_of(plain, "/memories/b") == "Margit sings alto in the choir"
    assert {one.content for one in await plain.list_memories()} == {
        "Margit sings soprano in the choir", "Margit sings alto in the choir",
    }  # fmt: skip
    await do(tool, "delete", "/memories/a")
    await do(tool, "delete", "/memories/b")
    assert await plain.count() == 0


async def test_files_outlive_the_limit_of_a_namespace(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config.model_copy(update={"max_memories": 1}), clock) as memory:
        tool = AsyncGraphMemoryTool(memory)
        for name in ("a", "b", "c"):
            await do(tool, "create", f"/memories/{name}", file_text=f"{name} keeps bees")
            clock.advance(1)
        [archived, *_] = await memory.list_memories(archived=True)
        assert len(await files.listed(memory)) == 3
        await do(tool, "insert", archived.metadata["path"], insert_line=0, insert_text="and hives")
        assert (await text_of(memory, archived.metadata["path"])).startswith("and hives")


async def test_changes_at_the_same_time_are_both_kept(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    await do(tool, "create", "/memories/a", file_text="")
    lines = ("one", "two", "three")
    await asyncio.gather(*(do(tool, "insert", "/memories/a", insert_line=0, insert_text=line) for line in lines))
    assert sorted((await text_of(plain, "/memories/a")).split()) == sorted(lines)


async def test_one_of_several_creates_a_file(plain: MemoryManager, tool: AsyncGraphMemoryTool) -> None:
    texts = ("same", "two", "same")
    said = await asyncio.gather(
        *(do(tool, "create", "/memories/a", file_text=text) for text in texts), return_exceptions=True
    )
    [winner] = [text for text, answer in zip(texts, said, strict=True) if isinstance(answer, str)]
    assert [str(one) for one in said if isinstance(one, ToolError)] == ["File /memories/a already exists"] * 2
    assert await plain.count() == 1
    assert await text_of(plain, "/memories/a") == winner


def test_the_declaration_and_what_is_no_memory(waiting: SyncMemoryManager) -> None:
    assert GraphMemoryTool(waiting).to_dict() == {"type": "memory_20250818", "name": "memory"}
    for kind in (GraphMemoryTool, AsyncGraphMemoryTool):
        tool = kind(waiting, cache_control={"type": "ephemeral"})
        assert tool.to_dict()["cache_control"] == {"type": "ephemeral"}
        with pytest.raises(ValidationError):
            kind(None)  # type: ignore[arg-type]


def test_a_client_uses_it_without_a_loop(waiting: SyncMemoryManager) -> None:
    asked: list[Any] = []
    uses = [
        {"command": "create", "path": "/memories/a", "file_text": "Margit sings alto"},
        {"command": "create", "path": "/memories/a", "file_text": "again"},
        {"command": "view", "path": "/memories"},
    ]

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(json.loads(request.content))
        turn = len(asked) - 1
        done = turn == len(uses)
        block = {"type": "text", "text": "Done"} if done else {"type": "tool_use", "id": f"t{turn}", "name": "memory"}
        content = [block if done else {**block, "input": uses[turn]}]
        reason = "end_turn" if done else "tool_use"
        told = {"id": "m", "type": "message", "role": "assistant", "model": "claude", "usage": {"input_tokens": 1}}
        return httpx2.Response(200, json={**told, "content": content, "stop_reason": reason})

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as http:
        client = Anthropic(api_key="none", http_client=http)
        runner = client.beta.messages.tool_runner(
            model="claude",
            max_tokens=100,
            tools=[GraphMemoryTool(waiting)],
            messages=[{"role": "user", "content": "Hi"}],
        )
        assert runner.until_done().content[0].text == "Done"
    results = [one["messages"][-1]["content"][0] for one in asked[1:]]
    assert [bool(result.get("is_error")) for result in results] == [False, True, False]
    assert "already exists" in str(results[1]["content"])
    assert "/memories/a" in str(results[2]["content"])
    assert waiting.retrieve_memories("alto")[0].content == "Margit sings alto"


def test_its_sync_methods_do_what_the_others_do(waiting: SyncMemoryManager) -> None:
    tool = GraphMemoryTool(waiting)
    tool.call({"command": "create", "path": "/memories/a", "file_text": "one"})
    tool.call({"command": "str_replace", "path": "/memories/a", "old_str": "one", "new_str": "two"})
    tool.call({"command": "insert", "path": "/memories/a", "insert_line": 0, "insert_text": "zero"})
    tool.call({"command": "rename", "old_path": "/memories/a", "new_path": "/memories/b"})
    assert tool.call({"command": "view", "path": "/memories/b"}).endswith("     1\tzero\n     2\ttwo\n     3\t")
    tool.call({"command": "delete", "path": "/memories/b"})
    assert tool.clear_all_memory() == "All memory cleared"
    assert waiting.count() == 0
