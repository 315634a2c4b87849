"""Makes a server of a profile's tools, resources and prompts, over one namespace of a memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    ServerCapabilities,
    TextResourceContents,
)

from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.mcp.identity import NAME, TITLE, VERSION, Profile, instructions
from coda_graphmem.mcp.profiles import tools_of
from coda_graphmem.mcp.prompts import PROMPTS
from coda_graphmem.mcp.remedies import in_terms_of_tools
from coda_graphmem.mcp.resources import RESOURCES, TEMPLATES, read
from coda_graphmem.mcp.subscriptions import SharedGraph
from coda_graphmem.mcp.tool import Tool, failure

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

Context = ServerRequestContext[Any, Any]


def make_server(
    open_memory: Callable[[], Awaitable[MemoryManager]],
    namespace: str,
    profile: Profile,
    *,
    refusal: Callable[[Tool[Any]], str | None] = lambda _: None,
    shows_resources: bool = True,
) -> Server[Any]:
    """A server that is ready to be run.

    Args:
        open_memory: Gives the memory, open; asked when a call needs it. Its namespace is that of all answers.
        namespace: The name of that namespace, which the instructions say.
        profile: Which tools it has.
        refusal: Says why its clients may not call a tool, which they are not told of then; None where they may.
        shows_resources: Whether its clients may read resources and prompts.
    """
    tools = {tool.name: tool for tool in tools_of(profile)}
    refused = {name: why for name, tool in tools.items() if (why := refusal(tool)) is not None}
    declared = [tool.declaration() for name, tool in tools.items() if name not in refused]

    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=declared)

    async def call_tool(_: Context, asked: CallToolRequestParams) -> CallToolResult:
        tool = tools.get(asked.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {asked.name[:100]!r}. Use one of {', '.join(tools)}.")
        if asked.name in refused:
            return failure(refused[asked.name])
        return await tool.call(open_memory, asked.arguments or {})

    async def list_resources(_: Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
        return ListResourcesResult(resources=list(RESOURCES))

    async def list_templates(_: Context, __: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=list(TEMPLATES))

    async def read_resource(_: Context, asked: ReadResourceRequestParams) -> ReadResourceResult:
        uri = str(asked.uri)
        try:
            text = await read(uri, open_memory)
        except GraphMemoryError as error:
            raise MCPError(INTERNAL_ERROR, in_terms_of_tools(error), {"uri": uri}) from None
        if text is None:
            raise MCPError(INVALID_PARAMS, "There is no such resource.", {"uri": uri})
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type="text/plain")])

    async def list_prompts(_: Context, __: PaginatedRequestParams | None) -> ListPromptsResult:
        return ListPromptsResult(prompts=[prompt.declaration for prompt in PROMPTS.values()])

    async def get_prompt(_: Context, asked: GetPromptRequestParams) -> GetPromptResult:
        prompt = PROMPTS.get(asked.name)
        if prompt is None:
            raise MCPError(INVALID_PARAMS, f"There is no prompt {asked.name[:100]!r}. Use one of {', '.join(PROMPTS)}.")
        try:
            return await prompt.make(open_memory, asked.arguments or {})
        except GraphMemoryError as error:
            raise MCPError(INVALID_PARAMS, in_terms_of_tools(error)) from None

    handlers: dict[str, Any] = {"on_list_tools": list_tools, "on_call_tool": call_tool}
    if profile == "reference":
        shared = SharedGraph(open_memory)
        handlers |= (shared.handlers() if shows_resources else {}) | {"on_call_tool": shared.telling(call_tool, tools)}
    elif shows_resources and profile in ("default", "extended"):
        handlers |= {
            "on_list_resources": list_resources,
            "on_list_resource_templates": list_templates,
            "on_read_resource": read_resource,
            "on_list_prompts": list_prompts,
            "on_get_prompt": get_prompt,
        }
    return _SteadyServer(NAME, title=TITLE, version=VERSION, instructions=instructions(profile, namespace), **handlers)


class _SteadyServer(Server[Any]):
    """A server whose lists never change, which the library assumes of none that clients may listen to."""

    def get_capabilities(self, *args: Any, **kwargs: Any) -> ServerCapabilities:
        """What it can do, without word of changes to its lists."""
        able = super().get_capabilities(*args, **kwargs)
        steady = {"list_changed": False}
        return able.model_copy(
            update={
                name: offered.model_copy(update=steady)
                for name in ("tools", "resources", "prompts")
                if (offered := getattr(able, name)) is not None
            }
        )
