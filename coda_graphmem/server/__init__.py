"""The memory as a service for programs in any language: REST, the Model Context Protocol and the inspector in one.

Everything here stands on the public calls of `MemoryManager`. `coda_graphmem.server.gate` sees who comes and what they
may, `coda_graphmem.server.routes` answer them, and `coda_graphmem.server.process` runs all of it until it is ended.
"""
