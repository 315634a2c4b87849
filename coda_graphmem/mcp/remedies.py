"""Errors of the library in terms of tools: what a remedy calls by the name of a method, a model knows by another."""

import re

from coda_graphmem.errors import GraphMemoryError

_TOOLS = {
    "retrieve_memories or list_memories": "memory_search",
    "retrieve_memories": "memory_search",
    "list_memories": "memory_search",
    "get_memory": "memory_get",
    "update_memory": "memory_update",
    "supersede_memory": "memory_supersede",
    "store_memory": "memory_remember",
    "undo_consolidation": "memory_undo",
    "consolidate_memories": "memory_consolidate",
}
#: Longest first, and whole names only.
_METHODS = re.compile(r"\b(?:" + "|".join(sorted(_TOOLS, key=len, reverse=True)) + r")\b(?:\(\))?")


def in_terms_of_tools(error: GraphMemoryError) -> str:
    """What an error says, with tools in place of methods."""
    return _METHODS.sub(lambda found: _TOOLS[found[0].removesuffix("()")], str(error))
