"""LangGraph: a store of items over a memory, and a tool that searches memories. Needs the extra ``langgraph``."""

from coda_graphmem.integrations.packages import needed

with needed("langgraph-checkpoint", extra="langgraph"):
    from coda_graphmem.integrations.langgraph.store import GraphMemoryStore

__all__ = ["GraphMemoryStore"]
