"""The server of the Model Context Protocol against what others wrote.

That is the protocol's conformance suite, its reference memory server, and clients; `tests_outside.ecosystems.mcp` puts
them together.
"""
