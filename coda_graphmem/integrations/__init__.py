"""Adapters for frameworks, each in a module of its own that needs the extra of that name.

They stand on the public calls of `coda_graphmem.MemoryManager` alone. None is imported before somebody asks for it.
"""
