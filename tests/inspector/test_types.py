"""The page knows what the API answers with."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from coda_graphmem import MemoryManager
from coda_graphmem.inspector.responses import ANSWERS, ShownMemory
from tests.inspector.conftest import Client
from tests.inspector.process import ROOT


def fields_of(name: str) -> tuple[set[str], set[str]]:
    """Fields of an interface: those that are always there, and those that may be."""
    text = (ROOT / "inspector" / "src" / "types.ts").read_text(encoding="utf-8")
    found = re.search(rf"^export interface {name} \{{\n(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    fields = re.findall(r"^  (\w+)(\??):", found[1], re.MULTILINE)
    return {field for field, mark in fields if not mark}, {field for field, mark in fields if mark}


def test_the_types_are_those_of_the_api() -> None:
    script = ROOT / "scripts" / "generate_inspector_types.py"
    subprocess.run([sys.executable, str(script), "--check"], check=True, cwd=ROOT)


def test_every_answer_has_a_type() -> None:
    for kind in ANSWERS:
        assert any(fields_of(kind.__name__))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/state", "State"),
        ("/api/graph", "DrawnGraph"),
        ("/api/graph/rows", "DrawnGraph"),
        ("/api/around?id=rows", "DrawnGraph"),
        ("/api/ask?q=Who rows?", "Answers"),
        ("/api/conversation?id=c1", "ConversationPage"),
        ("/api/entities/maria", "EntityPage"),
        ("/api/memories/rows", "MemoryPage"),
        ("/api/facts", "FactsPage"),
        ("/api/consolidation", "Review"),
        ("/api/jobs", "Jobs"),
        ("/api/health", "MemoryHealth"),
        ("/api/nothing", "Problem"),
    ],
)
async def test_answers_hold_what_their_types_say(client: Client, address: str, name: str) -> None:
    body: dict[str, Any] = (await client().get(address)).json()
    always, maybe = fields_of(name)
    assert always <= body.keys() <= always | maybe


async def test_nodes_and_memories_hold_what_their_types_say(client: Client) -> None:
    answers = (await client().get("/api/ask", params={"q": "Who rows?"})).json()
    always, maybe = fields_of("DrawnNode")
    assert answers["graph"]["nodes"]
    assert all(always <= node.keys() <= always | maybe for node in answers["graph"]["nodes"])
    assert answers["results"]
    assert all(memory.keys() == fields_of("ShownMemory")[0] for memory in answers["results"])


async def test_a_shown_memory_is_the_memory_without_its_vector(filled: MemoryManager) -> None:
    memory = await filled.get_memory("rows")
    assert memory is not None
    vector = memory.model_copy(update={"embedding": [1.0, 0.0]})
    assert ShownMemory.of(vector).model_dump(mode="json") == memory.model_dump(mode="json", exclude={"embedding"})
