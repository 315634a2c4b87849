"""Which tools a server offers, by profile."""

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.mcp.identity import Profile
from coda_graphmem.mcp.keeping import FORGET, REMEMBER, SUPERSEDE, UPDATE
from coda_graphmem.mcp.recall import CONTEXT, ENTITIES, GET, SEARCH
from coda_graphmem.mcp.tool import Tool

_DEFAULT: Sequence[Tool[Any]] = (SEARCH, CONTEXT, REMEMBER, UPDATE, SUPERSEDE, GET, ENTITIES, FORGET)

#: Eight tools at most in the default profile: each costs room in every conversation, whether it is called or not.
PROFILES: Mapping[Profile, Sequence[Tool[Any]]] = {"default": _DEFAULT}
