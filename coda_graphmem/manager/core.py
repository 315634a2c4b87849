"""What all calls of a manager stand on: settings, namespace, and the services once they are open."""

from typing import Self

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError
from coda_graphmem.services import Services


class ManagerCore:
    """State of one view of a memory.

    Args:
        config: Settings.
        namespace: The tenant all calls of this view work in.
        services: What the calls are made of; the views of all namespaces share them.
    """

    def __init__(self, config: MemoryConfig, namespace: str, services: Services) -> None:
        self.config = config
        self.namespace = namespace
        """The tenant all calls of this view work in."""
        self.services = services
        """What the calls are made of: store, models, events, cache and schedule. For tests and tools: it may change
        from version to version, unlike the calls themselves."""

    @classmethod
    def _over(cls, config: MemoryConfig, namespace: str, services: Services) -> Self:
        """A view over services that are there: of this class, whatever the constructor of a subclass takes."""
        view = cls.__new__(cls)
        ManagerCore.__init__(view, config, namespace, services)
        return view

    @property
    def _open(self) -> Services:
        if not self.services.is_open:
            raise NotInitializedError(
                "the memory is not open.", remedy="Call await memory.initialize(), or use async with."
            )
        return self.services

    def _limit(self, given: int | None) -> int:
        return self.config.default_retrieval_limit if given is None else given

    def _threshold(self, given: float | None) -> float:
        return self.config.min_relevance_threshold if given is None else given
