"""The example program runs as it is, remembers, and its parts are heard."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def talk(folder: Path, *options: str, typed: str = "") -> list[str]:
    """What the program says to a talk."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "assistant.py", "--dir", folder, *options],
        input=typed, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_it_answers_from_what_it_heard_also_after_a_restart(tmp_path: Path) -> None:
    said = talk(tmp_path, "--script")
    answers = [line.removeprefix("assistant: ") for line in said if line.startswith("assistant: ")]
    assert answers == [
        "I will remember that.",
        "I will remember that.",
        "I will remember that.",
        "You told me: My sister Margit lives in Lisbon and lends us her tent.",
        "You told me: My sister Margit lives in Lisbon and lends us her tent.",
        "You told me: Nora plays the cello in the town orchestra.",
    ]
    assert any(line.startswith("  [memory_stored: ") for line in said)
    assert any(line.startswith("  [memory_retrieved: ") for line in said)
    assert any(line.startswith("12 messages heard, ") and line.endswith(" 12 memories in all, about:") for line in said)
    assert "Margit" in said[next(i for i, line in enumerate(said) if "memories in all" in line) + 1]
    assert any(line.startswith("job consolidate, every 24 hours: ") for line in said)

    again = talk(tmp_path, typed="Where does Margit live?\nHow deep is the Mariana Trench?\n\n")
    assert "assistant: You told me: My sister Margit lives in Lisbon and lends us her tent." in again
    assert "assistant: You never told me." in again
