"""The routes of REST, each in the file of its noun; `coda_graphmem.server.api` puts them together.

A route calls `MemoryManager` once. Its operation id is the name of that method where there is one, the memory it works
on comes from `coda_graphmem.server.memory`, which sees to rights and namespaces, and errors are left to
`coda_graphmem.server.problems`.
"""
