"""A vector store whose documents are the memories of a namespace."""

import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Self

from langchain_core.documents import Document
from langchain_core.vectorstores import VectorStore

from coda_graphmem.errors import ValidationError
from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.integrations.langchain.documents import as_document, found
from coda_graphmem.integrations.langchain.relevance import marginal
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.limits import MAX_LIMIT
from coda_graphmem.validation.types import Content, Id, Metadata

Scored = list[tuple[Document, float]]


class GraphMemoryVectorStore(VectorStore):
    """Documents as memories: each is kept by itself, under its id, and is found like any other memory.

    Searches see the whole namespace, so that a store of documents alone wants a namespace of its own:
    ``GraphMemoryVectorStore(memory.for_namespace("documents"))``. They take the arguments of
    `MemoryManager.retrieve_memories` by name; ``filter`` is another name of ``metadata``. There is no search by a
    vector of the caller's own.

    Args:
        memory: An open memory. It embeds with its own model; see `LangChainEmbedder`.
        memory_type: What kind of knowledge new documents are.
    """

    def __init__(self, memory: AnyMemory, *, memory_type: MemoryType = MemoryType.SEMANTIC) -> None:
        self._calls = Calls(memory)
        self._type = memory_type

    # ------------------------------------------------------------------ writing

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Keep documents. One whose id is there already takes the place of what was there.

        Args:
            texts: Contents, each 1 to 1,000,000 characters.
            metadatas: One a text, what JSON can hold; None for none.
            ids: One a text, None for a new one.
            kwargs: Not taken.

        Returns:
            Their ids, in the same order.

        Raises:
            ValidationError: An argument is not acceptable; nothing of the call was kept.
        """
        return self._calls.waited_for(self._putting(texts, metadatas, ids, kwargs))

    async def aadd_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """See `add_texts`."""
        return await self._calls.awaited(self._putting(texts, metadatas, ids, kwargs))

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Remove documents; ids of none are passed over.

        Args:
            ids: Which ones.
            kwargs: Not taken.

        Raises:
            ValidationError: No ids are given: to remove everything is `MemoryManager.forget`.
        """
        return self._calls.waited_for(partial(_deleted, ids=_named(ids, kwargs)))

    async def adelete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """See `delete`."""
        return await self._calls.awaited(partial(_deleted, ids=_named(ids, kwargs)))

    # ------------------------------------------------------------------ reading

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Documents by their ids, in the order asked for, each once; ids of none are passed over."""
        return self._calls.waited_for(partial(_got, ids=ids))

    async def aget_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """See `get_by_ids`."""
        return await self._calls.awaited(partial(_got, ids=ids))

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The documents nearest to a query, best first.

        Args:
            query: A question or some words.
            k: How many, 1 to 10,000: so many, where there are so many.
            kwargs: ``filter`` (values that the metadata must have), and arguments of `MemoryManager.retrieve_memories`.
        """
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    async def asimilarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """See `similarity_search`."""
        return [document for document, _ in await self.asimilarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(self, query: str, k: int = 4, **kwargs: Any) -> Scored:
        """The same with how relevant each is, in [0, 1], the best first; arguments as of `similarity_search`."""
        return self._calls.waited_for(partial(_scored, query=query, k=k, options=_options(kwargs)))

    async def asimilarity_search_with_score(self, query: str, k: int = 4, **kwargs: Any) -> Scored:
        """See `similarity_search_with_score`."""
        return await self._calls.awaited(partial(_scored, query=query, k=k, options=_options(kwargs)))

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """Documents that are near to a query and far from one another, as in Carbonell and Goldstein, 1998.

        Args:
            query: A question or some words.
            k: How many.
            fetch_k: Of how many of the nearest they are chosen.
            lambda_mult: What counts: 1 for nearness to the query alone, 0 for distance from one another alone.
            kwargs: As of `similarity_search`.

        Raises:
            ValidationError: ``lambda_mult`` is outside 0 to 1, or an argument of the search is not acceptable.
        """
        return self._calls.waited_for(_chosen(query, k, fetch_k, lambda_mult, kwargs))

    async def amax_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """See `max_marginal_relevance_search`."""
        return await self._calls.awaited(_chosen(query, k, fetch_k, lambda_mult, kwargs))

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return float  # the score of a memory is its relevance already

    # ------------------------------------------------------------------ making

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Any = None,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """A vector store over an open memory, with documents added.

        Args:
            texts: As of `add_texts`, as are ``metadatas`` and ``ids``.
            embedding: None: the memory has a model of its own.
            metadatas: One a text.
            ids: One a text.
            kwargs: ``memory`` and ``memory_type``, as of the class.

        Raises:
            ValidationError: There is no memory, or an embedding of the caller's own.
        """
        store = cls._over(embedding, kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    @classmethod
    async def afrom_texts(
        cls,
        texts: list[str],
        embedding: Any = None,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """See `from_texts`."""
        store = cls._over(embedding, kwargs)
        await store.aadd_texts(texts, metadatas, ids=ids)
        return store

    @classmethod
    def _over(cls, embedding: Any, options: Mapping[str, Any]) -> Self:
        if embedding is not None:
            raise ValidationError(
                "a memory embeds with its own model.",
                field="embedding",
                remedy="Pass None, and MemoryManager(embedder=LangChainEmbedder(…)) as memory.",
            )
        return cls(**{"memory": None, **options})

    def _putting(
        self,
        texts: Iterable[str],
        metadatas: Sequence[Mapping[str, Any]] | None,
        ids: Sequence[str | None] | None,
        unknown: Mapping[str, Any],
    ) -> Callable[[MemoryManager], Coroutine[Any, Any, list[str]]]:
        _refuse(unknown)
        contents: list[str] = [check(Content, text, f"texts[{i}]") for i, text in enumerate(texts)]
        for name, values in (("metadatas", metadatas), ("ids", ids)):
            if values is not None and len(values) != len(contents):
                raise ValidationError(
                    f"has {len(values)} items for {len(contents)} texts.",
                    field=name,
                    remedy="Pass one a text, or None.",
                )
        entries = [
            {
                "content": content,
                "metadata": check(Metadata, metadatas[i] if metadatas else {}, f"metadatas[{i}]"),
                # An id of its own: the same text twice is two documents, each with its metadata.
                "memory_id": check(Id, (ids[i] if ids else None) or uuid.uuid4().hex, f"ids[{i}]"),
                "memory_type": self._type,
            }
            for i, content in enumerate(contents)
        ]
        return partial(_put, entries=entries)


async def _put(memory: MemoryManager, entries: Sequence[dict[str, Any]]) -> list[str]:
    """Keep documents, those that are new first and together; of several with one id the last one counts."""
    latest = {entry["memory_id"]: entry for entry in entries}
    known: dict[str, Memory] = {}
    for part in _parts(list(latest)):
        known.update({one.memory_id: one for one in await memory.get_memories(part)})
    await memory.store_memories_batch([entry for memory_id, entry in latest.items() if memory_id not in known])
    for memory_id, before in known.items():
        entry = latest[memory_id]
        if before.archived_at is not None:
            await memory.unarchive_memories([memory_id])
        if (before.content, before.metadata) == (entry["content"], entry["metadata"]):
            continue
        if not await memory.update_memory(memory_id, entry["content"], entry["metadata"]):
            await memory.store_memories_batch([entry])  # it was removed meanwhile
    return [entry["memory_id"] for entry in entries]


async def _deleted(memory: MemoryManager, ids: Sequence[str]) -> bool:
    for memory_id in ids:
        await memory.delete_memory(memory_id)
    return True


async def _got(memory: MemoryManager, ids: Sequence[str]) -> list[Document]:
    return [as_document(one) for part in _parts(list(ids)) for one in await memory.get_memories(part)]


async def _scored(memory: MemoryManager, query: str, k: int, options: Mapping[str, Any]) -> Scored:
    return [(as_document(one), one.relevance_score or 0.0) for one in await found(memory, query, k, options)]


def _chosen(
    query: str, k: int, fetch_k: int, lambda_mult: float, options: dict[str, Any]
) -> Callable[[MemoryManager], Coroutine[Any, Any, list[Document]]]:
    if not 0.0 <= lambda_mult <= 1.0:
        raise ValidationError(f"{lambda_mult} is outside 0 to 1.", field="lambda_mult", remedy="Pass 0 to 1.")
    options = _options(options)

    async def choose(memory: MemoryManager) -> list[Document]:
        nearest = await found(memory, query, max(k, fetch_k), options)
        vectors = await memory.get_memories([one.memory_id for one in nearest], with_embedding=True)
        kept = marginal(nearest, {one.memory_id: one.embedding for one in vectors}, k, lambda_mult)
        return [as_document(one) for one in kept]

    return choose


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a search, LangChain's name for one of them among them."""
    options = dict(given)
    if "filter" in options:
        options["metadata"] = options.pop("filter")
    return options


def _named(ids: list[str] | None, unknown: Mapping[str, Any]) -> list[str]:
    _refuse(unknown)
    if ids is None:
        raise ValidationError(
            "names no documents.", field="ids", remedy="Name some; forget(everything=True) of the memory removes all."
        )
    return list(ids)


def _refuse(unknown: Mapping[str, Any]) -> None:
    if unknown:
        raise ValidationError("no such argument.", field=min(unknown), remedy="Leave it out.")


def _parts(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + MAX_LIMIT] for start in range(0, len(ids), MAX_LIMIT))
