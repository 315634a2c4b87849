"""Requests for what is in the memory: its state, answers to questions, and conversations."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coda_graphmem._version import __version__
from coda_graphmem.inspector.picture import draw_part
from coda_graphmem.inspector.requests import integer, memory_of, moment
from coda_graphmem.inspector.responses import Answers, ConversationPage, DrawnGraph, ShownMemory, State, answer

#: Starts of paths that are shown though they are no results, for each result.
_PATHS = 3

#: Memories of a conversation that are shown: the first ones.
_TURNS = 2_000


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


async def ask(request: Request) -> Response:
    """The ranked answers to a question with their explanations, and the part of the graph that led to them.

    Looking is no recall: it makes no memory stronger.
    """
    memory = memory_of(request)
    found = await memory.retrieve_memories(
        request.query_params.get("q", ""),
        limit=integer(request, "limit", 10),
        min_relevance=0.0,
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
        linked = await memory.get_graph(memory_ids=wanted, max_depth=0, max_memories=len(wanted))
        part = draw_part(memory, linked)
    return answer(Answers(results=[ShownMemory.of(item) for item in found], graph=part))


async def conversation(request: Request) -> Response:
    """The live memories of a conversation in the order in which they happened."""
    memory = memory_of(request)
    name = request.query_params.get("id", "")
    found = await memory.list_memories(limit=_TURNS, order="oldest", conversation_id=name)
    total = await memory.count(conversation_id=name) if len(found) == _TURNS else len(found)
    shown = [ShownMemory.of(item) for item in found]
    return answer(ConversationPage(memories=shown, left_out=total - len(found)))


ROUTES = [Route("/api/state", state), Route("/api/ask", ask), Route("/api/conversation", conversation)]
