"""The memory that a route works on: open, in the namespace of the request, for a caller who may do what it does."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from fastapi import Depends, Query, Request

from coda_graphmem.server import fields as f
from coda_graphmem.server.keys import Right
from coda_graphmem.server.state import caller_of, state_of

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

    #: Each is a `MemoryManager`, opened in the background: the class is loaded with it.
    Reading: TypeAlias = MemoryManager
    Writing: TypeAlias = MemoryManager
    Administering: TypeAlias = MemoryManager
    ReadingScope: TypeAlias = MemoryManager
    WritingScope: TypeAlias = MemoryManager

NamespaceName = Annotated[
    f.Namespace | None,
    Query(description="The namespace that it is about; if left out, the only one of the key, else that of the server."),
]
UserId = Annotated[f.Id | None, Query(description="Only memories of this user.")]
AgentId = Annotated[f.Id | None, Query(description="Only memories of this assistant.")]
SessionId = Annotated[f.Id | None, Query(description="Only memories of this session.")]


def _whole(right: Right) -> Callable[..., Awaitable[Any]]:
    async def opened(request: Request, namespace: NamespaceName = None) -> Any:
        return await state_of(request).memory_for(caller_of(request), namespace, right)

    return opened


def _scope(right: Right) -> Callable[..., Awaitable[Any]]:
    async def opened(
        request: Request,
        namespace: NamespaceName = None,
        user_id: UserId = None,
        agent_id: AgentId = None,
        session_id: SessionId = None,
    ) -> Any:
        memory = await state_of(request).memory_for(caller_of(request), namespace, right)
        given = {"user_id": user_id, "agent_id": agent_id, "session_id": session_id}
        return within(memory, {name: value for name, value in given.items() if value is not None})

    return opened


def within(memory: "MemoryManager", owner: dict[str, str]) -> "MemoryManager":
    """The part of a memory that belongs to somebody; all of it for nobody."""
    return memory.scoped(**owner) if owner else memory


if not TYPE_CHECKING:
    # The whole of a namespace, for who may read, write or administer it.
    Reading = Annotated[Any, Depends(_whole("read"))]
    Writing = Annotated[Any, Depends(_whole("write"))]
    Administering = Annotated[Any, Depends(_whole("administer"))]
    # What belongs to the owner that the address names, if it names one.
    ReadingScope = Annotated[Any, Depends(_scope("read"))]
    WritingScope = Annotated[Any, Depends(_scope("write"))]
