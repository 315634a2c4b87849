"""What an ecosystem is, and what its tests came to."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[1]


@dataclass(slots=True)
class Outcome:
    """What became of the tests of an ecosystem."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    """Names of the tests."""
    skipped: dict[str, int] = field(default_factory=dict)
    """How many tests skipped themselves, by their reason."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many tests were left out by us, by the reason."""
    trouble: str = ""
    """What kept the tests from being run; empty where they were."""
    versions: str = ""
    """Whose tests they are, with the version."""

    seconds: float = 0.0
    """How long fetching and running them took."""

    def add(self, part: Outcome) -> None:
        """Count the tests of a part among these."""
        self.passed += part.passed
        self.failed += part.failed
        for mine, others in ((self.skipped, part.skipped), (self.left_out, part.left_out)):
            for reason, count in others.items():
                mine[reason] = mine.get(reason, 0) + count
        self.trouble = "; ".join(filter(None, (self.trouble, part.trouble)))
        self.versions = ", ".join(filter(None, (self.versions, part.versions)))

    @property
    def is_good(self) -> bool:
        """Whether tests ran, and all of them passed."""
        return bool(self.passed) and not self.failed and not self.trouble


def trouble_of(error: Exception) -> str:
    """What kept tests from being run, in a line."""
    if isinstance(error, subprocess.CalledProcessError):
        return f"{' '.join(map(str, error.cmd))[:500]} ended with {error.returncode}"
    return f"{type(error).__name__}: {error}"


class Ecosystem(Protocol):
    """Tests of others for one interface."""

    name: str
    """As it is given on the command line."""

    def run(self, place: Path) -> Outcome:
        """Fetch the tests and run them.

        Args:
            place: A folder of its own, kept from run to run; made where it is missing.
        """
