"""What the API answers with. ``inspector/src/types.ts`` is generated from these types; see `ANSWERS`."""

import json
import logging
from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from pydantic import BaseModel, Field
from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import Response

from coda_graphmem.errors import GraphMemoryError, MemoryConsolidationError, StoreUnavailableError, ValidationError
from coda_graphmem.models import (
    ConsolidationResult,
    Fact,
    JobRun,
    JobStatus,
    Memory,
    MemoryHealth,
    MemoryStats,
    MemoryVersion,
    MergeResult,
    PairVerdict,
    Profile,
    UnarchiveResult,
    UndoResult,
)

logger = logging.getLogger(__name__)


class ShownMemory(Memory):
    """A memory without its vector."""

    embedding: list[float] | None = Field(default=None, exclude=True)

    @classmethod
    def of(cls, memory: Memory) -> "ShownMemory":
        """A memory as the page gets it."""
        return cls.model_construct(**dict(memory))


class DrawnNode(TypedDict):
    """A node of the graph."""

    id: str
    kind: Literal["memory", "entity", "conversation"]
    label: str
    type: NotRequired[str]
    """Of a memory its type, of an entity its label."""
    time: NotRequired[float]
    """When a memory happened (seconds, UTC)."""
    importance: NotRequired[float]
    """Of a memory, in [0, 1]."""
    archived: NotRequired[bool]
    conversation: NotRequired[str]
    speaker: NotRequired[str]
    since: NotRequired[float]
    """Since when a memory fades (seconds, UTC)."""
    until: NotRequired[float]
    """From when nothing of what a memory says holds any more (seconds, UTC)."""
    loss: NotRequired[float]
    """How fast a memory fades: after d days, (1 + loss · d / exponent) to the power of -exponent is left."""
    mentions: NotRequired[int]
    """How many live memories mention an entity."""
    lone: NotRequired[bool]
    """Of what is there a single memory mentions the entity: it shows as soon as another does."""
    x: NotRequired[float]
    y: NotRequired[float]


class DrawnGraph(TypedDict):
    """A graph, or a part of one."""

    namespace: str
    nodes: list[DrawnNode]
    edges: list[tuple[int, int, str]]
    """Index of the source among the nodes, index of the target, kind."""
    left_out: int
    """Older memories that no page brought so far."""
    sparse: NotRequired[bool]
    """Whether entities that only one memory of all mentions are left out."""
    exponent: NotRequired[float]
    """See `DrawnNode.loss`."""


class State(TypedDict):
    """What there is to look at, and what may be done."""

    version: str
    store: str
    namespace: str
    namespaces: list[str]
    read_only: bool
    semantic_search: bool
    stats: MemoryStats


class Choices(TypedDict):
    """What quick filters offer."""

    tags: dict[str, int]
    """How many memories are filed under each tag, the most used first."""
    user_id: list[str]
    """Whose memories there are, among the newest; as with the next two, of the most memories first."""
    agent_id: list[str]
    session_id: list[str]


class Answers(TypedDict):
    """The answers to a question, the best first, and the part of the graph that led to them."""

    results: list[ShownMemory]
    graph: DrawnGraph


class ConversationPage(TypedDict):
    """The live memories of a conversation in the order in which they happened."""

    memories: list[ShownMemory]
    left_out: int


class EntityPage(TypedDict):
    """An entity with the newest of its memories."""

    node: DrawnNode
    in_all: int
    memories: list[DrawnNode]
    graph: DrawnGraph


class LinkedMemory(TypedDict):
    """A memory at the other end of a link."""

    kind: Literal["SIMILAR_TO", "POSSIBLY_OUTDATED_BY"]
    outgoing: bool
    score: float
    guard: str | None
    reason: str | None
    memory: ShownMemory


class Merge(TypedDict):
    """Memories that became one, as far as they are still kept."""

    run_id: str
    merged_at: float
    merged_id: str
    originals: list[ShownMemory]
    merged: ShownMemory | None


