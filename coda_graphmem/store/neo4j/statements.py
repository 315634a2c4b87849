"""Reads the Cypher statements of the package by name, each put together from its parts.

What several statements have in common stands once, in a file of ``cypher/parts``. A statement (or another part) names
it where its text belongs, in a comment:

    WHERE m.scope = $p.scope
      AND /* include filter */

Where a statement is read, each such comment gives way to the text of ``cypher/parts/filter.cypher``, indented like
the line it stands in. No part takes an argument, and values are parameters of the whole statement. A part that stands
behind ``AND`` on a line of its own may be left out where a parameter of its name asks for nothing (`asked`): a server
plans for half as long what it does not have to look through.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import takewhile
from pathlib import Path
from typing import Any

#: Beside the package in a source checkout, inside it in an installed one.
_CHECKOUT = Path(__file__).resolve().parents[3] / "cypher"

#: Folders of whole statements.
_FOLDERS = ("explore", "export", "schema", "store")

#: The part that is left out where it is not asked for.
_OPTIONAL = "condition"

_INCLUDE = re.compile(r"/\* include (\w+) \*/")


@cache
def folder() -> Traversable:
    """The folder of all statements."""
    installed = files("coda_graphmem") / "cypher"
    return installed if installed.is_dir() else _CHECKOUT


@cache
def statement(name: str, *, without: str | None = None) -> str:
    """One statement as the server gets it: whole, and without the comments that take a line.

    Args:
        name: Folder and file without the ending, such as ``store/get_memories``.
        without: A part that is left out; None for none.

    Raises:
        FileNotFoundError: There is none of that name.
    """
    return _assembled(name, without).removesuffix(";")


def asked(name: str, parameters: Mapping[str, Any]) -> str:
    """A statement of ``cypher/store`` without what its parameters do not ask for."""
    return statement(f"store/{name}", without=None if parameters.get(_OPTIONAL, True) else _OPTIONAL)


@cache
def _assembled(name: str, without: str | None) -> str:
    """The text of a file without comments, with the parts that it names in their places."""
    text = folder().joinpath(f"{name}.cypher").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("//")]
    left = [_with_parts(line, without) for line in lines if line.strip() != f"AND /* include {without} */"]
    return "\n".join(left).strip()


def _with_parts(line: str, without: str | None) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return _INCLUDE.sub(lambda found: _assembled(f"parts/{found[1]}", without).replace("\n", f"\n{indent}"), line)


def parts_of(name: str) -> set[str]:
    """Names of the parts that a statement or a part is put together from, those of its parts among them."""
    found = _INCLUDE.findall(folder().joinpath(f"{name}.cypher").read_text(encoding="utf-8"))
    return set(found).union(*(parts_of(f"parts/{part}") for part in found))


def comment(name: str) -> str:
    """What the file of a statement says about it before it begins, on one line."""
    text = folder().joinpath(f"{name}.cypher").read_text(encoding="utf-8")
    lines = takewhile(lambda line: line.startswith("//"), text.splitlines())
    return " ".join(line.removeprefix("//").strip() for line in lines)


def defined_name(name: str) -> str:
    """Name of the index, which a constraint has as well, that a statement of ``schema`` makes."""
    found = re.search(r"(?:INDEX|CONSTRAINT) (\w+) IF NOT EXISTS", statement(name))
    assert found is not None, name
    return found[1]


def names(prefix: str | None = None) -> list[str]:
    """Names of all statements, or of those of one folder, sorted."""
    found = [
        f"{one}/{entry.name.removesuffix('.cypher')}"
        for one in (_FOLDERS if prefix is None else (prefix,))
        for entry in folder().joinpath(one).iterdir()
        if entry.name.endswith(".cypher")
    ]
    return sorted(found)
