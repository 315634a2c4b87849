"""The queries for people: each is run on a real server and returns what its comment says."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase, Record

from coda_graphmem.models import LinkKind, MemoryType, Statement
from coda_graphmem.store.neo4j.statements import folder, names
from coda_graphmem.store.protocol import MemoryChanges, NewItem, ReadMemory
from tests.servers import Server
from tests.store.factory import MODEL, new, unit
from tests.store.neo4j.conftest import opened
from tests.store.neo4j.tenancy import Tenancy
from tests.store.parts.build import OUTDATED, link, merge

#: Queries that are tried where facts are.
OF_FACTS = ("what_is_true_now", "timeline", "what_changed", "history")

EXPLORE = [name.removeprefix("explore/") for name in names("explore")]


async def _tell(tenancy: Tenancy) -> None:
    """Let somebody in another namespace move, and say so."""
    moves = [("f1", "I live in Paris", 10.0, "Paris"), ("f2", "I moved to Rome", 20.0, "Rome")]
    rows = [new(memory_id, content, timestamp=at) for memory_id, content, at, _ in moves]
    await tenancy.records.insert("ns-facts", rows, reinforcement=0.1)
    for memory_id, content, _, place in moves:
        said = Statement(
            subject="User", subject_key="user", attribute="residence", value=place, value_key=place.lower()
        )
        await tenancy.facts.save_statements("ns-facts", [ReadMemory(memory_id, content, (said,))])
    await tenancy.records.update("ns-facts", "f1", MemoryChanges(importance_score=0.75, updated_at=3000.0))


class Explorer:
    """Runs a query as Browser would after its ``:param`` lines."""

    def __init__(self, driver: Driver, namespace: str) -> None:
        self.driver = driver
        self.namespace = namespace

    def run(self, name: str, **parameters: Any) -> list[Record]:
        text, defaults = read(name)
        if "namespace" in defaults:
            defaults["namespace"] = f"{self.namespace}-facts" if name in OF_FACTS else self.namespace
        return self.driver.execute_query(text, {**defaults, **parameters}).records


def read(name: str) -> tuple[str, dict[str, Any]]:
    """A query without comments, and its parameters."""
    lines = (folder() / "explore" / f"{name}.cypher").read_text(encoding="utf-8").splitlines()
    defaults = {}
    for line in lines:
        if found := re.fullmatch(r":param (\w+) => (.+)", line):
            defaults[found[1]] = json.loads(found[2].replace("'", '"'))
    text = "\n".join(line for line in lines if not line.startswith(("//", ":param")))
    return text.strip().removesuffix(";"), defaults


@pytest.fixture
async def explorer(neo4j_server: Server) -> AsyncIterator[Explorer]:
    async with opened(neo4j_server) as store:
        tenancy = Tenancy(store)
        rows = [
            new(
                "m1",
                "Maria went hiking",
                entities=["maria", "hiking"],
                conversation_id="trip",
                timestamp=1.0,
                tags=("trip", "fun"),
                user_id="ida",
            ),
            new(
                "m2",
                "Hiking near Berlin is lovely",
                entities=["hiking", "berlin"],
                conversation_id="trip",
                timestamp=2.0,
            ),
            new("m4", "Nobody knows about this", entities=["secret"], timestamp=4.0, tags=("fun",), user_id="ida"),
            new("m5", "Maria is fond of tea", entities=["maria", "tea"], timestamp=2.5, embedding=unit(3)),
        ]
        await tenancy.records.insert("ns", rows, reinforcement=0.1)
        merged = merge(
            "m3", ["m5"], content="Maria likes tea", memory_type=MemoryType.PREFERENCE, timestamp=3.0,
            entities=["maria", "tea"], importance_score=0.5,
        )  # fmt: skip
        assert await tenancy.merges.merge("ns", [merged], run_id="run1", at=5.0) == [True]
        links = [
            link("m1", "m2", score=0.75, guard="names", reason="maria against berlin"),
            link("m1", "m5", score=0.9),
            link("m2", "m3", OUTDATED, reason="hiking against tea"),
        ]
        assert await tenancy.links.save_links("ns", links) == 3
        items = [
            NewItem(("users", "ida"), "early", {"n": 1}),
            NewItem(("users", "ida"), "over", {}, ttl=1.0),
            NewItem(("users", "ida"), "late", {"text": "tea"}, fields=("text",), texts=1, vectors=(unit(1),)),
        ]
        await tenancy.items.batch("ns", [], items, now=1000.0, model=MODEL)
        await _tell(tenancy)
        with GraphDatabase.driver(neo4j_server.uri, auth=(neo4j_server.username, neo4j_server.password)) as driver:
            yield Explorer(driver, tenancy.prefix + "ns")
        await tenancy.clean()


def ids(records: list[Record], column: str) -> set[str]:
    return {record[column]["memory_id"] for record in records if record[column] is not None}


def keys(records: list[Record], column: str) -> set[str]:
    return {record[column]["key"] for record in records if record[column] is not None}


def test_what_do_i_know(explorer: Explorer) -> None:
    found = explorer.run("what_do_i_know", entity="maria")
    assert keys(found, "e") == {"maria"}
    assert ids(found, "m") == {"m1", "m3"}
    assert keys(found, "other") == {"hiking"}


def test_filed_under(explorer: Explorer) -> None:
    found = explorer.run("filed_under", tag="trip")
    assert (ids(found, "m"), keys(found, "e")) == ({"m1"}, {"maria", "hiking"})
    assert ids(explorer.run("filed_under", tag="fun"), "m") == {"m1", "m4"}
    assert explorer.run("filed_under", tag="Fun") == []


def test_whose(explorer: Explorer) -> None:
    found = explorer.run("whose")
    assert [(row["user"], row["agent"], row["memories"], row["tags"]) for row in found] == [
        ("ida", None, 2, ["fun", "trip"]), (None, None, 2, [])
    ]  # fmt: skip
    assert [row["newest"].second for row in found] == [4, 3]


def test_what_connects(explorer: Explorer) -> None:
    found = explorer.run("what_connects", one="maria", other="berlin")
    assert [[node.get("key") or node["memory_id"] for node in record["path"].nodes] for record in found] == [
        ["maria", "m1", "hiking", "m2", "berlin"]
    ]
    assert explorer.run("what_connects", one="maria", other="secret") == []


def test_conversation(explorer: Explorer) -> None:
    found = explorer.run("conversation", conversation_id="trip")
    assert ids(found, "m") == {"m1", "m2"}
    assert ids(found, "after") == {"m2"}
    assert keys(found, "e") == {"maria", "hiking", "berlin"}


def test_merged(explorer: Explorer) -> None:
    [found] = explorer.run("merged")
    assert (found["said"], found["stands_in_its_place"]) == ("Maria is fond of tea", "Maria likes tea")
    assert found["cosine"] == pytest.approx(1.0, abs=1e-3)
    assert found["run"] == "run1"
    assert found["merged_at"].to_native().timestamp() == 5.0


def test_outdated(explorer: Explorer) -> None:
    [found] = explorer.run("outdated")
    assert (found["says"], found["newer"]) == ("Hiking near Berlin is lovely", "Maria likes tea")
    assert (found["differs"], found["cosine"]) == ("hiking against tea", 0.875)
    assert (found["said_at"].to_native().timestamp(), found["newer_at"].to_native().timestamp()) == (2.0, 3.0)


def test_outdated_by_a_fact(explorer: Explorer) -> None:
    [found] = explorer.run("outdated", namespace=f"{explorer.namespace}-facts")
    assert (found["says"], found["newer"], found["differs"]) == ("I live in Paris", "I moved to Rome", "residence")
    assert (found["cosine"], found["newer_at"].to_native().timestamp()) == (None, 20.0)


def test_what_is_true_now(explorer: Explorer) -> None:
    [found] = explorer.run("what_is_true_now")
    assert (found["s"]["name"], found["f"]["value"], found["m"]["memory_id"]) == ("User", "Rome", "f2")
    assert found["f"].labels == {"Fact", "Present"}


def test_timeline(explorer: Explorer) -> None:
    first, second = explorer.run("timeline")
    assert (first["f"]["value"], first["next"]["value"], first["m"]["memory_id"]) == ("Paris", "Rome", "f2")
    assert (second["f"]["value"], second["next"], second["m"]) == ("Rome", None, None)
    assert first["f"]["until"].to_native().timestamp() == second["f"]["since"].to_native().timestamp() == 20.0


def test_what_changed(explorer: Explorer) -> None:
    found = [(record["value"], record["change"], record["words"]) for record in explorer.run("what_changed")]
    assert found == [
        ("Rome", "began", "I moved to Rome"),
        ("Paris", "ended", "I moved to Rome"),
        ("Paris", "began", "I live in Paris"),
    ]


def test_history(explorer: Explorer) -> None:
    found = [
        (record["version"], record["made_by"], record["actor"]) for record in explorer.run("history", memory_id="f1")
    ]
    assert found == [(1, "created", "caller"), (2, "updated", "caller")]


def test_similar(explorer: Explorer) -> None:
    [found] = explorer.run("similar")
    assert (found["m"]["memory_id"], found["other"]["memory_id"]) == ("m1", "m2")
    assert (found["link"]["guard"], found["link"]["reason"]) == ("names", "maria against berlin")


def test_strongest_entities(explorer: Explorer) -> None:
    found = [(record["name"], record["memories"]) for record in explorer.run("strongest_entities")]
    assert found == [("Hiking", 2), ("Maria", 2), ("Berlin", 1), ("Secret", 1), ("Tea", 1)]


def test_forgotten(explorer: Explorer) -> None:
    [found] = explorer.run("forgotten")
    assert (found["content"], found["type"], found["importance"]) == ("Maria is fond of tea", "episodic", 0.5)


def test_orphans(explorer: Explorer) -> None:
    assert [record["memory_id"] for record in explorer.run("orphans")] == ["m4"]


def test_items(explorer: Explorer) -> None:
    found = explorer.run("items")
    assert [(record["p"]["labels"], record["i"]["key"]) for record in found] == [
        (["users", "ida"], "late"), (["users", "ida"], "early"),
    ]  # fmt: skip
    assert [None if record["v"] is None else record["v"]["model"] for record in found] == [MODEL, None]
    assert json.loads(found[0]["i"]["value"]) == {"text": "tea"}


def test_overview(explorer: Explorer) -> None:
    [found] = [record for record in explorer.run("overview") if record["namespace"] == explorer.namespace]
    assert found["live"] == ["episodic: 3", "preference: 1"]
    assert (found["archived"], found["entities"], found["conversations"]) == (1, 5, 1)


def test_around_a_question(explorer: Explorer) -> None:
    found = explorer.run("around_a_question", words="tea maria")
    assert ids(found, "hit") == {"m1", "m3"}
    assert keys(found, "e") == {"maria", "hiking"}
    assert ids(found, "m") == {"m1", "m2", "m3"}


def test_each_file_is_tested_here() -> None:
    assert {f"test_{name}" for name in EXPLORE} <= set(globals())


@pytest.mark.parametrize("name", EXPLORE)
def test_parameters_stand_at_the_top(name: str) -> None:
    text, defaults = read(name)
    assert set(re.findall(r"\$(\w+)", text)) == set(defaults)
    lines = (folder() / "explore" / f"{name}.cypher").read_text().splitlines()
    assert lines[0].startswith("// ")
    assert max(map(len, lines)) <= 120


def test_the_style_knows_what_the_graph_holds() -> None:
    style = (Path(str(folder())) / "explore" / "style.grass").read_text()
    assert style.count("{") - style.count('"{') == style.count("}") - style.count('}"')
    styled = set(re.findall(r"^(?:node|relationship)\.([\w.]+) \{", style, re.MULTILINE))
    assert {f"Memory.{kind.value.capitalize()}" for kind in MemoryType} <= styled
    assert {"Memory", "Entity", "Conversation", "MENTIONS", "NEXT", "PART_OF", "CONSOLIDATED_INTO"} <= styled
    assert {kind.value for kind in LinkKind} <= styled
    assert {
        "Subject",
        "Fact.Present",
        "Fact.Past",
        "MemoryVersion",
        "Item",
        "ItemPath",
        "ItemVector",
        "Passage",
    } <= styled
    assert {
        "SAYS_OF",
        "STATES",
        "ABOUT",
        "FOLLOWED_BY",
        "ENDED_BY",
        "SUPERSEDED_BY",
        "WAS",
        "KEPT_IN",
        "HAS_VECTOR",
    } <= styled
