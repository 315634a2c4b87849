"""Many clients of one server at once: requests a second, how long the slowest wait, what failed, and what a kill loses.

    python -m benchmarks.server [--clients 200] [--seconds 120]

Starts ``coda-graphmem serve`` on this machine, with the package's own models and a key of a rate that limits nobody. Of
each client's requests half store a memory, four in ten search, and the rest read one that it has stored. At the end the
server is killed in the middle of it (``kill -9``), started again, and asked for every memory that it had acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

NAMES = "Anna Ben Clara Dario Elif Farid Greta Hugo Ines Jonas Kiran Lena Mateo Nora Omar Pia".split()
THINGS = "the cello|green tea|a tent|the boiler|chess|rowing|the choir|a sourdough|the garden|old maps".split("|")
COMMAND = [sys.executable, "-c", "from coda_graphmem.cli import main; main()"]
#: Ids that are asked for at a time.
PART = 1_000


@dataclass
class Tally:
    """What became of the requests."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    """Ids that were acknowledged."""
    is_ending: bool = False


def started(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A server, and its address."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--dir", folder, "--port", "0", "--rate", "0", "--no-maintenance"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    while not (found := re.search(r"http://127\.0\.0\.1:\d+(?=/openapi)", said)):
        line = process.stdout.readline()
        if not line:
            raise SystemExit("The server did not start.")
        said += line
    return process, found[0]


async def use(address: str, key: str, number: int, tally: Tally) -> None:
    """Send one request after the other, until it is over."""
    chance = random.Random(number)
    own: list[str] = []
    async with httpx.AsyncClient(base_url=address, headers={"X-API-Key": key}, timeout=120) as client:
        while not tally.is_ending:
            name, thing, draw = chance.choice(NAMES), chance.choice(THINGS), chance.random()
            began = time.perf_counter()
            try:
                if draw < 0.5 or not own:
                    kind = "store"
                    text = f"{name} spoke of {thing}, for the {len(own)}th time with {number}."
                    answer = await client.post("/memories", json={"content": text, "conversation_id": f"c{number}"})
                elif draw < 0.9:
                    kind = "search"
                    answer = await client.post("/search", json={"query": f"Who speaks of {thing}?", "limit": 5})
                else:
                    kind = "read"
                    answer = await client.get(f"/memories/{chance.choice(own)}")
            except httpx.HTTPError as error:
                # Once the server is killed that is how it should be.
                if not tally.is_ending:
                    tally.failed[type(error).__name__] += 1
                return
            if not answer.is_success:
                tally.failed[f"{kind} {answer.status_code}"] += 1
                continue
            tally.seconds[kind].append(time.perf_counter() - began)
            if kind == "store":
                own.append(answer.json()["memory_id"])
                tally.kept.append(own[-1])


def wait_for(address: str) -> None:
    """Wait until a server has opened its memory."""
    while not httpx.get(f"{address}/health/ready").is_success:
        time.sleep(0.2)


async def load(process: subprocess.Popen[str], address: str, key: str, clients: int, seconds: float) -> Tally:
    """What became of the requests of many clients, at the end of which the server is killed."""
    tally = Tally()
    tasks = [asyncio.create_task(use(address, key, number, tally)) for number in range(clients)]
    await asyncio.sleep(seconds)
    tally.is_ending = True
    process.kill()
    await asyncio.gather(*tasks)
    return tally


def lost(address: str, key: str, kept: list[str]) -> int:
    """How many of the acknowledged memories are not there."""
    found: set[str] = set()
    with httpx.Client(base_url=address, headers={"X-API-Key": key}, timeout=120) as client:
        for start in range(0, len(kept), PART):
            answer = client.post("/memories/read", json={"memory_ids": kept[start : start + PART]}).raise_for_status()
            found |= {one["memory_id"] for one in answer.json()["results"]}
    return len(set(kept) - found)


def main() -> int:
    """Run it; 1 where something failed or was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [*COMMAND, "keys", "create", "--name", "load", "--for", "load", "--dir", name]
        key = subprocess.run(made, check=True, capture_output=True, text=True).stdout.strip()
        process, address = started(folder)
        try:
            wait_for(address)
            tally = asyncio.run(load(process, address, key, chosen.clients, chosen.seconds))
        finally:
            process.kill()
            process.wait()
        process, address = started(folder)
        try:
            missing = lost(address, key, tally.kept)
        finally:
            process.terminate()
            process.wait()
    table = Table("requests", "answered", "a second", "median", "95 %", "slowest")
    for kind, seconds in sorted(tally.seconds.items()):
        middle, most = np.percentile(seconds, (50, 95))
        rate = f"{len(seconds) / chosen.seconds:.1f}"
        table.add_row(kind, f"{len(seconds):,}", rate, *(f"{one:.2f} s" for one in (middle, most, max(seconds))))
    console = Console()
    console.print(table)
    console.print(
        f"failed: {dict(tally.failed) or 'none'}; acknowledged: {len(tally.kept):,}; lost by the kill: {missing}"
    )
    return int(bool(tally.failed or missing))


if __name__ == "__main__":
    sys.exit(main())
