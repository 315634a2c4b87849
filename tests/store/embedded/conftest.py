"""Fixtures for the embedded store."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.embedded import EmbeddedStore, schema
from tests.store.factory import opening

MakeStore = Callable[..., contextlib.AbstractAsyncContextManager[EmbeddedStore]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "coda_memories.sqlite3"


@pytest.fixture
def opened(folder: Path) -> MakeStore:
    """Opens another store on the same file."""

    def make(*, bind: bool = True, **settings: Any) -> contextlib.AbstractAsyncContextManager[EmbeddedStore]:
        store = EmbeddedStore(MemoryConfig(**{"vector_store": {"persist_directory": folder}, **settings}))
        return opening(store, bind=bind)

    return make


@pytest.fixture
async def store(opened: MakeStore) -> AsyncIterator[EmbeddedStore]:
    async with opened() as one:
        yield one


@contextlib.contextmanager
def raw(file: Path) -> Iterator[sqlite3.Connection]:
    """The file itself, to look at what the store does not tell, with the functions that its triggers call."""
    connection = sqlite3.connect(file, isolation_level=None)
    schema.add_functions(connection)
    try:
        yield connection
    finally:
        connection.close()


_KEPT_VALUES = "SELECT memory, namespace_id, path, kind, value, is_item FROM memory_values"
_HELD_VALUES = """
    SELECT m.id, m.namespace_id, json_extract(v.value, '$[0]'), json_extract(v.value, '$[1]'),
        json_extract(v.value, '$[2]'), json_extract(v.value, '$[3]')
    FROM memories AS m JOIN json_each(memory_values_of(m.metadata, m.tags)) AS v
"""


def check_consistency(file: Path) -> None:
    """Every table, index and counter of the file agrees with every other."""
    with raw(file) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO memory_text (memory_text, rank) VALUES ('integrity-check', 1)")
        assert _differences(db) == []


def _differences(db: sqlite3.Connection) -> list[Any]:
    return [
        row
        for sql in (
            "SELECT 'live', n.name FROM namespaces n WHERE n.live_count <> "
            "(SELECT count(*) FROM memories m WHERE m.scope = 'ns' || n.id)",
            "SELECT 'mentions', e.key, e.mention_count FROM entities e WHERE e.mention_count <> "
            "(SELECT count(*) FROM mentions x JOIN memories m ON m.id = x.memory "
            "WHERE x.entity = e.id AND m.scope IS NOT NULL)",
            "SELECT 'orphan', e.key FROM entities e WHERE NOT EXISTS (SELECT 1 FROM mentions x WHERE x.entity = e.id)",
            "SELECT 'copy', x.memory FROM mentions x JOIN memories m ON m.id = x.memory "
            "WHERE x.live <> (m.scope IS NOT NULL) OR x.timestamp <> m.timestamp",
            "SELECT 'vector', v.memory FROM vectors v LEFT JOIN memories m ON m.id = v.memory "
            "WHERE m.id IS NULL OR v.live <> (m.scope IS NOT NULL) OR v.namespace_id <> m.namespace_id",
            "SELECT 'revision', v.memory FROM vectors v JOIN namespaces n ON n.id = v.namespace_id "
            "WHERE v.revision > n.vector_revision",
            "SELECT 'link', x.source FROM memory_links x JOIN memories s ON s.id = x.source "
            "JOIN memories t ON t.id = x.target WHERE s.namespace_id <> t.namespace_id OR s.id = t.id",
            "SELECT 'merged', m.id FROM memories m WHERE m.consolidated_into IS NOT NULL AND (m.archived_at IS NULL "
            "OR NOT EXISTS (SELECT 1 FROM memories t WHERE t.namespace_id = m.namespace_id "
            "AND t.memory_id = m.consolidated_into))",
            "SELECT 'tenant', m.id FROM memories m JOIN mentions x ON x.memory = m.id "
            "JOIN entities e ON e.id = x.entity WHERE e.namespace_id <> m.namespace_id",
            f"SELECT 'value beyond', * FROM (SELECT * FROM ({_KEPT_VALUES}) EXCEPT SELECT * FROM ({_HELD_VALUES}))",
            f"SELECT 'value missing', * FROM (SELECT * FROM ({_HELD_VALUES}) EXCEPT SELECT * FROM ({_KEPT_VALUES}))",
        )
        for row in db.execute(sql)
    ]
