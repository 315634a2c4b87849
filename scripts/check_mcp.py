"""Holds `coda-graphmem mcp` against what others wrote: the protocol's conformance suite and its reference server.

    python scripts/check_mcp.py [--calls 500] [--seed 1] [--only conformance|reference]

Both are fetched by npm into ``.outside/mcp``. The suite asks a server of the extended profile over HTTP; scenarios that
need the suite's own fixtures are left out. The reference server and ours (profile ``reference``) get the same random
calls, and each answer is compared: text, structured content, and whether it is an error.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / ".outside" / "mcp"
# The suite needs a newer Node than many machines have.
PACKAGES = (
    "node@22",
    "@modelcontextprotocol/conformance@0.2.0-alpha.12",
    "@modelcontextprotocol/server-memory@2026.8.31",
)
SCENARIOS = {
    "2025-11-25": (
        "server-initialize",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
        "server-session-lifecycle",
        "server-sse-multiple-streams",
    ),
    "2026-07-28": (
        "tools-list",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
        "sep-2164-resource-not-found",
        "caching",
        "http-header-validation",
        "server-sse-multiple-streams",
        "server-stateless",
    ),
}
#: Checks that ask for tools of the suite's fixture, by scenario: how many of them cannot pass here.
FIXTURES = {"server-stateless": 4}
_COUNTS = re.compile(r"Passed: (\d+)/(\d+), (\d+) failed, (\d+) warnings")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/mcp")


def fetch() -> None:
    """Install the packages, unless they are there."""
    PLACE.mkdir(parents=True, exist_ok=True)
    if not all((PLACE / "node_modules" / package.rpartition("@")[0]).exists() for package in PACKAGES):
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is not installed.")
        subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES], cwd=PLACE, check=True)


@contextmanager
def served(folder: str) -> Iterator[str]:
    """The address of our server, in a program of its own."""
    start = "from coda_graphmem.cli import main; main()"
    options = ["mcp", "--dir", folder, "--profile", "extended", "--transport", "http", "--port", "0"]
    process = subprocess.Popen([sys.executable, "-c", start, *options], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := _ADDRESS.search(line):
                yield found[0]
                break
        else:
            sys.exit("The server does not start.")
    finally:
        process.terminate()
        process.wait()


def conformance() -> bool:
    """Run all scenarios; whether all passed that can."""
    good = True
    modules = PLACE / "node_modules"
    suite = [str(modules / ".bin" / "node"), str(modules / ".bin" / "conformance"), "server"]
    with tempfile.TemporaryDirectory() as folder, served(folder) as address:
        for version, scenarios in SCENARIOS.items():
            for scenario in scenarios:
                options = ["--url", address, "--scenario", scenario, "--spec-version", version]
                done = subprocess.run(
                    [*suite, *options], capture_output=True, text=True, timeout=300, check=False, cwd=PLACE
                )
                counts = _COUNTS.findall(done.stdout)
                if not counts:
                    print(f"{version} {scenario}: no result\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
                    good = False
                    continue
                passed, total, failed, warnings = map(int, counts[-1])
                excused = FIXTURES.get(scenario, 0)
                good = good and failed <= excused
                note = f", {excused} of these need the suite's fixture" if excused else ""
                print(f"{version} {scenario}: {passed}/{total} passed, {failed} failed{note}, {warnings} warnings")
                for line in done.stdout.splitlines():
                    if "FAILURE" in line or "WARNING" in line:
                        print(f"    {line[:300]}")
    return good


class Calls:
    """Random calls of the nine tools, over few names so that they meet."""

    names = ("Anna", "anna", "Tom", "Rex", "Zoë", "李", "", " ", "New York")
    kinds = ("person", "Dog", "", "Ort")
    texts = ("rows", "Rows on Sundays", "lives in Rome", "", " ", 'says "hi"\n<b>', "李", "\u2028", "rows")
    relations = ("knows", "likes", "")

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

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


async def differences(calls: int, seed: int) -> int:
    """Ask both servers the same; how many answers differ."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    from coda_graphmem import MemoryConfig, MemoryManager
    from coda_graphmem.mcp.server import make_server
    from tests.fakes import NameExtractor, WordEmbedder

    modules = PLACE / "node_modules"
    script = modules / "@modelcontextprotocol" / "server-memory" / "dist" / "index.js"
    differing, errors, made = 0, 0, Calls(seed)
    with tempfile.TemporaryDirectory() as folder:
        config = MemoryConfig(vector_store={"persist_directory": Path(folder) / "memory"})
        parameters = StdioServerParameters(
            command=str(modules / ".bin" / "node"),
            args=[str(script)],
            env={"MEMORY_FILE_PATH": str(Path(folder) / "graph.jsonl")},
        )
        async with MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:

            async def opened() -> MemoryManager:
                return memory

            ours = make_server(opened, memory.namespace, "reference")
            async with (
                Client(stdio_client(parameters), mode="legacy") as theirs,
                Client(ours, mode="legacy") as own,
            ):
                for number in range(calls):
                    tool, arguments = made.next()
                    expected = await theirs.call_tool(tool, arguments)
                    given = await own.call_tool(tool, arguments)
                    errors += bool(expected.is_error)
                    if not _is_same(expected, given):
                        differing += 1
                        if differing <= 5:
                            print(f"call {number}: {tool} {arguments}\n  theirs: {expected}\n  ours:   {given}")
    print(f"seed {seed}: {calls} calls, {errors} of them errors, {differing} answers differ")
    return differing


def _is_same(expected: Any, given: Any) -> bool:
    texts = [[content.text for content in result.content] for result in (expected, given)]
    if expected.is_error and given.is_error:
        # Ours says what to do as well.
        return bool(texts[1][0].startswith(texts[0][0]))
    return bool(
        (expected.is_error or False) == (given.is_error or False)
        and texts[0] == texts[1]
        and expected.structured_content == given.structured_content
    )


def main() -> int:
    """Run what is asked for; 0 where nothing is amiss."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=500, help="Random calls of both servers.")
    parser.add_argument("--seed", type=int, default=1, help="Of the random calls.")
    parser.add_argument("--only", choices=["conformance", "reference"], help="Leave the other out.")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    fetch()
    good = options.only == "reference" or conformance()
    if options.only != "conformance":
        good = asyncio.run(differences(options.calls, options.seed)) == 0 and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
