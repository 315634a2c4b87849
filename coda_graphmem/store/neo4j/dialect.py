"""What the connected server can do: the one place where versions of Neo4j differ."""

import re
from dataclasses import dataclass

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.store.neo4j.connection import Connection

_OLDEST = (5, 26)
#: The first version whose vector index filters by itself (``SEARCH … WHERE``).
_FILTERED_SEARCH = (2026, 2)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Version and edition of a server."""

    version: str
    edition: str
    filters_in_index: bool
    """Whether a vector search can be confined to a namespace inside the index. Where it cannot, the nearest of
    the whole store are fetched and filtered, and an exact search takes over where too few are left."""

    def vector_index(self, vector_property: str) -> str:
        """Name of the schema statement that makes the index over a property."""
        return f"vector_{vector_property}_filtered" if self.filters_in_index else f"vector_{vector_property}"

    def vector_search(self, vector_property: str) -> str:
        """Name of the statement that searches the index over a property."""
        return f"search_vector_{vector_property}_filtered" if self.filters_in_index else "search_vector_index"

    def nearest(self, vector_property: str) -> str:
        """Name of the statement that finds the neighbours of memories by the index over a property."""
        return f"nearest_{vector_property}_filtered" if self.filters_in_index else "nearest_index"


async def detect(connection: Connection) -> Dialect:
    """Ask the server what it is.

    Raises:
        VectorStoreError: It is older than 5.26.
    """
    [row] = await connection.read("server_version")
    numbers = tuple(int(number) for number in re.findall(r"\d+", row["version"])[:2])
    if numbers < _OLDEST:
        raise VectorStoreError(
            f"{connection.config.uri} runs Neo4j {row['version']}.",
            field="neo4j.uri",
            remedy="Upgrade it to 5.26 or later.",
        )
    return Dialect(row["version"], row["edition"], numbers >= _FILTERED_SEARCH)
