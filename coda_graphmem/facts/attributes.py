"""Attributes of people and things: how many values each has at a time, and for how long one is good."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Cardinality = Literal["one", "many"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An entry of ``attributes.toml``, whose head explains its keys."""

    cardinality: Cardinality
    section: str
    half_life_days: float | None = None
    text: str = ""
    """Empty for the attribute's own name and the value."""
    denied: str = ""

    @property
    def is_exclusive(self) -> bool:
        """Whether a new value ends the one before."""
        return self.cardinality == "one"


def attribute(name: str) -> Attribute:
    """What is known of an attribute; that of ``[other]`` for one that is not in the table."""
    table = attributes()
    return table.get(name) or table["other"]


@cache
def attributes() -> Mapping[str, Attribute]:
    """The whole table, by name."""
    entries = tomllib.loads(files(__package__).joinpath("attributes.toml").read_text(encoding="utf-8"))
    return {name: Attribute(**entry) for name, entry in entries.items()}
