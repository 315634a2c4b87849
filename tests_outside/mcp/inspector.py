"""The protocol's inspector on the command line: lists and calls every tool, by stdio and by HTTP."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from coda_graphmem.mcp.identity import Profile
from coda_graphmem.mcp.profiles import tools_of
from tests_outside.ecosystem import ROOT, Outcome
from tests_outside.mcp.calls import GROUPS, calls_of
from tests_outside.mcp.served import environment, program, served
from tests_outside.node import Packages, fetched

PACKAGE = "@modelcontextprotocol/inspector@2.12.0"


class Inspector:
    """Every tool, listed and called."""

    name = "inspector"

    def run(self, place: Path) -> Outcome:
        """See `tests_outside.ecosystem.Ecosystem`."""
        outcome = Outcome(versions=PACKAGE)
        packages = fetched(place, PACKAGE)
        for profiles in GROUPS:
            with tempfile.TemporaryDirectory() as by_stdio, tempfile.TemporaryDirectory() as by_http:
                for profile in profiles:
                    # By standard input and output each call starts a server of its own.
                    _call_all(packages, profile, "stdio", program(Path(by_stdio), profile), outcome)
                    with served(Path(by_http), profile) as address:
                        _call_all(packages, profile, "http", [address], outcome)
        return outcome


def _call_all(packages: Packages, profile: Profile, transport: str, target: list[str], outcome: Outcome) -> None:
    def inspect(method: str, *options: str) -> tuple[dict[str, Any] | None, str]:
        """What the inspector prints; None and what it says where it fails."""
        done = subprocess.run(
            [*packages.command("mcp-inspector"), "--cli", *target, "--format", "json", "--method", method, *options],
            cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        try:
            said = json.loads(done.stdout)["result"]
        except (ValueError, KeyError, TypeError):
            said = None
        return (said if done.returncode == 0 else None), f"exit code {done.returncode}: {done.stderr[-300:]}"

    listed, why = inspect("tools/list")
    names = {tool["name"] for tool in (listed or {}).get("tools", ())}
    is_whole = names == {tool.name for tool in tools_of(profile)}
    _count(outcome, f"{profile}, {transport}: tools/list", None if is_whole else why)
    answers: dict[str, Any] = {}
    for tool, given in calls_of(profile, answers):
        arguments = [part for name, value in given.items() for part in ("--tool-arg", f"{name}={_written(value)}")]
        answer, why = inspect("tools/call", "--tool-name", tool, *arguments)
        answers[tool] = (answer or {}).get("structuredContent")
        _count(outcome, f"{profile}, {transport}: {tool}", None if isinstance(answers[tool], dict) else why)
        if answers[tool] is None:
            # What follows is made of it.
            return


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _count(outcome: Outcome, what: str, why: str | None) -> None:
    if why is None:
        outcome.passed += 1
    else:
        outcome.failed.append(f"inspector: {what}: {why}")
