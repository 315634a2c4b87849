"""Recognises, creates and migrates the embedded store's file."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.embedded.faults import FIELD

#: "Coda" in ASCII: marks a SQLite file as one of ours.
APPLICATION_ID = 0x436F6461

#: One SQL script per schema version, oldest first. A change of the schema is a new file at the end, never an
#: edit of one that was released.
MIGRATIONS = ("schema.sql",)

SCHEMA_VERSION = len(MIGRATIONS)


def recognise(connection: sqlite3.Connection, path: Path) -> int:
    """Schema version of a file, 0 for an empty one; reads only.

    Raises:
        VectorStoreError: The file belongs to another program or to a newer version of this package.
    """
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application_id != APPLICATION_ID:
        if application_id == 0 and version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
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


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a file to the present schema version, in one transaction; several processes may try at once."""
    if recognise(connection, path) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(recognise(connection, path), SCHEMA_VERSION):
            script = files(__package__).joinpath(MIGRATIONS[number]).read_text(encoding="utf-8")
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


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
