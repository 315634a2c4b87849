"""What a connection string means, by which LangGraph's stores are opened."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from coda_graphmem.config import MemoryConfig, Neo4jConfig
from coda_graphmem.errors import ValidationError

_NEO4J = re.compile(r"(neo4j|bolt)(\+s|\+ssc)?://", re.IGNORECASE)
_OTHER = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def config_of(conn_string: str, namespace: str | None) -> MemoryConfig:
    """The configuration that a text means.

    Args:
        conn_string: A folder for the embedded file, or ``neo4j://user:password@host:port/database``; what is left out
            of an address comes from ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE``.
        namespace: Of the memory; None for the configured one.

    Raises:
        ValidationError: It is no address that can be opened; the text is not repeated, as it may hold a password.
    """
    if not isinstance(conn_string, str) or not conn_string:
        raise ValidationError("is no text.", field="conn_string", remedy="Pass a folder, or an address of Neo4j.")
    own: dict[str, Any] = {} if namespace is None else {"namespace": namespace}
    if _NEO4J.match(conn_string):
        return MemoryConfig(vector_store_type="neo4j", neo4j=_server(conn_string), **own)
    if conn_string == ":memory:" or _OTHER.match(conn_string):
        raise ValidationError(
            "is neither a folder nor an address of Neo4j.",
            field="conn_string",
            remedy="Pass a folder such as data/memory, or an address that begins with neo4j:// or bolt://.",
        )
    return MemoryConfig(vector_store={"persist_directory": Path(conn_string)}, **own)


def _server(address: str) -> Neo4jConfig:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    given: dict[str, Any] = {
        "username": None if parts.username is None else unquote(parts.username),
        "password": None if parts.password is None else unquote(parts.password),
        "database": parts.path.strip("/") or None,
    }
    uri = urlunsplit((parts.scheme, host, "", parts.query, ""))
    return Neo4jConfig(uri=uri, **{name: value for name, value in given.items() if value is not None})
