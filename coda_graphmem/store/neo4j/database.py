"""An open database: what all parts of the store share."""

from collections.abc import Iterable
from dataclasses import dataclass

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.store.neo4j import schema
from coda_graphmem.store.neo4j.connection import Connection, Locked
from coda_graphmem.store.neo4j.dialect import Dialect, detect
from coda_graphmem.store.neo4j.schema import Meta
from coda_graphmem.store.protocol import Vector, mismatch


@dataclass(frozen=True, slots=True)
class _Bound:
    """Where vectors come from."""

    model: str | None
    dimension: int


class Database:
    """The connection, what the server can do, and the model whose vectors the store was given and has.

    Args:
        config: Says how to reach the server, and whether vector indexes are quantised.
    """

    def __init__(self, config: MemoryConfig) -> None:
        self.connection = Connection(config.neo4j)
        self.quantised = config.enable_compression
        self.vector_property = "embedding"
        """Where the vectors are that searches compare with."""
        self._dialect: Dialect | None = None
        self._bound: _Bound | None = None

    async def open(self) -> None:
        """Connect, and make what is missing of the schema."""
        await self.connection.open()
        try:
            dialect = await detect(self.connection)
            meta = await schema.prepare(self.connection)
            await schema.renew_vector_indexes(self.connection, dialect, meta, quantised=self.quantised)
        except BaseException:
            await self.connection.close()
            raise
        self.vector_property = meta.vector_property
        self._dialect = dialect

    async def close(self) -> None:
        """Close the connection. May be called more than once."""
        self._dialect = None
        self._bound = None
        await self.connection.close()

    @property
    def dialect(self) -> Dialect:
        """What the server can do.

        Raises:
            NotInitializedError: The database is not open.
        """
        if self._dialect is None:
            raise NotInitializedError("The store is not open.", remedy="Call initialize() first.")
        return self._dialect

    @property
    def model(self) -> str | None:
        """The model that vectors given to the store come from; None where nobody has said."""
        return None if self._bound is None else self._bound.model

    async def bind(self, model: str | None, dimension: int) -> None:
        """Record the embedding model with the first vectors, or check it against the record.

        Args:
            model: None where nobody has said where the vectors come from.
            dimension: Of the vectors.

        Raises:
            EmbeddingMismatchError: The store holds vectors of another model or dimension.
        """
        wanted = _Bound(model, dimension)
        if self._bound == wanted:
            return
        meta = await schema.bind_model(self.connection, self.dialect, model, dimension, quantised=self.quantised)
        self.vector_property = meta.vector_property
        self._bound = wanted

    async def make_vector_index(self, vector_property: str, dimension: int) -> None:
        """Make the index over a property and wait until it is filled."""
        await schema.make_vector_index(
            self.connection, self.dialect, vector_property, dimension, quantised=self.quantised
        )

    async def bind_to(self, vectors: Iterable[Vector | None], model: str | None = None) -> None:
        """Bind to the model of vectors, or make the index for those of which nobody has said where they come from."""
        if self._bound is None or model is not None:
            for vector in vectors:
                if vector is not None:
                    await self.bind(model, len(vector))
                    return

    def rebind(self, meta: Meta) -> None:
        """Go on with another model, after it has taken the place of the one before."""
        self.vector_property = meta.vector_property
        if self._bound is not None and meta.dimension is not None:
            self._bound = _Bound(meta.embedding_model, meta.dimension)

    def check_vectors(self, locked: Locked, vectors: Iterable[Vector | None]) -> None:
        """Refuse vectors that cannot be compared with those of the store.

        Args:
            locked: What a transaction knows of the store.
            vectors: To be written.

        Raises:
            EmbeddingMismatchError: They are of another model or length.
        """
        other = self.model is not None and locked.embedding_model not in (None, self.model)
        for vector in vectors:
            if vector is not None and (other or vector.shape != (locked.dimension,)):
                raise mismatch(locked.embedding_model, locked.dimension, self.model, len(vector))

    def check_length(self, vector: Vector | None) -> None:
        """Refuse to search with a vector that cannot be compared with those of the store.

        Raises:
            EmbeddingMismatchError: It is of another length.
        """
        if vector is not None and self._bound is not None and len(vector) != self._bound.dimension:
            raise mismatch(self._bound.model, self._bound.dimension, self._bound.model, len(vector))

    async def check_model(self) -> None:
        """Refuse to mix models after another process has re-embedded the store.

        Raises:
            EmbeddingMismatchError: The store has vectors of another model by now.
        """
        meta = await schema.read_meta(self.connection)
        if meta is None:
            return
        self.vector_property = meta.vector_property
        if self._bound is not None and self._bound.model not in (None, meta.embedding_model):
            raise mismatch(meta.embedding_model, meta.dimension, self._bound.model, self._bound.dimension)


class StorePart:
    """Works in an open database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.connection
