"""The protocol's conformance suite, for both of its versions that matter, over HTTP.

Every scenario that the suite has for a version is run, or left out for a reason; one that is neither is a failure, so
that none is missed when the suite grows. Warnings count as failures.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from coda_graphmem.mcp.identity import Profile
from tests_outside.ecosystem import Outcome
from tests_outside.mcp.served import served
from tests_outside.node import Packages, fetched

PACKAGE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"

_STATEFUL, _STATELESS = "2025-11-25", "2026-07-28"
#: What is run: by version and profile.
_RUN: Mapping[str, Mapping[Profile, tuple[str, ...]]] = {
    _STATEFUL: {
        "extended": (
            "server-initialize",
            "server-session-lifecycle",
            "ping",
            "tools-list",
            "resources-list",
            "prompts-list",
            "dns-rebinding-protection",
            "server-sse-multiple-streams",
        )
    },
    _STATELESS: {
        "extended": (
            "server-stateless",
            "tools-list",
            "resources-list",
            "sep-2164-resource-not-found",
            "prompts-list",
            "dns-rebinding-protection",
            "caching",
            "http-header-validation",
            "server-sse-multiple-streams",
            "input-required-result-unsupported-methods",
            "input-required-result-validate-input",
        ),
        # Clients may listen to its resource.
        "reference": ("server-stateless",),
    },
}
_TOOL = "calls a tool that only the suite's own server has"
_READ = "reads a resource or prompt that only the suite's own server has"
_UNSUPPORTED = "about something that our server does not offer, and says so: completion, log levels"
#: Why scenarios are left out; a name that ends with ``*`` means all that begin so.
_LEFT_OUT = {
    "tools-call-*": _TOOL,
    "json-schema-2020-12": _TOOL,
    "elicitation-*": _TOOL,
    "server-sse-polling": _TOOL,
    "http-custom-header-server-validation": _TOOL,
    "input-required-result-*": _TOOL,
    "resources-read-*": _READ,
    "resources-templates-read": _READ,
    "resources-subscribe": _READ,
    "resources-unsubscribe": _READ,
    "prompts-get-*": _READ,
    "completion-complete": _UNSUPPORTED,
    "logging-set-level": _UNSUPPORTED,
}
#: Checks of a scenario that is run, for which it needs such a tool and says so ("Not testable").
_UNTESTABLE = frozenset(
    (
        "sep-2575-server-rejects-undeclared-capability",
        "sep-2575-missing-capability-http-400",
        "sep-2575-http-server-no-independent-requests-on-stream",
        "sep-2575-server-no-log-without-loglevel",
    )
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LISTED = re.compile(r"^\s*- (\S+) \[([^\]]*)\]", re.MULTILINE)
_CHECK = re.compile(r"^\S+ \[(\S+)\s*\] (SUCCESS|FAILURE|WARNING|SKIPPED|INFO)", re.MULTILINE)


class Conformance:
    """The suite, against a server of each profile that it has something to say about."""

    name = "conformance"

    def run(self, place: Path) -> Outcome:
        """See `tests_outside.ecosystem.Ecosystem`."""
        outcome = Outcome(versions=PACKAGE)
        suite = fetched(place, PACKAGE)
        for version, profiles in _RUN.items():
            wanted = {scenario for scenarios in profiles.values() for scenario in scenarios}
            _account(_scenarios(suite, version), wanted, version, outcome)
            for profile, scenarios in profiles.items():
                with tempfile.TemporaryDirectory() as folder, served(Path(folder), profile) as address:
                    for scenario in scenarios:
                        _run(suite, address, scenario, version, outcome)
        return outcome


def _scenarios(suite: Packages, version: str) -> list[str]:
    """All scenarios for servers of a version."""
    done = subprocess.run(
        [*suite.command("conformance"), "list", "--server"],
        capture_output=True,
        text=True,
        check=True,
        cwd=suite.folder,
    )
    found = _LISTED.findall(_COLOURS.sub("", done.stdout))
    return [name for name, versions in found if version in versions.split(",")]


def _account(there: Iterable[str], wanted: set[str], version: str, outcome: Outcome) -> None:
    """Say why scenarios are left out; those without a reason, and those that are gone, are failures."""
    known = set(there)
    outcome.failed += [f"conformance: {version} {name}: there is no such scenario" for name in sorted(wanted - known)]
    for name in sorted(known - wanted):
        reason = _LEFT_OUT.get(name) or next(
            (why for part, why in _LEFT_OUT.items() if part.endswith("*") and name.startswith(part[:-1])), None
        )
        if reason is None:
            outcome.failed.append(f"conformance: {version} {name}: is neither run nor left out")
        else:
            outcome.left_out[reason] = outcome.left_out.get(reason, 0) + 1


def _run(suite: Packages, address: str, scenario: str, version: str, outcome: Outcome) -> None:
    done = subprocess.run(
        [*suite.command("conformance"), "server", "--url", address, "--scenario", scenario, "--spec-version", version],
        capture_output=True, text=True, timeout=300, check=False, cwd=suite.folder,
    )  # fmt: skip
    checks = _CHECK.findall(_COLOURS.sub("", done.stdout))
    if not checks:
        outcome.failed.append(f"conformance: {version} {scenario}: no result: {(done.stdout + done.stderr)[-300:]}")
    for check, result in checks:
        if result == "SUCCESS":
            outcome.passed += 1
        elif result == "SKIPPED":
            outcome.skipped["asks for what our server does not offer"] = (
                outcome.skipped.get("asks for what our server does not offer", 0) + 1
            )
        elif check in _UNTESTABLE and "Not testable" in done.stdout:
            outcome.left_out[_TOOL] = outcome.left_out.get(_TOOL, 0) + 1
        elif result != "INFO":
            outcome.failed.append(f"conformance: {version} {scenario}: {check}: {result}")
