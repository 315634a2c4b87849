"""LlamaIndex: a memory block and a retriever over a memory. Needs the extra ``llama-index``."""

from coda_graphmem.integrations.packages import needed

with needed("llama-index-core", extra="llama-index"):
    from coda_graphmem.integrations.llama_index.block import GraphMemoryBlock
    from coda_graphmem.integrations.llama_index.retriever import GraphMemoryRetriever

__all__ = ["GraphMemoryBlock", "GraphMemoryRetriever"]
