"""Commands in processes that kill themselves at a chosen moment; run by `multiprocessing`'s fork server."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import coda_graphmem.manager  # noqa: F401 - the fork server loads it once for all
from coda_graphmem import services
from coda_graphmem.cli.app import app
from coda_graphmem.store.embedded.database import Database
from tests.fakes import WordEmbedder


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stand_in(model: str) -> WordEmbedder:
    """A model of any name that is there at once."""
    return WordEmbedder(model, dimension=48 if "words" in model else 24)


def _as_caller(folder: Path, environment: dict[str, str]) -> None:
    """Take on the folder and environment of the test: those of the fork server are of whichever test started it."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def run_until(
    pipe: Connection, arguments: tuple[str, ...], moment: int, folder: Path, environment: dict[str, str]
) -> None:
    """Run a command and die before the write transaction of this number commits, or the folder is renamed.

    Writes count from 1; 0 is just before a folder is renamed, -1 just after. What has not died says so.
    """
    _as_caller(folder, environment)
    whole, rename = Database.write, Path.rename
    writes = 0

    async def write(database: Database, work: Callable[[sqlite3.Connection], Any], *given: Any, **named: Any) -> Any:
        def mortal(connection: sqlite3.Connection) -> Any:
            nonlocal writes
            result = work(connection)
            writes += 1
            if writes == moment:
                _die()
            return result

        return await whole(database, mortal, *given, **named)

    def renaming(path: Path, target: Any) -> Path:
        if moment == 0:
            _die()
        result = rename(path, target)
        if moment == -1:
            _die()
        return result

    Database.write = write  # type: ignore[method-assign]
    Path.rename = renaming  # type: ignore[method-assign]
    services.shared_embedder = stand_in
    try:
        app(arguments, standalone_mode=False)
    finally:
        pipe.send(writes)


def run_until_statement(
    pipe: Connection, arguments: tuple[str, ...], name: str, folder: Path, environment: dict[str, str]
) -> None:
    """Run a command on Neo4j and die once the server has done a statement, before its transaction commits."""
    from coda_graphmem.store.neo4j.connection import Connection as Server
    from coda_graphmem.store.neo4j.connection import Transaction

    _as_caller(folder, environment)
    for owner in (Server, Transaction):
        method = "run_in" if owner is Server else "run"
        setattr(owner, method, _fatal(getattr(owner, method), name, static=owner is Server))
    services.shared_embedder = stand_in
    app(arguments, standalone_mode=False)
    pipe.send("not killed")


def _fatal(run: Callable[..., Awaitable[Any]], name: str, *, static: bool) -> Any:
    async def running(*given: Any, **parameters: Any) -> Any:
        result = await run(*given, **parameters)
        if name in given:
            _die()
        return result

    return staticmethod(running) if static else running
