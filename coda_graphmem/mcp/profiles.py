"""Which tools a server offers, by profile."""

from collections.abc import Sequence
from typing import Any, get_args

from coda_graphmem.mcp import chatgpt
from coda_graphmem.mcp.identity import Profile
from coda_graphmem.mcp.recall import CONTEXT, ENTITIES, GET, SEARCH
from coda_graphmem.mcp.reference import knowledge_tools
from coda_graphmem.mcp.tool import Tool
from coda_graphmem.mcp.upkeep import CONSOLIDATE, EXPORT, RELATED, STATS, UNDO
from coda_graphmem.mcp.writes import FORGET, REMEMBER, SUPERSEDE, UPDATE

PROFILES: tuple[Profile, ...] = get_args(Profile)

#: Eight at most: each costs room in every conversation, whether it is called or not.
_DEFAULT: Sequence[Tool[Any]] = (SEARCH, CONTEXT, REMEMBER, UPDATE, SUPERSEDE, GET, ENTITIES, FORGET)


def tools_of(profile: Profile) -> Sequence[Tool[Any]]:
    """The tools of a server, which are its own."""
    if profile == "reference":
        return knowledge_tools()
    if profile == "chatgpt":
        return (chatgpt.SEARCH, chatgpt.FETCH)
    return _DEFAULT if profile == "default" else (*_DEFAULT, STATS, RELATED, CONSOLIDATE, UNDO, EXPORT)
