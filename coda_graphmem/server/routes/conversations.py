"""Conversations: their turns, what is linked to them, short-term memories, and learning from what is said."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from coda_graphmem.models import ExtractedInfo, LearningResult, MemoryType, Validity
from coda_graphmem.server import bodies
from coda_graphmem.server import fields as f
from coda_graphmem.server.answers import Changed, MemoryList, Stored
from coda_graphmem.server.memory import Reading, ReadingScope, Writing, within

routes = APIRouter(tags=["conversations"])

ConversationId = Annotated[f.Id, Path(description="The id of the conversation.")]


@routes.get("/conversations/{conversation_id:path}/related", operation_id="retrieve_contextual_memories")
async def retrieve_contextual_memories(
    *,
    memory: ReadingScope,
    conversation_id: ConversationId,
    include_related: Annotated[
        f.QueryFlag, Query(description="Whether memories of other conversations, and of none, are part of it.")
    ] = True,
    max_depth: Annotated[f.QueryDepth, Query(description="Steps over shared entities and neighbouring turns.")] = 2,
    limit: Annotated[f.QueryLimit | None, Query(description="How many at most.")] = None,
    memory_types: Annotated[
        list[MemoryType] | None, Query(min_length=1, description="Only these types; repeat it for several.")
    ] = None,
    where: f.QueryWhere = None,
    validity: Annotated[
        Validity | None, Query(description="`current`, `past` or `all`; `current` if left out.")
    ] = None,
    as_of: Annotated[f.QueryMoment | None, Query(description="The time that counts as now.")] = None,
    explain: Annotated[f.QueryFlag, Query(description="Whether each memory says which path brought it.")] = False,
) -> MemoryList:
    """What belongs to a conversation: its own memories and what the graph links to them."""
    found = await memory.retrieve_contextual_memories(
        conversation_id,
        include_related,
        max_depth,
        limit,
        memory_types=memory_types,
        where=where,
        validity=validity,
        as_of=as_of,
        explain=explain,
    )
    return MemoryList.of(found)


@routes.post(
    "/conversations/{conversation_id:path}/short-term", status_code=201, operation_id="store_short_term_memory"
)
async def store_short_term_memory(
    memory: Writing, conversation_id: ConversationId, body: bodies.ShortTermBody
) -> Stored:
    """Keep a memory of a conversation for some minutes; searches never find it."""
    given = body.given(*bodies.OWNERS)
    content = given.pop("content")
    kept = await within(memory, body.owner).store_short_term_memory(content, conversation_id, **given)
    return Stored(memory_id=kept)


@routes.put("/conversations/{conversation_id:path}/learning", operation_id="enable_auto_learning")
async def enable_auto_learning(
    memory: Writing, conversation_id: ConversationId, body: bodies.AutoLearningBody
) -> Changed:
    """Learn from each turn that is stored for a conversation, from now on."""
    await memory.enable_auto_learning(conversation_id, **body.given())
    return Changed(changed=True)


@routes.delete("/conversations/{conversation_id:path}/learning", operation_id="disable_auto_learning")
async def disable_auto_learning(memory: Writing, conversation_id: ConversationId) -> Changed:
    """Learn from a conversation no longer; what was learned stays."""
    return Changed(changed=await memory.disable_auto_learning(conversation_id))


@routes.get("/conversations/{conversation_id:path}", operation_id="get_conversation_context")
async def get_conversation_context(
    memory: ReadingScope,
    conversation_id: ConversationId,
    max_memories: Annotated[f.QueryLimit, Query(description="How many at most.")] = 10,
) -> MemoryList:
    """The newest memories of a conversation, short-term ones too, in the order they were said."""
    return MemoryList.of(await memory.get_conversation_context(conversation_id, max_memories))


@routes.post("/interactions", operation_id="learn_from_interaction")
async def learn_from_interaction(memory: Writing, body: bodies.InteractionBody) -> LearningResult:
    """Learn from one turn: keep the user's facts, and let feedback reach what was recalled for it."""
    given = body.given(*bodies.OWNERS)
    if body.user_feedback is not None:
        given["user_feedback"] = body.user_feedback.given()
    return await within(memory, body.owner).learn_from_interaction(**given)


@routes.post("/extract", operation_id="extract_key_information")
async def extract_key_information(memory: Reading, body: bodies.ExtractBody) -> list[ExtractedInfo]:
    """Find facts about the user in what they said. Nothing is stored."""
    return await memory.extract_key_information(**body.given())
