"""What the README promises first, and what it tells to make, is there; `tests/docs` runs its blocks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_two_commands_come_first() -> None:
    assert re.findall(r"^\$ (.*?)\s*(?:#.*)?$", README, re.MULTILINE)[:2] == ["make demo", "make test"]


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", " ".join(re.findall(r"^\$ .*$", README + contributing, re.M))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
