"""Reads a query and a text together and says how well the one answers the other: the model a user names, or their own.

A cross-encoder sees both at once, which vectors made apart do not, and so is slower: it looks at the best candidates
alone. None is used unless it is asked for.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.errors import MemoryRetrievalError
from coda_graphmem.forks import renewed_in_child
from coda_graphmem.pretrained import Pretrained
from coda_graphmem.threads import Worker, WorkerClosedError

T = TypeVar("T")

Scores = NDArray[np.float64]

_FIELD = "reranker"
#: How the names of models end that score texts.
_HEAD = "ForSequenceClassification"


class Reranker(Protocol):
    """Scores texts for a query. It is called by one thread at a time for each manager."""

    def load(self) -> None:
        """Load the model now, so that the first call is not the slow one."""

    def score(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """How well each text answers the query, one finite number a text: on any scale, higher is better."""


class CrossEncoderReranker:
    """A cross-encoder that sentence-transformers can load, with one score for a pair of texts.

    Its scores are those before its last activation: they mean the same order, and good ones do not come together at 1.
    What a text has beyond the model's own length is not read.

    Args:
        name: Name on the Hugging Face hub, or path of a folder.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        renewed_in_child(self, "_lock", threading.Lock)
        self._model: Any = None

    def load(self) -> None:
        """Load the model, and download it first where it has to be.

        Raises:
            MemoryRetrievalError: It does not exist, cannot be downloaded or loaded, or gives no single score.
        """
        with self._lock:
            if self._model is None:
                named = Pretrained(self._name, _FIELD, "a cross-encoder", MemoryRetrievalError)
                self._model, _ = named.load(_cross_encoder, self._probe)

    def score(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Scores of texts, as the model gives them.

        Raises:
            MemoryRetrievalError: The model cannot be loaded.
        """
        self.load()
        scores: list[float] = _predicted(self._model, query, texts).tolist()
        return scores

    def _probe(self, model: Any) -> None:
        if _has_made_up_head(model):
            raise MemoryRetrievalError(
                f"the model {self._name!r} is no cross-encoder: nothing in it was trained to score two texts.",
                field=_FIELD,
                remedy="Name a cross-encoder; a model for vectors is an embedding_model.",
            )
        shape = _predicted(model, "query", ["text"]).shape
        if shape != (1,):
            raise MemoryRetrievalError(
                f"the model {self._name!r} gives {shape[-1]} numbers for a pair of texts where one score is due.",
                field=_FIELD,
                remedy="Name a cross-encoder for search, which has one label.",
            )


def _cross_encoder(name: str, *, local_files_only: bool) -> Any:
    from sentence_transformers import CrossEncoder

    return CrossEncoder(name, local_files_only=local_files_only)


def _has_made_up_head(model: Any) -> bool:
    """Whether the layer that scores is a random one, which the library adds to a model that was saved without it."""
    transformer = getattr(model[0], "model", None)
    saved = getattr(getattr(transformer, "config", None), "architectures", None) or ()
    return (
        bool(saved) and type(transformer).__name__.endswith(_HEAD) and not any(name.endswith(_HEAD) for name in saved)
    )


def _predicted(model: Any, query: str, texts: Sequence[str]) -> NDArray[Any]:
    from torch import nn

    pairs = [(query, text) for text in texts]
    return np.asarray(model.predict(pairs, activation_fn=nn.Identity(), convert_to_numpy=True, show_progress_bar=False))


@lru_cache(maxsize=4)
def shared_reranker(name: str) -> Reranker:
    """The reranker of a model, which loads it when it is first needed; managers share what takes seconds to load."""
    return CrossEncoderReranker(name)


class RerankingService:
    """Scores of one reranker, checked and computed off the event loop, for any number of tasks and event loops.

    Args:
        reranker: None where nothing is reranked.
    """

    def __init__(self, reranker: Reranker | None) -> None:
        self._reranker = reranker
        self._thread = Worker("rerank")

    @property
    def enabled(self) -> bool:
        """Whether there is a reranker."""
        return self._reranker is not None

    async def warm_up(self) -> None:
        """Load the model in the worker thread; nothing to do where there is none.

        Raises:
            MemoryRetrievalError: It cannot be loaded.
        """
        if self._reranker is not None:
            await self._in_thread(self._reranker.load)

    async def score(self, query: str, texts: Sequence[str]) -> Scores:
        """How well each text answers a query, shape (len(texts),), finite: on the scale of the reranker.

        Raises:
            MemoryRetrievalError: There is no reranker, it cannot be loaded, failed, or gave something else.
        """
        reranker = self._reranker
        if reranker is None:
            raise MemoryRetrievalError(
                "there is no reranker.", field=_FIELD, remedy="Set reranker to the name or folder of a cross-encoder."
            )
        if not texts:
            return np.empty(0)
        return _checked(await self._in_thread(lambda: reranker.score(query, texts)), len(texts))

    def open(self) -> None:
        """Take work again after `close`."""
        self._thread.open()

    def close(self, seconds: float = 60.0) -> bool:
        """End the worker thread after what it is at; may be called more than once.

        Args:
            seconds: How long to wait for it; calls that it has not answered by then fail.

        Returns:
            Whether the thread has ended.
        """
        return self._thread.close(seconds)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run work in the worker thread; whatever it raises becomes a `MemoryRetrievalError`."""
        try:
            return await asyncio.wrap_future(self._thread.submit(work))
        except MemoryRetrievalError:
            raise
        except WorkerClosedError as error:
            raise MemoryRetrievalError("the reranking service is closed.", remedy="Open the memory again.") from error
        except Exception as error:
            raise MemoryRetrievalError(
                f"the reranker failed ({type(error).__name__}).",
                field=_FIELD,
                remedy="The cause is attached; try another model, or none, if it persists.",
            ) from error


def _checked(given: Sequence[float], count: int) -> Scores:
    """The scores as an array, or an error where a reranker broke its promise."""
    remedy = "Let it give one finite number a text, or use another reranker."
    try:
        scores = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MemoryRetrievalError(
            "the reranker gave something else than numbers.", field=_FIELD, remedy=remedy
        ) from error
    if scores.shape != (count,):
        raise MemoryRetrievalError(
            f"the reranker gave an array of shape {scores.shape} where {(count,)} was due.",
            field=_FIELD,
            remedy=remedy,
        )
    if not np.isfinite(scores).all():
        raise MemoryRetrievalError("the reranker gave a score that is not finite.", field=_FIELD, remedy=remedy)
    return scores
