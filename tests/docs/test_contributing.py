"""What CONTRIBUTING.md names is there: a recipe that leads nowhere is worse than none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:coda_graphmem|tests|cypher|docs|inspector|scripts)/[\w./-]*\w)`", TEXT)))


@pytest.mark.parametrize("name", NAMED)
def test_a_named_file_is_there(name: str) -> None:
    if name != "coda_graphmem/inspector/static":  # built by make inspector
        assert (ROOT / name).exists()


def test_make_targets_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"make ([a-z][a-z-]*)", TEXT))
    assert targets
    assert {target for target in targets if f"\n{target}:" not in makefile} == set()


def test_every_kind_of_addition_is_described() -> None:
    kinds = re.findall(r"^\*\*([a-z ]+)\*\*", TEXT, re.MULTILINE)
    assert {
        "field of a memory", "retrieval prior", "guard", "extraction rule", "maintenance job", "store", "command",
        "event", "importer", "adapter",
    } <= set(kinds)  # fmt: skip
