"""Facts: what holds and what held, by what memories say."""

from typing import Annotated

from fastapi import APIRouter, Query

from coda_graphmem.models import Profile
from coda_graphmem.server import fields as f
from coda_graphmem.server.answers import FactList
from coda_graphmem.server.memory import ReadingScope

routes = APIRouter(tags=["facts"])

AsOf = Annotated[f.QueryMoment | None, Query(description="What was known then and held then; now if left out.")]


@routes.get("/facts", operation_id="get_facts")
async def get_facts(
    *,
    memory: ReadingScope,
    subject: Annotated[
        f.Id | None, Query(description="Of whom or what: `User`, a name, or a thing that texts name; all if left out.")
    ] = None,
    attribute: Annotated[
        f.Id | None, Query(description="Which attribute, such as `residence`, or words of a text; all if left out.")
    ] = None,
    as_of: AsOf = None,
    include_past: Annotated[
        f.QueryFlag, Query(description="Whether what held before, or is yet to hold, is part of it.")
    ] = False,
) -> FactList:
    """What holds, each fact with its time and the memories that say so."""
    return FactList(results=await memory.get_facts(subject, attribute, as_of, include_past))


@routes.get("/profile", operation_id="get_profile")
async def get_profile(
    memory: ReadingScope,
    subject: Annotated[f.Id, Query(description="Of whom or what.")] = "User",
    as_of: AsOf = None,
    max_tokens: Annotated[f.QueryLimit | None, Query(description="Size of the text; all lines if left out.")] = None,
) -> Profile:
    """What is known of somebody or something, by kind: as lines, and as a text for a prompt."""
    return await memory.get_profile(subject, as_of, max_tokens)
