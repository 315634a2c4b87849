"""Recognises, creates and migrates the embedded store's file."""

import contextlib
import functools
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.language.words import describe
from coda_graphmem.store.codec import search_text
from coda_graphmem.store.embedded.conditions import memory_values_of
from coda_graphmem.store.embedded.faults import FIELD

#: "Coda" in ASCII: marks a SQLite file as one of ours.
APPLICATION_ID = 0x436F6461

#: One SQL script per schema version, oldest first. A change of the schema is a new file at the end, never an
#: edit of one that was released.
MIGRATIONS = (
    *("schema.sql", "schema_2.sql", "schema_3.sql", "schema_4.sql", "schema_5.sql", "schema_6.sql"),
    *("schema_7.sql", "schema_8.sql", "schema_9.sql", "schema_10.sql", "schema_11.sql", "schema_12.sql"),
)

SCHEMA_VERSION = len(MIGRATIONS)

#: The one thing that the scripts write into an empty file: how its words are ranked.
_RANKING = "INSERT INTO memory_text (memory_text, rank) VALUES ('rank', 'bm25(1.0, 0.0)')"


def recognise(connection: sqlite3.Connection, path: Path) -> int:
    """Schema version of a file, 0 for an empty one; reads only.

    Raises:
        VectorStoreError: The file belongs to another program or to a newer version of this package.
    """
    application_id, version, is_empty = _marks(connection)
    if application_id != APPLICATION_ID:
        if application_id == 0 and version == 0 and is_empty:
            return 0
        raise VectorStoreError(
            f"{path} is a SQLite file of another program; it was left as it is.",
            field=FIELD,
            remedy="Choose another directory or another vector_store.collection_name.",
        )
    if version > SCHEMA_VERSION:
        raise VectorStoreError(
            f"{path} has schema version {version}, this package knows up to {SCHEMA_VERSION}.",
            field=FIELD,
            remedy="Upgrade coda-graphmem.",
        )
    return version


def _marks(connection: sqlite3.Connection) -> tuple[int, int, bool]:
    """Application id, version and emptiness of a file as of one moment: another process may be migrating it."""
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        return (
            int(connection.execute("PRAGMA application_id").fetchone()[0]),
            int(connection.execute("PRAGMA user_version").fetchone()[0]),
            connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None,
        )
    finally:
        if alone and connection.in_transaction:
            connection.execute("ROLLBACK")


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a file to the present schema version, in one transaction; several processes may try at once."""
    if recognise(connection, path) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = recognise(connection, path)
        if version:
            _run(connection, version)
        else:
            _make(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def add_functions(connection: sqlite3.Connection) -> None:
    """Let a connection know the functions that triggers and conditions call."""
    for name, function in _FUNCTIONS.items():
        connection.create_function(name, -1, function, deterministic=True)


def missing_parts(connection: sqlite3.Connection) -> list[str]:
    """Names of the tables, indexes and triggers that a file of this version should have and has not, sorted."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return sorted(name for name, _ in _parts() if name not in there)


@functools.cache
def _parts() -> tuple[tuple[str, str | None], ...]:
    """All that the scripts leave behind, in order: its name, and what makes it unless another statement does."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        _run(connection, 0)
        return tuple(
            connection.execute(
                "SELECT m.name, CASE WHEN t.type = 'shadow' OR m.name GLOB 'sqlite_*' THEN NULL ELSE m.sql END "
                "FROM sqlite_master m LEFT JOIN pragma_table_list t ON t.schema = 'main' AND t.name = m.name "
                "ORDER BY m.rowid"
            )
        )


def _make(connection: sqlite3.Connection) -> None:
    """Give an empty file what the scripts would leave behind, without the steps there, in a fifth of the time."""
    for _, statement in _parts():
        if statement is not None:
            connection.execute(statement)
    connection.execute(_RANKING)


#: Functions that scripts and triggers may call, by name.
_FUNCTIONS: dict[str, Callable[..., str | float | None]] = {
    "search_text_of": search_text,
    "word_count_of": lambda content, speaker: describe(content, speaker).word_count,
    "memory_values_of": memory_values_of,
    "float_of": float.fromhex,
    "is_question_of": lambda content, speaker: describe(content, speaker).is_question,
}


def _run(connection: sqlite3.Connection, version: int, *, until: int = SCHEMA_VERSION) -> None:
    """Run the scripts that lead from a version to another one."""
    add_functions(connection)
    for name in MIGRATIONS[version:until]:
        script = files(__package__).joinpath(name).read_text(encoding="utf-8")
        for statement in statements(script):
            connection.execute(statement)


def statements(script: str) -> list[str]:
    """The statements of a script; ``executescript`` would commit the transaction it runs in."""
    found: list[str] = []
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(part):
            found.append(part.strip())
            part = ""
    return found
