"""The Model Context Protocol: its conformance suite, its reference memory server, and clients that others made."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests_outside.ecosystem import Ecosystem, Outcome, trouble_of
from tests_outside.mcp import clients
from tests_outside.mcp.conformance import Conformance
from tests_outside.mcp.inspector import Inspector
from tests_outside.mcp.reference import Reference


class Protocol:
    """All of them, one after another: they start servers, and each by itself is as fast as the machine."""

    name = "mcp"

    def __init__(self, *parts: Ecosystem) -> None:
        self._parts = parts

    def run(self, place: Path) -> Outcome:
        """See `tests_outside.ecosystem.Ecosystem`."""
        outcome = Outcome()
        for part in self._parts:
            folder = place / part.name
            folder.mkdir(parents=True, exist_ok=True)
            try:
                outcome.add(part.run(folder))
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                outcome.add(Outcome(trouble=f"{part.name}: {trouble_of(error)}"))
        return outcome


ECOSYSTEM = Protocol(Conformance(), Reference(), Inspector(), clients.ECOSYSTEM)
