"""LangChain's standard tests of retrievers, vector stores and key-value stores, with our classes."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests.base_store import BaseStoreAsyncTests, BaseStoreSyncTests
from langchain_tests.integration_tests.retrievers import RetrieversIntegrationTests
from langchain_tests.integration_tests.vectorstores import VectorStoreIntegrationTests

from coda_graphmem import MemoryConfig, MemoryManager, SyncMemoryManager
from coda_graphmem.integrations.langchain import (
    GraphMemoryByteStore,
    GraphMemoryRetriever,
    GraphMemoryVectorStore,
    LangChainEmbedder,
)
from tests_outside.memories import NameExtractor, WordEmbedder, opened


class TestRetriever(RetrieversIntegrationTests):
    """A retriever over four memories."""

    _memory: SyncMemoryManager

    @pytest.fixture(autouse=True)
    def _with_memories(self) -> Iterator[None]:
        type(self)._memory = opened()
        texts = ("Margit sings alto", "Tom keeps bees", "Tom keeps bees.", "Nora rows on Sundays")
        self._memory.store_memories_batch([{"content": text} for text in texts])
        yield
        self._memory.cleanup()

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return GraphMemoryRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"memory": self._memory}

    @property
    def retriever_query_example(self) -> str:
        return "who keeps bees?"


class _VectorStores(VectorStoreIntegrationTests):
    """Vector stores on the suite's own embeddings."""

    def _options(self) -> dict[str, Any]:
        embedder = LangChainEmbedder(self.get_embeddings(), model="deterministic")
        config = MemoryConfig(vector_store={"persist_directory": Path(tempfile.mkdtemp(prefix="outside-"))})
        return {"config": config, "embedder": embedder, "extractor": NameExtractor()}


class TestVectorStoreOverASynchronousMemory(_VectorStores):
    """Both kinds of calls, over a memory with a thread of its own."""

    @pytest.fixture
    def vectorstore(self) -> Iterator[VectorStore]:
        with SyncMemoryManager(**self._options()) as memory:
            yield GraphMemoryVectorStore(memory)


class TestVectorStoreOverAnAsynchronousMemory(_VectorStores):
    """Calls that are awaited, in the loop of the memory."""

    has_sync = False

    @pytest.fixture
    async def vectorstore(self) -> AsyncIterator[VectorStore]:
        async with MemoryManager(**self._options()) as memory:
            yield GraphMemoryVectorStore(memory)


class TestByteStore(BaseStoreSyncTests[bytes]):
    """Calls that wait, over a memory with a thread of its own."""

    @pytest.fixture
    def kv_store(self) -> Iterator[GraphMemoryByteStore]:
        with opened() as memory:
            yield GraphMemoryByteStore(memory)

    @pytest.fixture
    def three_values(self) -> tuple[bytes, bytes, bytes]:
        return b"foo", b"\x00\xff", b""


class TestByteStoreOverAnAsynchronousMemory(BaseStoreAsyncTests[bytes]):
    """Calls that are awaited, in the loop of the memory."""

    @pytest.fixture
    async def kv_store(self) -> AsyncIterator[GraphMemoryByteStore]:
        config = MemoryConfig(vector_store={"persist_directory": Path(tempfile.mkdtemp(prefix="outside-"))})
        async with MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
            yield GraphMemoryByteStore(memory)

    @pytest.fixture
    def three_values(self) -> tuple[bytes, bytes, bytes]:
        return b"foo", b"\x00\xff", b""
