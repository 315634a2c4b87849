"""The memory as a server of the Model Context Protocol, which assistants and editors speak.

Everything here stands on the public calls of `MemoryManager`. Tools are objects of `coda_graphmem.mcp.tool`, which
profiles put together (`coda_graphmem.mcp.profiles`); `coda_graphmem.mcp.server` makes a server of them, and
`coda_graphmem.mcp.stdio` and `coda_graphmem.mcp.http` let clients reach it.
"""
