"""A retriever over a memory."""

from collections.abc import Mapping
from typing import Any

from llama_index.core.callbacks import CallbackManager
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.integrations.transcript import told_metadata
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import Memory


class GraphMemoryRetriever(BaseRetriever):
    """Finds memories: by meaning, by words and over the graph, in one ranking.

    A node has the id, the content and the metadata of a memory, and under the key ``memory``, unless its metadata has
    one of its own, what the memory says of itself. Metadata does not become part of prompts.

    Args:
        memory: An open memory.
        similarity_top_k: How many nodes, 1 to 10,000: so many, where the memory holds so many.
        search_kwargs: Other arguments of `MemoryManager.retrieve_memories`. ``min_relevance`` leaves out what is less
            relevant (0 unless it is given), ``diverse`` lets near-duplicates make room (off unless it is given).
        callback_manager: LlamaIndex's.

    Raises:
        ValidationError: It is no memory.
    """

    def __init__(
        self,
        memory: AnyMemory,
        *,
        similarity_top_k: int = 5,
        search_kwargs: Mapping[str, Any] | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager=callback_manager)
        self._calls = Calls(memory)
        self._options = {"limit": similarity_top_k, "min_relevance": 0.0, "diverse": False, **(search_kwargs or {})}

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return self._calls.waited_for(lambda memory: self._found(memory, query_bundle.query_str))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await self._calls.awaited(lambda memory: self._found(memory, query_bundle.query_str))

    async def _found(self, memory: MemoryManager, query: str) -> list[NodeWithScore]:
        return [_node(one) for one in await memory.retrieve_memories(query, **self._options)]


def _node(memory: Memory) -> NodeWithScore:
    told = {
        "memory_type": memory.memory_type.value,
        "timestamp": memory.timestamp,
        "importance_score": memory.importance_score,
        "conversation_id": memory.conversation_id,
    }
    metadata = {"memory": told, **told_metadata(memory)}
    hidden = list(metadata)
    node = TextNode(
        id_=memory.memory_id,
        text=memory.content,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=memory.relevance_score)
