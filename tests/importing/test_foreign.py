"""Memories of other programs come in with their times, ids and owners, and once however often they are read."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryManager, ValidationError
from coda_graphmem.importing import Loader, Record, Source
from coda_graphmem.importing.belongings import belongings
from tests.importing.exports import GRAPHITI, KNOWLEDGE_GRAPH, LANGGRAPH, LETTA, MEM0, SAMPLES, ZEP


def source_of(value: Any, **options: Any) -> Source:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Source(io.BytesIO(text.encode("utf-8", "surrogatepass")), **options)


def read(value: Any, **options: Any) -> list[Record]:
    with source_of(value, **options) as source:
        return list(source)


def memories(value: Any, **options: Any) -> list[dict[str, Any]]:
    return [record.memory for record in read(value, **options)]


PROGRAMS = ("mem0", "zep", "graphiti", "letta", "langgraph", "knowledge-graph")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_file_is_recognised_by_itself_and_can_be_named(name: Any) -> None:
    with source_of(SAMPLES[name]) as source:
        assert source.format == name
        found = list(source)
    assert found
    assert read(SAMPLES[name], format=name) == found


@pytest.mark.parametrize("name", PROGRAMS)
async def test_twice_is_once(name: str, memory: MemoryManager) -> None:
    with source_of(SAMPLES[name]) as source:
        first = await Loader(memory).load(source)
        before = await memory.list_memories(order="oldest", limit=100)
        again = await Loader(memory).load(source)
    assert first.new == first.memories > 1
    assert again.new == 0
    assert await memory.list_memories(order="oldest", limit=100) == before


# ---------------------------------------------------------------------- mem0


def test_a_memory_of_mem0_keeps_what_is_known_of_it() -> None:
    first, second = memories(MEM0)
    assert first | {"memory_id": ""} == {
        "memory_id": "",
        "content": "Plays the cello",
        "type": "semantic",
        "timestamp": 1772449920.0,
        "importance_score": 0.8,
        "metadata": {
            "source_id": "a-1",
            "updated_at": "2026-03-03T00:00:00Z",
            "importance": 0.8,
            "room": "attic",
        },
        "user_id": "nora",
        "agent_id": "coach",
        "session_id": "7",
        "tags": ["music", "hobbies"],
    }
    assert (second["type"], second["content"]) == ("procedural", "Tune before playing")


@pytest.mark.parametrize("key", ["results", "memories", "items", "data"])
def test_lists_of_mem0_under_any_key(key: str) -> None:
    assert memories({"count": 2, key: MEM0["results"], "next": None}) == memories(MEM0)


@pytest.mark.parametrize("key", ["memory", "text", "data", "content"])
def test_words_of_mem0_under_any_key(key: str) -> None:
    [found] = memories([{"id": "1", key: "Likes tea", "user_id": "u"}])
    assert found["content"] == "Likes tea"


def test_a_memory_of_mem0_a_line() -> None:
    lines = "\n".join(map(json.dumps, MEM0["results"]))
    assert memories(lines) == memories(MEM0)


def test_the_owner_may_stand_in_the_metadata() -> None:
    [found] = memories([{"id": "1", "memory": "Likes tea", "metadata": {"user_id": "u"}, "categories": "a, #b"}])
    assert found["metadata"] == {"source_id": "1"}
    assert (found["user_id"], found["tags"]) == ("u", ["a", "b"])


def test_what_was_changed_there_comes_in_beside_what_it_was() -> None:
    changed = {"id": "1", "memory": "Likes coffee"}
    [before], [after] = memories([{"id": "1", "memory": "Likes tea"}]), memories([changed])
    assert before["memory_id"] != after["memory_id"]
    [recategorised] = memories([changed | {"categories": ["drinks"]}])
    assert recategorised["memory_id"] == after["memory_id"]


def test_belongings_are_those_of_a_memory() -> None:
    said = {"user_id": "u", "run_id": 5}
    assert belongings(said, ["a", "x" * 300]) == {"user_id": "u", "session_id": "5", "tags": ["a"]}


# ---------------------------------------------------------------------- langgraph


def test_items_of_a_store() -> None:
    wrapped, episode, rule, profile = memories(LANGGRAPH)
    assert wrapped["content"] == "Prefers the window seat"
    assert wrapped["metadata"] == {
        "kind": "Memory",
        "namespace": ["memories", "nora"],
        "source_id": "k1",
        "updated_at": "2026-03-02T20:00:00Z",
    }
    assert wrapped["timestamp"] == 1772478720.0
    assert (episode["type"], episode["content"]) == ("episodic", "User: Where is it?\nAssistant: In the attic.")
    assert (rule["type"], rule["content"]) == ("procedural", "Ask before deleting.")
    assert profile["content"] == "name: Nora\nage: 41\nlikes: tea\nrain"


def test_equal_keys_of_two_namespaces_are_two_memories() -> None:
    item = {"key": "k", "value": {"content": "Likes tea"}}
    found = memories([item | {"namespace": ["a"]}, item | {"namespace": ["b"]}])
    assert len({one["memory_id"] for one in found}) == 2


def test_items_that_the_platform_answers() -> None:
    with source_of({"items": LANGGRAPH}) as source:
        assert source.format == "langgraph"
        assert [record.memory for record in source] == memories(LANGGRAPH)


# ---------------------------------------------------------------------- knowledge graphs


def test_entities_observations_and_relations() -> None:
    one, two, bare, relation = memories(KNOWLEDGE_GRAPH)
    assert (one["content"], two["content"]) == ("Sings in a choir", "Has a cat")
    assert one["metadata"] == {"title": "Nora", "entity_type": "person"}
    assert (bare["content"], bare["metadata"]["observed"]) == ("Choir: group", False)
    assert relation["content"] == "Nora sings in Choir"
    assert relation["metadata"]["relation"] == {"from": "Nora", "to": "Choir", "type": "sings_in"}


def test_keys_that_other_servers_write() -> None:
    lines = [
        {"type": "entity", "entityName": "Nora", "entity_type": "person", "observations": ["Sings in a choir"]},
        {"type": "entity", "id": "Nora", "entityType": "person", "observations": [{"content": "Has a cat"}]},
        {"type": "relation", "from_id": "Nora", "to_id": "Choir", "relation_type": "sings_in"},
    ]
    found = memories("\n".join(map(json.dumps, lines)))
    expected = memories(KNOWLEDGE_GRAPH)
    assert found == [expected[0], expected[1], expected[3]]


def test_the_answer_of_read_graph() -> None:
    items = [json.loads(line) for line in KNOWLEDGE_GRAPH.splitlines()]
    entities = [item for item in items if item.pop("type") == "entity"]
    graph = {"entities": entities, "relations": [item for item in items if "from" in item]}
    with source_of(graph) as source:
        assert source.format == "knowledge-graph"
        assert [record.memory for record in source] == memories(KNOWLEDGE_GRAPH)


def test_what_was_observed_twice_is_two_memories() -> None:
    found = memories(json.dumps({"type": "entity", "name": "A", "entityType": "t", "observations": ["x", "x", " "]}))
    assert len({one["memory_id"] for one in found}) == len(found) == 2


# ---------------------------------------------------------------------- zep and graphiti


def test_sessions_of_zep() -> None:
    hello, answer, fact, loose = memories(ZEP, me="Nora Ek")
    assert (hello["content"], hello["conversation_id"], hello["timestamp"]) == ("Hello", "s-1", 1772478720.0)
    assert (hello["metadata"], hello["user_id"]) == ({"speaker": "Nora"}, "nora")
    assert answer["metadata"]["speaker"] == "Assistant"
    assert (fact["content"], fact["importance_score"]) == ("Nora has a cat", 0.75)
    assert (fact["metadata"], fact["user_id"]) == ({"source_id": "f1", "session_id": "s-1"}, "nora")
    assert loose["content"] == "It rained"
    with source_of(ZEP) as source:
        assert len(list(source)) == 4
        assert source.account.read("messages") == 3  # the one of a tool is passed over


def test_one_session_and_a_list_of_them() -> None:
    [session] = ZEP["sessions"]
    for value in (session, [session]):
        with source_of(value) as source:
            assert source.format == "zep"
            assert len(list(source)) == 3


def test_a_graph_of_graphiti() -> None:
    edge, ended, episode, node = memories(GRAPHITI)
    assert (edge["content"], edge["timestamp"]) == ("Nora lives in Rome", 1772478720.0)
    assert edge["metadata"]["relation"] == {"from": "Nora", "to": "Rome", "type": "LIVES_IN"}
    assert edge["metadata"]["title"] == "Nora"
    assert ended["metadata"]["invalid_at"] == "2026-03-02T19:12:00Z"
    assert (episode["type"], episode["metadata"]["group_id"]) == ("episodic", "g")
    assert (node["content"], node["metadata"]["labels"]) == ("Sings in a choir.", ["Person"])
    with source_of(GRAPHITI) as source:
        assert len(list(source)) == 4
        assert [(one.count, one.reason) for one in source.account.passed_over] == [(1, "without words")]
        assert any("ended" in note for note in source.account.notes)


# ---------------------------------------------------------------------- letta


def test_an_agent_file() -> None:
    block, passage, asked, sent, plain = memories(LETTA, me="Nora")
    assert (block["content"], block["metadata"]["block"]) == ("Name: Nora", "human")
    assert block["agent_id"] == "Coach"
    assert (passage["content"], passage["tags"]) == ("She moved to Rome.", ["home"])
    assert [one["content"] for one in (asked, sent, plain)] == ["Hi", "Hello Nora", "Anything else?"]
    assert asked["metadata"]["speaker"] == "Nora"
    assert asked["conversation_id"] == "Coach"
    assert (sent["timestamp"], plain["timestamp"]) == (1772478725.0, 1772478725.0)


def test_an_agent_file_that_is_one_string() -> None:
    text = json.dumps(json.dumps(LETTA, indent=2))
    with source_of(text) as source:
        assert source.format == "letta"
        assert [record.memory for record in source] == memories(LETTA)
    with pytest.raises(ValidationError, match="damaged or too long"):
        read(text[:-20])


def test_blocks_of_several_agents_are_told_apart() -> None:
    agents = [{"name": "A", "block_ids": ["b1"]}, {"name": "B", "block_ids": ["b2", "b1"]}]
    blocks = [{"id": f"b{number}", "label": "human", "value": "Nora"} for number in (1, 2, 3)]
    found = memories({"agents": agents, "blocks": blocks})
    assert [one["agent_id"] for one in found] == ["A", "B", "standard input"]
    assert len({one["memory_id"] for one in found}) == 3


def test_an_agent_file_of_the_form_before() -> None:
    agent = {
        "agent_type": "memgpt_agent",
        "core_memory": [{"label": "human", "value": "Name: Nora"}],
        "messages": [{"role": "user", "text": '{"type": "user_message", "message": "Hi", "time": "…"}'}],
        "name": "Coach",
    }
    with source_of(agent) as source:
        assert source.format == "letta"
        assert [record.memory["content"] for record in source] == ["Name: Nora", "Hi"]


def test_what_programs_tell_an_agent_is_passed_over() -> None:
    beat = {"role": "user", "content": '{"type": "heartbeat", "reason": "…"}'}
    with source_of({"agents": [{"name": "A", "messages": [beat, {"role": "tool", "content": "5"}]}]}) as source:
        assert list(source) == []
        assert source.account.read("messages") == 2


# ---------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("value", "field", "remedy"),
    [
        ([{"id": "1", "memory": "a"}, {"id": "2", "memory": "b", "created_at": "noon"}], "memory 2", "ISO 8601"),
        ([{"id": "1", "memory": "a", "metadata": [1]}], "memory 1", "metadata"),
        ([{"id": "1", "memory": "a", "metadata": {"x": "\x00"}}], "memory 1", "Remove it"),
        ('{"results": [{"id": "1", "memory": "a"}, 5]}', "memory 2", "Export"),
        ('{"results": [{"id": "1", "memory": "a"}', "memory 1", "Export"),
        ('{"type": "entity", "name": "A", "entityType": "t"}\n{"type": "relation", "from": "A"}', "record 2", "to"),
        ('{"type": "entity", "name": "A", "entityType": "t"}\n{"type": "odd"}', "record 2", "entity"),
        ('{"type": "entity", "name": "A", "entityType": "t"}\nodd', "record 1", "Export"),
        ({"edges": [{"fact": "a", "valid_at": True}]}, "item 1", "ISO 8601"),
        ({"sessions": [{"session_id": "s", "messages": [5]}]}, "session 1, message 1", "Zep"),
        ({"agents": [{"name": "A", "blocks": [5]}]}, "agent 1, block 1", ".af"),
        ([{"namespace": ["a"], "key": "k", "value": {"content": "x"}}, {"key": 1}], "item 2", "store"),
    ],
)
async def test_a_bad_record_is_named_and_nothing_is_stored(
    value: Any, field: str, remedy: str, memory: MemoryManager
) -> None:
    with source_of(value) as source, pytest.raises(ValidationError) as caught:
        await Loader(memory).load(source)
    assert caught.value.field == f"standard input, {field}"
    assert remedy in str(caught.value)
    assert await memory.count() == 0


def test_files_of_an_archive_where_the_format_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("../one.json", SAMPLES["mem0"])
        archive.writestr("photo.png", "x")
    with Source(tmp_path / "all.zip", format="mem0") as source:
        assert [record.memory for record in source] == memories(MEM0)
        assert source.account.read("files") == 2
    assert sorted(path.name for path in tmp_path.parent.iterdir() if path.suffix == ".json") == []


def test_agent_files_of_a_folder_and_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    with zipfile.ZipFile(tmp_path / "agents.zip", "w") as archive:
        for name in ("a.af", "b.af"):
            text = json.dumps({"agents": [{**LETTA["agents"][0], "name": name}]})
            (tmp_path / "agents" / name).write_text(text)
            archive.writestr(name, text)
    found = [[record.memory for record in Source(tmp_path / name)] for name in ("agents", "agents.zip")]
    assert found[0] == found[1]
    assert len(found[0]) == 6


def test_long_words_come_in_parts() -> None:
    found = memories([{"id": "1", "memory": "word " * 300_000}])
    assert [len(one["content"]) for one in found] == [1_000_000 - 1, 500_000 - 1]
    assert len({one["memory_id"] for one in found}) == 2


def test_halves_of_characters_are_replaced() -> None:
    [found] = memories('[{"id": "1", "memory": "a\\ud800b"}]')
    assert found["content"] == "a\ufffdb"
