"""Claude's memory tool, whose files are memories. Needs the extra ``anthropic``."""

from coda_graphmem.integrations.packages import needed

with needed("anthropic", extra="anthropic"):
    from coda_graphmem.integrations.anthropic.tool import AsyncGraphMemoryTool, GraphMemoryTool

__all__ = ["AsyncGraphMemoryTool", "GraphMemoryTool"]
