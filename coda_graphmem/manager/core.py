"""What all calls of a manager stand on: settings, namespace, and the services once they are open."""

from __future__ import annotations

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.services import Services
from coda_graphmem.validation import check_limit, check_optional_unit


class ManagerCore:
    """State of one view of a memory."""

    config: MemoryConfig
    namespace: str
    """The tenant all calls of this view work in."""
    _services: Services

    @property
    def _open(self) -> Services:
        if not self._services.is_open:
            raise NotInitializedError(
                "the memory is not open.", remedy="Call await memory.initialize(), or use async with."
            )
        return self._services

    def _limit(self, value: int | None) -> int:
        return self.config.default_retrieval_limit if value is None else check_limit(value)

    def _threshold(self, value: float | None) -> float:
        given = check_optional_unit(value, "min_relevance")
        return self.config.min_relevance_threshold if given is None else given
