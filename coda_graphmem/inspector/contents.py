"""Requests for what is in the memory: its state, answers to questions, and conversations."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coda_graphmem._version import __version__
from coda_graphmem.inspector.picture import draw_part
from coda_graphmem.inspector.requests import conditions, integer, memory_of, moment
from coda_graphmem.inspector.responses import Answers, Choices, ConversationPage, DrawnGraph, ShownMemory, State, answer

#: Starts of paths that are shown though they are no results, for each result.
_PATHS = 3

#: Memories of a conversation that are shown: the first ones.
_TURNS = 2_000

_OWNERS = ("user_id", "agent_id", "session_id")

_HAS_OWNER: Mapping[str, Any] = {"$or": [{field: {"$exists": True}} for field in _OWNERS]}

#: Memories with an owner that are looked through for their owners: the newest ones.
_OWNED = 1_000

#: Owners of a kind that are offered, those of the most memories first.
_NAMED = 100


async def state(request: Request) -> Response:
    """What there is to look at, and what may be done."""
    memory = memory_of(request)
    stats = await memory.get_memory_stats()
    return answer(
        State(
            version=__version__,
            store=memory.config.vector_store_type,
            namespace=memory.namespace,
            namespaces=sorted({*await memory.list_namespaces(), memory.namespace}),
            read_only=request.app.state.access.read_only,
            semantic_search=memory.config.enable_semantic_search,
            stats=stats,
        )
    )


async def choices(request: Request) -> Response:
    """What quick filters offer: the tags and the owners there are."""
    memory = memory_of(request)
    stats = await memory.get_memory_stats()
    owned = await memory.list_memories(limit=_OWNED, where=_HAS_OWNER)

    def names(field: str) -> list[str]:
        found = Counter(name for item in owned if (name := getattr(item, field)) is not None)
        return [name for name, _ in found.most_common(_NAMED)]

    return answer(
        Choices(tags=stats.tags, user_id=names("user_id"), agent_id=names("agent_id"), session_id=names("session_id"))
    )


async def ask(request: Request) -> Response:
    """The ranked answers to a question with their explanations, and the part of the graph that led to them.

    Looking is no recall: it makes no memory stronger.
    """
    memory, where = memory_of(request), conditions(request)
    found = await memory.retrieve_memories(
        request.query_params.get("q", ""),
        limit=integer(request, "limit", 10),
        min_relevance=0.0,
        where=where,
        as_of=moment(request, "as_of"),
        explain=True,
        count_recall=False,
    )
    # Where the shown paths of results start comes along.
    paths = [path for item in found if item.explanation for path in item.explanation.paths[:_PATHS]]
    seeds = [path.seed_id for path in paths if path.seed_id is not None]
    wanted = list(dict.fromkeys([item.memory_id for item in found] + seeds))
    part = DrawnGraph(nodes=[], edges=[], left_out=0, namespace=memory.namespace)
    if wanted:
        linked = await memory.get_graph(memory_ids=wanted, max_depth=0, max_memories=len(wanted), where=where)
        part = draw_part(memory, linked)
    return answer(Answers(results=[ShownMemory.of(item) for item in found], graph=part))


async def conversation(request: Request) -> Response:
    """The live memories of a conversation in the order in which they happened."""
    memory = memory_of(request)
    name, where = request.query_params.get("id", ""), conditions(request)
    found = await memory.list_memories(limit=_TURNS, order="oldest", conversation_id=name, where=where)
    total = await memory.count(conversation_id=name, where=where) if len(found) == _TURNS else len(found)
    shown = [ShownMemory.of(item) for item in found]
    return answer(ConversationPage(memories=shown, left_out=total - len(found)))


ROUTES = [
    Route("/api/state", state),
    Route("/api/choices", choices),
    Route("/api/ask", ask),
    Route("/api/conversation", conversation),
]
