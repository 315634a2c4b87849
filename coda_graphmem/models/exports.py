"""What exports and imports of memories did."""

from typing import Literal

from pydantic import BaseModel

#: Forms in which memories leave: complete and back again (``jsonl``, ``markdown``), for graph programs (``graphml``,
#: ``gexf``), for a Neo4j of one's own (``cypher``), for the memory server of the Model Context Protocol
#: (``knowledge-graph``), to look at (``html``, ``svg``, ``png``).
ExportFormat = Literal["jsonl", "markdown", "knowledge-graph", "graphml", "gexf", "cypher", "html", "svg", "png"]

#: What can be imported; ``export`` is the ``jsonl`` or the ``markdown`` of `MemoryManager.export_memories`, and
#: ``markdown`` a folder of notes that others wrote; ``documents`` one of Markdown, text and PDF.
ImportFormat = Literal[
    "auto", "jsonl", "beir", "chatgpt", "claude", "telegram", "slack", "whatsapp", "transcript", "notes", "export",
    "mem0", "zep", "graphiti", "letta", "langgraph", "knowledge-graph", "markdown", "documents",
]  # fmt: skip


class ExportResult(BaseModel, frozen=True, defer_build=True):
    """What `MemoryManager.export_memories` wrote."""

    format: ExportFormat
    namespaces: list[str]
    memories: int
    entities: int
    """Entities as nodes; 0 for ``jsonl`` and ``markdown``, where each memory holds its own."""
    links: int
    """Links between memories, of the kinds of `LinkKind`."""
    items: int = 0
    """Items, which only ``jsonl`` holds, where all of a namespace is written."""
    left_out: int
    """Memories that match and are not part of it, as ``max_memories`` allows no more."""
    bytes: int
    """Of the file; of ``markdown`` those of all notes, before they are packed."""
    seconds: float


class ImportReport(BaseModel, frozen=True, defer_build=True):
    """What `MemoryManager.import_memories` did."""

    namespaces: list[str]
    memories: int
    """Memories of the file; all of them are in the store now."""
    new: int
    """Those that were not there before."""
    links: int
    """Links between memories that were not there before."""
    items: int = 0
    """Items of the file; all of them are in the store now."""
    new_items: int = 0
    """Those of a path and key that were not there before."""
    embedded: int
    """Memories and items that got vectors of the configured model, as the file has none of it."""
    seconds: float
