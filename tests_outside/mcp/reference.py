"""The protocol's reference memory server: random calls of both servers, of which each answer has to be the same.

Texts, structured content and whether it is an error are compared; our errors may say more behind theirs.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from tests_outside.ecosystem import Outcome
from tests_outside.mcp.served import environment, program
from tests_outside.node import Packages, fetched

PACKAGE = "@modelcontextprotocol/server-memory@2026.8.31"
CALLS, SEED = 500, 1
#: Differences that are told whole.
_TOLD = 5


class Reference:
    """The same calls of both."""

    name = "reference"

    def run(self, place: Path) -> Outcome:
        """See `tests_outside.ecosystem.Ecosystem`."""
        outcome = Outcome(versions=PACKAGE)
        asyncio.run(_compare(fetched(place, PACKAGE), outcome))
        return outcome


class Calls:
    """Random calls of the nine tools, over few names so that they meet."""

    names = ("Anna", "anna", "Tom", "Rex", "Zoë", "李", "", " ", "New York")
    kinds = ("person", "Dog", "", "Ort")
    texts = ("rows", "Rows on Sundays", "lives in Rome", "", " ", 'says "hi"\n<b>', "李", "\u2028", "rows")
    relations = ("knows", "likes", "")

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def next(self) -> tuple[str, dict[str, Any]]:
        """A tool and its arguments."""
        pick = self._chance.choice
        tool = pick(
            [
                *("create_entities", "add_observations", "create_relations") * 2,
                *("delete_entities", "delete_observations", "delete_relations"),
                *("read_graph", "search_nodes", "open_nodes"),
            ]
        )
        arguments: dict[str, Any] = {}
        some = range(self._chance.randint(0, 3))
        if tool == "create_entities":
            made = [{"name": pick(self.names), "entityType": pick(self.kinds), "observations": self._some(self.texts)}
                    for _ in some]  # fmt: skip
            arguments = {"entities": made}
        elif tool == "add_observations":
            made = [{"entityName": pick(self.names), "contents": self._some(self.texts)} for _ in some]
            arguments = {"observations": made}
        elif tool == "delete_observations":
            made = [{"entityName": pick(self.names), "observations": self._some(self.texts)} for _ in some]
            arguments = {"deletions": made}
        elif tool in ("create_relations", "delete_relations"):
            arguments = {"relations": self._relations()}
        elif tool == "delete_entities":
            arguments = {"entityNames": self._some(self.names, 1)}
        elif tool == "search_nodes":
            arguments = {"query": pick(("", "row", "ROME", "lives Rome", "person", "李", "an", "dog", "zzz"))}
        elif tool == "open_nodes":
            arguments = {"names": self._some(self.names)}
        return tool, arguments

    def _some(self, values: tuple[str, ...], most: int = 3) -> list[str]:
        return [self._chance.choice(values) for _ in range(self._chance.randint(0, most))]

    def _relations(self) -> list[dict[str, str]]:
        return [
            {
                "from": self._chance.choice(self.names),
                "to": self._chance.choice(self.names),
                "relationType": self._chance.choice(self.relations),
            }
            for _ in range(self._chance.randint(0, 3))
        ]


async def _compare(packages: Packages, outcome: Outcome) -> None:
    """Ask both servers the same."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    calls = Calls(SEED)
    with tempfile.TemporaryDirectory() as folder:
        command, *arguments = packages.command("mcp-server-memory")
        theirs_at = StdioServerParameters(
            command=command, args=arguments, env={"MEMORY_FILE_PATH": str(Path(folder) / "graph.jsonl")}
        )
        command, *arguments = program(Path(folder) / "memory", "reference")
        ours_at = StdioServerParameters(command=command, args=arguments, env=environment())
        async with (
            Client(stdio_client(theirs_at), mode="legacy") as theirs,
            Client(stdio_client(ours_at), mode="legacy") as ours,
        ):
            for number in range(CALLS):
                tool, given = calls.next()
                expected, answer = await theirs.call_tool(tool, given), await ours.call_tool(tool, given)
                if _is_same(expected, answer):
                    outcome.passed += 1
                    continue
                outcome.failed.append(f"reference: call {number}, {tool} {json.dumps(given)}")
                if len(outcome.failed) <= _TOLD:
                    print(f"{outcome.failed[-1]}\n  theirs: {expected}\n  ours:   {answer}")


def _is_same(expected: Any, answer: Any) -> bool:
    texts = [[content.text for content in result.content] for result in (expected, answer)]
    if expected.is_error and answer.is_error:
        return bool(texts[1][0].startswith(texts[0][0]))
    return bool(
        (expected.is_error or False) == (answer.is_error or False)
        and texts[0] == texts[1]
        and expected.structured_content == answer.structured_content
    )
