"""Requests for what is known: the facts and the profile of a subject, and what people say of a memory by hand."""

from collections import Counter

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coda_graphmem.inspector.requests import body, memory_of, moment
from coda_graphmem.inspector.responses import EditedMemory, FactsPage, ShownMemory, Subject, answer, missing

#: Who changes memories here, for their history.
ACTOR = "inspector"


class Replacement(BaseModel, extra="forbid"):
    """What holds instead of a memory: a new text, or another memory."""

    content: str | None = None
    new_id: str | None = None


async def facts(request: Request) -> Response:
    """The facts of a subject, past ones included, its profile, and all subjects there are."""
    memory = memory_of(request)
    every = await memory.get_fact_history()
    counts = Counter(fact.subject_key for fact in every)
    names = {fact.subject_key: fact.subject for fact in reversed(every)}
    subjects = [Subject(key=key, name=names[key], facts=count) for key, count in counts.most_common()]
    asked = request.query_params.get("subject") or next((subject["name"] for subject in subjects), "User")
    profile = await memory.get_profile(asked, as_of=moment(request, "as_of"))
    shown = {line.fact.subject_key for line in profile.lines} or {key for key, name in names.items() if name == asked}
    return answer(
        FactsPage(
            subject=asked,
            subjects=subjects,
            facts=[fact for fact in every if fact.subject_key in shown],
            profile=profile,
        )
    )


async def supersede(request: Request) -> Response:
    """Say what holds instead of a memory; the answer is what replaces it."""
    memory, old = memory_of(request), request.path_params["memory_id"]
    given = await body(request, Replacement)
    new = await memory.supersede_memory(old, given.content, new_id=given.new_id, actor=ACTOR)
    [found] = await memory.get_memories([new])
    return answer(EditedMemory(memory=ShownMemory.of(found)))


async def retract(request: Request) -> Response:
    """Take a memory back: it never held."""
    memory, memory_id = memory_of(request), request.path_params["memory_id"]
    return await _stands(request, await memory.retract_memory(memory_id, actor=ACTOR))


async def reinstate(request: Request) -> Response:
    """Let a memory hold again."""
    memory, memory_id = memory_of(request), request.path_params["memory_id"]
    return await _stands(request, await memory.reinstate_memory(memory_id, actor=ACTOR))


async def _stands(request: Request, done: bool) -> Response:
    memory_id = request.path_params["memory_id"]
    found = await memory_of(request).get_memory(memory_id) if done else None
    return missing(memory_id) if found is None else answer(EditedMemory(memory=ShownMemory.of(found)))


ROUTES = [
    Route("/api/facts", facts),
    # An id may hold slashes.
    Route("/api/memories/{memory_id:path}/supersede", supersede, methods=["POST"]),
    Route("/api/memories/{memory_id:path}/retract", retract, methods=["POST"]),
    Route("/api/memories/{memory_id:path}/reinstate", reinstate, methods=["POST"]),
]
