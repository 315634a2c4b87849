"""What finds the entities of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from coda_graphmem.models import EntityMention

#: Label of an entity that is a noun chunk and no name.
CONCEPT = "CONCEPT"


class Extractor(Protocol):
    """Finds entities. Implementations may be called from several threads at once."""

    def load(self) -> None:
        """Load models now, so that the first call is not the slow one."""

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        """Entities of each text, each key once a text, in order of first mention."""
