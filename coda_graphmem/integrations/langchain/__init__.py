"""LangChain: a retriever, a vector store, a chat history and a store of bytes. Needs the extra ``langchain``."""

from coda_graphmem.integrations.packages import needed

with needed("langchain-core", extra="langchain"):
    from coda_graphmem.integrations.langchain.byte_store import GraphMemoryByteStore
    from coda_graphmem.integrations.langchain.chat_history import GraphMemoryChatHistory
    from coda_graphmem.integrations.langchain.embedder import LangChainEmbedder
    from coda_graphmem.integrations.langchain.retriever import GraphMemoryRetriever
    from coda_graphmem.integrations.langchain.vector_store import GraphMemoryVectorStore

__all__ = [
    "GraphMemoryByteStore",
    "GraphMemoryChatHistory",
    "GraphMemoryRetriever",
    "GraphMemoryVectorStore",
    "LangChainEmbedder",
]
