"""Reads the Cypher statements of the package by name."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

#: Beside the package in a source checkout, inside it in an installed one.
_CHECKOUT = Path(__file__).resolve().parents[3] / "cypher"


@cache
def folder() -> Traversable:
    """The folder of all statements."""
    installed = files("coda_graphmem") / "cypher"
    return installed if installed.is_dir() else _CHECKOUT


@cache
def statement(name: str) -> str:
    """One statement, without its comments.

    Args:
        name: Folder and file without the ending, such as ``store/get_memories``.
    """
    text = folder().joinpath(f"{name}.cypher").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("//")]
    return "\n".join(lines).strip().removesuffix(";")


def defined_name(name: str) -> str:
    """Name of the index, which a constraint has as well, that a statement of ``schema`` makes."""
    found = re.search(r"(?:INDEX|CONSTRAINT) (\w+) IF NOT EXISTS", statement(name))
    assert found is not None, name
    return found[1]


def names(prefix: str) -> list[str]:
    """Names of all statements of one folder, sorted."""
    found = (entry.name for entry in folder().joinpath(prefix).iterdir())
    return sorted(f"{prefix}/{name.removesuffix('.cypher')}" for name in found if name.endswith(".cypher"))
