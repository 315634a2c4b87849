"""Reads what is known as data (``data/*.toml``): common knowledge that anybody can read and correct."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> Mapping[str, Any]:
    """A file of data, by its name without the ending; read when it is first asked for."""
    return tomllib.loads(files(__package__).joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))


def listed(name: str, key: str) -> frozenset[str]:
    """The words of a list, by the name of its file (see `table`) and its key."""
    return frozenset(table(name)[key].split())
