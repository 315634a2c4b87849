"""A retriever over a memory."""

from functools import partial
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, PrivateAttr

from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.integrations.langchain.documents import as_document, found
from coda_graphmem.integrations.transcript import told_metadata
from coda_graphmem.models import Memory


class GraphMemoryRetriever(BaseRetriever):
    """Finds memories: by meaning, by words and over the graph, in one ranking.

    ``invoke`` and ``ainvoke`` take ``k`` and the arguments of ``search_kwargs`` by name, for this call alone. A
    document has the id, the content and the metadata of a memory, and under the key ``memory``, unless its metadata has
    one of its own, what the memory says of itself: relevance, type, time, importance and conversation.

    Args:
        memory: An open memory.
        k: How many documents, 1 to 10,000: so many, where the memory holds so many.
        search_kwargs: Other arguments of `MemoryManager.retrieve_memories`. ``min_relevance`` leaves out what is less
            relevant (0 unless it is given), ``diverse`` lets near-duplicates make room (off unless it is given).
    """

    memory: AnyMemory
    k: int = 4
    search_kwargs: dict[str, Any] = Field(default_factory=dict)

    _calls: Calls = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Check the memory."""
        super().model_post_init(context)
        self._calls = Calls(self.memory)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        del run_manager
        return [_told(memory) for memory in self._calls.waited_for(self._search(query, kwargs))]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        del run_manager
        return [_told(memory) for memory in await self._calls.awaited(self._search(query, kwargs))]

    def _search(self, query: str, given: dict[str, Any]) -> Any:
        options = {"k": self.k, **self.search_kwargs, **given}
        return partial(found, query=query, k=options.pop("k"), options=options)


def _told(memory: Memory) -> Document:
    """A memory as a document that says what is known of it."""
    document = as_document(memory)
    document.metadata = told_metadata(memory)
    document.metadata.setdefault(
        "memory",
        {
            "relevance_score": memory.relevance_score,
            "memory_type": memory.memory_type.value,
            "timestamp": memory.timestamp,
            "importance_score": memory.importance_score,
            "conversation_id": memory.conversation_id,
        },
    )
    return document
