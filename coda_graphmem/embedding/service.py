"""Embeds texts for everybody else: off the event loop, checked, and each query only once."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.cache import Cache
from coda_graphmem.embedding.embedder import Embedder, KnowsLanguages, TellsQueriesApart
from coda_graphmem.errors import EmbeddingError
from coda_graphmem.threads import Gathering, Worker, WorkerClosedError, close_all

Vector = NDArray[np.float32]

T = TypeVar("T")


class EmbeddingService:
    """Vectors of queries and documents from one embedder, for any number of tasks and event loops.

    Vectors are checked, and brought to length 1 where an embedder's are not. Queries have a thread
    of their own, so that none waits for the documents of an import.

    Args:
        embedder: None where semantic search is switched off; then every vector is None.
        batch_size: Documents the embedder gets at a time.
        cache: Where query vectors are kept.
    """

    def __init__(self, embedder: Embedder | None, *, batch_size: int, cache: Cache) -> None:
        self._embedder = embedder
        self._batch_size = batch_size
        self._cache = cache
        self._running: dict[str, Future[Vector]] = {}
        self._documents = Gathering(lambda texts: list(_embed(self._required(), texts)), batch_size)
        self._lock = threading.Lock()
        self._query_thread = Worker("embed-query")
        self._document_thread = Worker("embed-documents")

    @property
    def enabled(self) -> bool:
        """Whether there is an embedder, and so semantic search."""
        return self._embedder is not None

    @property
    def model(self) -> str:
        """Name of the model, as it is recorded with the vectors.

        Raises:
            EmbeddingError: Semantic search is switched off.
        """
        return self._required().model

    async def dimension(self) -> int:
        """Length of a vector; loads the model where that is what it takes to know.

        Raises:
            EmbeddingError: Semantic search is switched off, or the model cannot be loaded.
        """
        embedder = self._required()
        return await self._call(self._submit(self._query_thread, lambda: embedder.dimension))

    async def warm_up(self) -> None:
        """Load the model in a worker thread; nothing to do where semantic search is switched off.

        Raises:
            EmbeddingError: The model cannot be loaded.
        """
        if self._embedder is not None:
            await self._call(self._submit(self._query_thread, self._embedder.load))

    async def embed_query(self, text: str) -> Vector | None:
        """The vector of a query, shape (dimension,), read-only; None where semantic search is switched off.

        Raises:
            EmbeddingError: The model cannot be loaded or failed.
        """
        embedder = self._embedder
        if embedder is None:
            return None
        with self._lock:
            kept: Vector | None = self._cache.get("queries", text)
            if kept is not None:
                return kept
            future = self._running.get(text)
            if future is None:
                future = self._submit(self._query_thread, lambda: self._embed_query(embedder, text))
                self._running[text] = future
        return await self._call(future)

    async def embed_documents(self, texts: Sequence[str]) -> list[Vector | None]:
        """Vectors of documents in their order, each of shape (dimension,); None where semantic search is off.

        Raises:
            EmbeddingError: The model cannot be loaded or failed.
        """
        embedder = self._embedder
        if embedder is None:
            return [None] * len(texts)
        # Texts of similar length go together: a model computes each of them as long as the longest beside it.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        vectors: list[Vector | None] = [None] * len(texts)
        for start in range(0, len(order), self._batch_size):
            places = order[start : start + self._batch_size]
            work = self._documents.call([texts[place] for place in places])
            found = await self._call(self._submit(self._document_thread, work))
            for place, vector in zip(places, found, strict=True):
                vectors[place] = vector
        return vectors

    def known_share(self, text: str) -> float:
        """How far the model, which has made a vector of a query, knows its language, in [0, 1].

        1 where semantic search is switched off, and for an embedder that does not tell.
        """
        if isinstance(self._embedder, KnowsLanguages):
            return min(1.0, max(0.0, self._embedder.known_share(text)))
        return 1.0

    def open(self) -> None:
        """Take work again after `close`."""
        self._query_thread.open()
        self._document_thread.open()

    def close(self, seconds: float = 60.0) -> bool:
        """End the worker threads after what they are at; may be called more than once.

        Args:
            seconds: How long to wait for a model; calls that it has not answered by then fail.

        Returns:
            Whether both threads have ended.
        """
        ended = close_all([self._query_thread, self._document_thread], seconds)
        with self._lock:
            # Nobody is to wait for what a model that does not answer was asked.
            self._running.clear()
        self._cache.clear(("queries",))
        return ended

    # ------------------------------------------------------------------ helpers

    def _embed_query(self, embedder: Embedder, text: str) -> Vector:
        """Embed and remember one query, in the worker thread."""
        try:
            vector: Vector = _query_vector(embedder, text)
            vector.flags.writeable = False
            self._cache.put("queries", text, vector)
            return vector
        finally:
            with self._lock:
                self._running.pop(text, None)

    def _submit(self, thread: Worker, work: Callable[[], T]) -> Future[T]:
        """Start work in a worker thread; whatever it raises becomes an `EmbeddingError`."""
        try:
            return thread.submit(partial(_guarded, work))
        except WorkerClosedError as error:
            raise _closed() from error

    async def _call(self, future: Future[T]) -> T:
        waiting = asyncio.wrap_future(future)
        waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            # Shielded: a caller that gives up must not take the vector from others who wait for it.
            return await asyncio.shield(waiting)
        except WorkerClosedError as error:
            raise _closed() from error

    def _required(self) -> Embedder:
        if self._embedder is None:
            raise EmbeddingError(
                "semantic search is switched off, so there is no model.",
                field="enable_semantic_search",
                remedy="Set enable_semantic_search=True.",
            )
        return self._embedder


def _closed() -> EmbeddingError:
    return EmbeddingError("the embedding service is closed.", remedy="Open the memory again.")


def unit_vectors(embedder: Embedder, texts: Sequence[str]) -> Vector:
    """Vectors of texts, checked and of length 1.

    Raises:
        EmbeddingError: The model cannot be loaded, failed, or gave something else.
    """
    return _guarded(lambda: _embed(embedder, texts))


def _guarded(work: Callable[[], T]) -> T:
    """Do something with a model; whatever it raises becomes an `EmbeddingError`."""
    try:
        return work()
    except EmbeddingError:
        raise
    except Exception as error:
        raise EmbeddingError(
            f"the embedding model failed ({type(error).__name__}).",
            field="embedding_model",
            remedy="The cause is attached; try another model if it persists.",
        ) from error


def _query_vector(embedder: Embedder, text: str) -> Vector:
    made = embedder.embed_queries([text]) if isinstance(embedder, TellsQueriesApart) else embedder.embed([text])
    vector: Vector = _checked(made, 1, embedder.dimension)[0]
    return vector


def _embed(embedder: Embedder, texts: Sequence[str]) -> Vector:
    return _checked(embedder.embed(texts), len(texts), embedder.dimension)


def _checked(vectors: NDArray[np.float32], count: int, dimension: int) -> Vector:
    """Unit vectors, or an error where an embedder broke its promise."""
    remedy = "Use another model, or repair the embedder."
    array = np.asarray(vectors, dtype=np.float32)
    if array.shape != (count, dimension):
        raise EmbeddingError(
            f"the embedder gave an array of shape {array.shape} where {(count, dimension)} was due.",
            field="embedding_model",
            remedy=remedy,
        )
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not norms.all():
        raise EmbeddingError(
            "the embedder gave a vector of length zero or with values that are not finite.",
            field="embedding_model",
            remedy=remedy,
        )
    unit: Vector = array / norms
    return unit
