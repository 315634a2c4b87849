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
    also: str = ""
    """Other words for it, parted by blanks."""

    @property
    def is_exclusive(self) -> bool:
        """Whether a new value ends the one before."""
        return self.cardinality == "one"


def attribute(name: str) -> Attribute:
    """What is known of an attribute: by its name, its last word or its first, in this order, or of ``[other]``."""
    table = attributes()
    if (entry := table.get(name)) is not None:
        return entry
    first, _, rest = name.partition(" ")
    last = name.rpartition(" ")[2]
    found = table.get(f"* {last}") or (table.get(f"{first} *") if rest else None)
    if found is not None:
        return found
    if (role := table.get(attribute_name(last))) is not None and role.section == "people":
        return role
    if name.startswith("number of "):
        return table["number of *"]
    return table["other"]


def attribute_name(word: str) -> str:
    """The attribute that a word stands for: ``partner`` for "wife"; the word itself where there is none."""
    return _words().get(word, word)


@cache
def _words() -> Mapping[str, str]:
    return {word: name for name, entry in attributes().items() for word in entry.also.split()}


@cache
def attributes() -> Mapping[str, Attribute]:
    """The whole table, by name."""
    entries = tomllib.loads(files(__package__).joinpath("attributes.toml").read_text(encoding="utf-8"))
    return {name: Attribute(**entry) for name, entry in entries.items()}
