"""Namespaces of the file: each tenant's row, and work in one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from coda_graphmem.store.embedded.conditions import scope_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Namespace:
    """A tenant's row."""

    id: int
    name: str
    live_count: int
    revision: int
    """Grows with every change of the vectors that searches see."""
    floor: int
    """Readers that know less than this have to load all vectors again."""

    @property
    def scope(self) -> str:
        """What the rows of its live long-term memories hold in ``scope``."""
        return scope_of(self.id)


def find_namespace(connection: sqlite3.Connection, name: str) -> Namespace | None:
    """The namespace of that name, None where nothing was ever kept in it."""
    row = connection.execute(
        "SELECT id, name, live_count, vector_revision, vector_floor FROM namespaces WHERE name = ?", (name,)
    ).fetchone()
    return None if row is None else Namespace(*row)


def make_namespace(connection: sqlite3.Connection, name: str) -> Namespace:
    """The namespace of that name, made where it is missing."""
    connection.execute("INSERT INTO namespaces (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    found = find_namespace(connection, name)
    assert found is not None
    return found


def within(
    name: str, nothing: T, work: Callable[[sqlite3.Connection, Namespace], T]
) -> Callable[[sqlite3.Connection], T]:
    """Work in a namespace, as work for a transaction.

    Args:
        name: Of the namespace.
        nothing: The answer where nothing was ever kept in it.
        work: What to do in it otherwise.
    """

    def run(connection: sqlite3.Connection) -> T:
        namespace = find_namespace(connection, name)
        return nothing if namespace is None else work(connection, namespace)

    return run
