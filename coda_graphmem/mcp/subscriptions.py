"""The graph of the reference profile as a resource, and who is told when it changes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    EmptyResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    SubscribeRequestParams,
    TextResourceContents,
    UnsubscribeRequestParams,
)

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.mcp.knowledge import KnowledgeGraph
from coda_graphmem.mcp.reference import RESOURCE, written
from coda_graphmem.mcp.tool import Tool

if TYPE_CHECKING:
    from mcp.server import ServerRequestContext
    from mcp.server.session import ServerSession

    from coda_graphmem.manager import MemoryManager

    Context = ServerRequestContext[Any, Any]

logger = logging.getLogger(__name__)

_JSON = "application/json"
CallTool = Callable[["Context", CallToolRequestParams], Awaitable[CallToolResult]]


class SharedGraph:
    """Shows the graph to clients, and tells those who asked when this server changed it.

    Args:
        open_memory: Gives the memory, open.
    """

    def __init__(self, open_memory: Callable[[], Awaitable[MemoryManager]]) -> None:
        self._open = open_memory
        self._graph = KnowledgeGraph()
        self._bus = InMemorySubscriptionBus()
        self._listening: dict[str | None, ServerSession] = {}
        """By connection, of clients that subscribe by the protocols up to 2025."""

    def handlers(self) -> dict[str, Any]:
        """What a server answers about resources with."""
        return {
            "on_list_resources": self._list,
            "on_list_resource_templates": self._list_templates,
            "on_read_resource": self._read,
            "on_subscribe_resource": self._subscribe,
            "on_unsubscribe_resource": self._unsubscribe,
            "on_subscriptions_listen": ListenHandler(self._bus),
        }

    def telling(self, call_tool: CallTool, tools: Mapping[str, Tool[Any]]) -> CallTool:
        """The same calls, after which those who listen hear of what was changed."""

        async def call(context: Context, asked: CallToolRequestParams) -> CallToolResult:
            result = await call_tool(context, asked)
            if not result.is_error and not tools[asked.name].effect.reads_only:
                await self._tell()
            return result

        return call

    async def _tell(self) -> None:
        await self._bus.publish(ResourceUpdated(uri=RESOURCE))
        for key, session in list(self._listening.items()):
            try:
                await session.send_resource_updated(RESOURCE)
            except Exception as error:  # whatever a connection that is gone raises
                logger.debug("A client that subscribed is gone (%s).", type(error).__name__)
                self._listening.pop(key, None)

    async def _list(self, _: Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
        return ListResourcesResult(
            resources=[
                Resource(
                    uri=RESOURCE,
                    name="knowledge-graph",
                    title="Knowledge Graph",
                    description="All entities and relations.",
                    mime_type=_JSON,
                )
            ]
        )

    async def _list_templates(self, _: Context, __: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=[])

    async def _read(self, _: Context, asked: ReadResourceRequestParams) -> ReadResourceResult:
        uri = str(asked.uri)
        if uri != RESOURCE:
            raise MCPError(INVALID_PARAMS, "There is no such resource.", {"uri": uri})
        try:
            text = written(await self._graph.read(await self._open()))
        except GraphMemoryError as error:
            raise MCPError(INTERNAL_ERROR, str(error), {"uri": uri}) from None
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type=_JSON)])

    async def _subscribe(self, context: Context, asked: SubscribeRequestParams) -> EmptyResult:
        if str(asked.uri) != RESOURCE:
            raise MCPError(INVALID_PARAMS, "There is no such resource.", {"uri": str(asked.uri)})
        self._listening[_connection(context)] = context.session
        return EmptyResult()

    async def _unsubscribe(self, context: Context, asked: UnsubscribeRequestParams) -> EmptyResult:
        if str(asked.uri) == RESOURCE:
            self._listening.pop(_connection(context), None)
        return EmptyResult()


def _connection(context: Context) -> str | None:
    """What tells one connection from another: over HTTP its session, over standard streams there is only one."""
    return None if context.request is None else context.request.headers.get("mcp-session-id")