class MemoryPage(TypedDict):
    """A memory with its links and merges, and the memories at their other ends."""

    memory: ShownMemory
    links: list[LinkedMemory]
    merged_from: list[Merge]
    merged_into: list[Merge]
    undo: str | None
    """The run whose undoing brings an original of a merge back."""
    successor: ShownMemory | None
    """What says what holds instead of it."""
    replaced: list[ShownMemory]
    """Memories that it stands in the place of by hand or by what it says."""
    versions: list[MemoryVersion]
    """How it was from one change to the next, the first one first."""
    facts: list[Fact]
    """What it says, alone or with others."""


class Subject(TypedDict):
    """Somebody or something that facts are about."""

    key: str
    name: str
    facts: int


class FactsPage(TypedDict):
    """What is and was known of a subject."""

    subject: str
    subjects: list[Subject]
    """All there are, the most facts first."""
    facts: list[Fact]
    """Those of the subject, past ones included, by attribute and time."""
    profile: Profile


class EditedMemory(TypedDict):
    """A memory after a change."""

    memory: ShownMemory


class Deletion(TypedDict):
    """That a memory was removed for good."""

    deleted: bool


class Review(ConsolidationResult):
    """What a consolidation did or would do, with the memories that it names."""

    refused: list[PairVerdict]
    """The most alike of the pairs that are kept apart."""
    refused_in_all: int
    memories: dict[str, ShownMemory]


class MergeDecision(TypedDict):
    """How many pairs were refused, or allowed again."""

    pairs: int


class Jobs(TypedDict):
    """Jobs of the schedule and what ran."""

    jobs: list[JobStatus]
    runs: list[JobRun]


class LiveUpdate(TypedDict, total=False):
    """What happened in the namespace since the last update."""

    ready: bool
    """The connection was made: what happens from now on is sent."""
    reload: bool
    """More was changed than is sent: the page loads the graph again."""
    changed: list[str]
    """Ids of memories that are new or changed."""
    new: list[str]
    """Those of them that are new."""
    gone: list[str]
    """Ids of memories that are live no more."""
    recalls: int
    """How many questions were answered."""
    recalled: list[str]
    """Ids of memories that were recalled."""
    graph: DrawnGraph
    """What was changed or recalled."""
    error: str


class Problem(TypedDict):
    """Why a request failed."""

    error: str
    field: NotRequired[str | None]
    remedy: NotRequired[str | None]


#: All that the page gets.
ANSWERS: tuple[type, ...] = (
    State,
    Choices,
    DrawnGraph,
    Answers,
    ConversationPage,
    EntityPage,
    MemoryPage,
    FactsPage,
    EditedMemory,
    Deletion,
    UnarchiveResult,
    Review,
    MergeResult,
    MergeDecision,
    UndoResult,
    Jobs,
    MemoryHealth,
    LiveUpdate,
    Problem,
)

#: One of these; typed dictionaries are mappings.
Answer = Mapping[str, object] | BaseModel | list[JobRun] | None


def answer(value: Answer, status: int = 200) -> Response:
    """An answer as JSON."""
    return Response(encoded(value), status, media_type="application/json")


def encoded(value: Answer) -> str:
    """What the page gets, as JSON."""
    # Graphs are large and plain as they are: only models are converted.
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=to_jsonable_python)


def missing(memory_id: str) -> Response:
    """The answer where there is no such memory."""
    return answer(Problem(error=f"There is no memory {memory_id} any more."), 404)


async def failed(_: Request, error: Exception) -> Response:
    """An error as JSON: what is wrong, which argument it is about, and what helps."""
    if not isinstance(error, GraphMemoryError):
        # Only the kind: the text of a foreign error may hold content.
        logger.error("The inspector failed (%s).", type(error).__name__, exc_info=error)
        return answer(Problem(error=f"Something failed unexpectedly ({type(error).__name__})."), 500)
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return answer(Problem(error=error.message, field=error.field, remedy=error.remedy), status)


async def gone(_: Request, __: Exception) -> Response:
    """The answer to somebody who went away in the middle of a request: nobody reads it, and nothing is wrong."""
    return Response(status_code=400)


#: Statuses of errors, of which the first that fits counts. What cannot be merged or undone as things are is a conflict.
_STATUS: dict[type[GraphMemoryError], int] = {
    ValidationError: 422,
    StoreUnavailableError: 503,
    MemoryConsolidationError: 409,
}
