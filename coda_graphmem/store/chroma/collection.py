"""One Chroma collection: reached, owned by one file, spoken to in batches."""

import contextlib
import shutil
import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.config import VectorStoreConfig
from coda_graphmem.errors import VectorStoreError
from coda_graphmem.private_files import make_folder, tighten
from coda_graphmem.store.chroma import lock
from coda_graphmem.store.chroma.faults import LOCAL, SERVER, is_missing, translated
from coda_graphmem.store.chroma.gate import Gate
from coda_graphmem.store.chroma.segments import blank_spare_room

#: Neighbours Chroma looks at in a search. Its default of 100 misses too many beside a filter.
_EF_SEARCH = 400

#: Ids a statement names. Chroma turns them into SQL variables, of which SQLite takes a bounded number.
MAX_IDS = 1000

_OWNER = "coda_graphmem_store"


class Collection:
    """The vectors of one store file, by row id, each with the scope that searches require.

    Args:
        settings: Where Chroma is, the collection's name and metric, and how much goes into a statement.
    """

    def __init__(self, settings: VectorStoreConfig) -> None:
        self._settings = settings
        self._folder = Path(settings.persist_directory) / "chroma"
        self._local = settings.chroma_host is None
        self.field = LOCAL if self._local else SERVER
        self.place = str(self._folder) if self._local else f"{settings.chroma_host}:{settings.chroma_port}"
        self._client: Any = None
        self._collection: Any = None
        self._owner = ""
        self._gate = Gate()

    def open(self, owner: str) -> None:
        """Reach Chroma and the collection, made where it is missing.

        Args:
            owner: Identity of the file whose vectors these are.

        Raises:
            VectorStoreError: Chroma is not installed or cannot be reached, or the collection is not this file's
                or has another metric.
        """
        if self._client is not None:
            return
        _chromadb()
        with contextlib.ExitStack() as undo:
            if self._local:
                with translated(self.field, self.place):
                    make_folder(self._folder)
                lock.acquire(self._folder)
                undo.callback(lock.release, self._folder)
            self._owner = owner
            self._connect()
            undo.callback(self._disconnect)
            self._check()
            if self._local:
                with translated(self.field, self.place):
                    tighten(self._folder)
            undo.pop_all()

    def close(self) -> None:
        """Let go of the client; nothing where there is none."""
        if self._client is not None:
            self._disconnect()
            if self._local:
                lock.release(self._folder)

    def _connect(self) -> None:
        chromadb, options = _chromadb()
        with translated(self.field, self.place):
            if self._local:
                self._client = chromadb.PersistentClient(path=str(self._folder), settings=options)
            else:
                self._client = chromadb.HttpClient(
                    host=self._settings.chroma_host, port=self._settings.chroma_port, settings=options
                )
            try:
                self._collection = self._reach()
            except BaseException:
                self._disconnect()
                raise

    def _disconnect(self) -> None:
        client, self._client, self._collection = self._client, None, None
        with translated(self.field, self.place):
            client.close()
            # That leaves the connections of both its HTTP sessions open.
            for part in (client, getattr(client, "_admin_client", None)):
                session = getattr(getattr(part, "_server", None), "_session", None)
                if session is not None:
                    session.close()
            if self._local:
                # Chroma makes its files as it needs them.
                tighten(self._folder)
                for part in () if self.is_shared else self._folder.iterdir():
                    if part.is_dir() and _is_segment(part.name):
                        blank_spare_room(part)

    @property
    def keeps_files(self) -> bool:
        """Whether Chroma's files are this process's, and not a server's."""
        return self._local

    @property
    def is_shared(self) -> bool:
        """Whether another store of this process has the files open."""
        return self._local and lock.is_shared(self._folder)

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Keep the searches of other threads waiting for the length of a block."""
        return self._gate.alone()

    def clean_files(self) -> None:
        """Leave nothing in Chroma's files of what was removed before the collection was last made; in `alone`.

        Chroma keeps what it was told in its log and in free pages, and the index of a collection that is gone in its
        folder. Nobody else has the files open meanwhile.
        """
        self._disconnect()
        try:
            with contextlib.closing(sqlite3.connect(self._folder / "chroma.sqlite3", isolation_level=None)) as database:
                segments = {row[0] for row in database.execute("SELECT id FROM segments")}
                database.execute("VACUUM")
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for part in self._folder.iterdir():
                if part.is_dir() and _is_segment(part.name) and part.name not in segments:
                    shutil.rmtree(part)
        finally:
            self._connect()

    def _reach(self) -> Any:
        return self._client.get_or_create_collection(
            self._settings.collection_name,
            configuration={"hnsw": {"space": self._settings.distance_metric, "ef_search": _EF_SEARCH}},
            metadata={_OWNER: self._owner},
            embedding_function=None,
        )

    def _check(self) -> None:
        name = self._settings.collection_name
        if (self._collection.metadata or {}).get(_OWNER) != self._owner:
            raise VectorStoreError(
                f"the collection {name!r} at {self.place} was not made by this store's file.",
                field="vector_store.collection_name",
                remedy="Choose another collection name: each file has a collection of its own.",
            )
        space = self._collection.configuration["hnsw"]["space"]
        if space != self._settings.distance_metric:
            raise VectorStoreError(
                f"the collection {name!r} at {self.place} measures by {space!r}.",
                field="vector_store.distance_metric",
                remedy=f"Set vector_store.distance_metric={space!r}; all metrics find the same memories.",
            )

    def put(self, ids: Sequence[int], rows: NDArray[np.float32], labels: Sequence[dict[str, str]]) -> None:
        """Keep or replace vectors, rows of shape (len(ids), dimension), with their labels (``scope`` among them)."""
        for part in _parts(len(ids), self._settings.batch_size):
            self._call("upsert", ids=_names(ids[part]), embeddings=rows[part], metadatas=labels[part])

    def label(self, ids: Sequence[int], labels: Sequence[dict[str, str]]) -> None:
        """Change the labels of vectors; ids without one are passed over."""
        for part in _parts(len(ids), MAX_IDS):
            self._call("update", ids=_names(ids[part]), metadatas=labels[part])

    def drop(self, ids: Sequence[int]) -> None:
        """Remove vectors; ids without one are passed over."""
        for part in _parts(len(ids), MAX_IDS):
            self._call("delete", ids=_names(ids[part]))

    def clear(self) -> None:
        """Start over with an empty collection, whatever the length of the vectors to come."""
        with translated(self.field, self.place):
            self._client.delete_collection(self._settings.collection_name)
            self._collection = self._reach()

    def count(self) -> int:
        """How many vectors there are."""
        number: int = self._call("count")
        return number

    def get(self, ids: Sequence[int]) -> tuple[list[int], NDArray[np.float32]]:
        """Those of the ids that have a vector, and the vectors as they were put, shape (number, dimension)."""
        found: list[int] = []
        rows: list[Any] = []
        for part in _parts(len(ids), MAX_IDS):
            answer = self._call("get", ids=_names(ids[part]), include=["embeddings"])
            found += [int(name) for name in answer["ids"]]
            rows += list(answer["embeddings"])
        return found, _rows(rows)

    def query(
        self, vector: NDArray[np.float32], number: int, scope: str, ids: Sequence[int] | None = None
    ) -> tuple[list[int], NDArray[np.float32]]:
        """About the nearest ``number`` vectors of a scope, in any order, with their vectors.

        Args:
            vector: Shape (dimension,).
            number: How many to look for.
            scope: Only vectors with this label.
            ids: Only these, at most `MAX_IDS`; None for all.
        """
        answer = self._call(
            "query",
            query_embeddings=[vector],
            n_results=number,
            where={"scope": scope},
            include=["embeddings"],
            ids=None if ids is None else _names(ids),
        )
        return [int(name) for name in answer["ids"][0]], _rows(list(answer["embeddings"][0]))

    def _call(self, method: str, **arguments: Any) -> Any:
        with self._gate.together(), translated(self.field, self.place):
            try:
                return getattr(self._collection, method)(**arguments)
            except Exception as error:
                if not is_missing(error):
                    raise
            # Another store has filled it anew.
            self._collection = self._reach()
            return getattr(self._collection, method)(**arguments)


def _is_segment(name: str) -> bool:
    """Whether Chroma names a folder so: by the id of a part of a collection."""
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _chromadb() -> tuple[Any, Any]:
    """The package and its settings, without telemetry."""
    try:
        import chromadb
        from chromadb.config import Settings
    except ImportError as error:
        raise VectorStoreError(
            "the package chromadb is not installed.",
            field="vector_store_type",
            remedy="Install it: pip install 'coda-graphmem[chroma]'.",
        ) from error
    return chromadb, Settings(anonymized_telemetry=False)


def _parts(number: int, size: int) -> list[slice]:
    return [slice(start, start + size) for start in range(0, number, size)]


def _names(ids: Sequence[int]) -> list[str]:
    return [str(row) for row in ids]


def _rows(rows: Sequence[Any]) -> NDArray[np.float32]:
    return np.asarray(rows, dtype=np.float32) if rows else np.empty((0, 0), dtype=np.float32)
