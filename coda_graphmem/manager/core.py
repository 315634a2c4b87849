"""What all calls of a manager stand on: settings, namespace, scope, and the services once they are open."""

from collections.abc import Sequence
from typing import Any, Self

from coda_graphmem.conditions import holds
from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import NotInitializedError, ValidationError
from coda_graphmem.lifecycle import Lifecycle
from coda_graphmem.models import NOBODYS, Memory, MemoryFilter, Scope
from coda_graphmem.services import Services
from coda_graphmem.validation.checked import make_filter
from coda_graphmem.where import all_of


class ManagerCore:
    """State of one view of a memory.

    Args:
        config: Settings.
        namespace: The tenant all calls of this view work in.
        lifecycle: Opens and closes what the calls are made of; the views of all namespaces share it.
        scope: Whose memories the view writes and sees; nobody's for all of the namespace.
    """

    def __init__(self, config: MemoryConfig, namespace: str, lifecycle: Lifecycle, scope: Scope = NOBODYS) -> None:
        self.config = config
        self.namespace = namespace
        """The tenant all calls of this view work in."""
        self.scope = scope
        """Whose memories it writes and sees; ``bool(scope)`` is False for all of the namespace."""
        self.lifecycle = lifecycle
        """Where and whether the memory is open. For tests and tools, as `services`."""

    @classmethod
    def _over(cls, config: MemoryConfig, namespace: str, lifecycle: Lifecycle, scope: Scope = NOBODYS) -> Self:
        """A view of a memory that is there: of this class, whatever the constructor of a subclass takes."""
        view = cls.__new__(cls)
        ManagerCore.__init__(view, config, namespace, lifecycle, scope)
        return view

    @property
    def services(self) -> Services:
        """What the calls are made of: store, models, events, cache and schedule.

        For tests and tools: it may change from version to version, unlike the calls themselves.
        """
        return self.lifecycle.services

    @property
    def _open(self) -> Services:
        if not self.lifecycle.is_open or self.lifecycle.home.is_foreign:
            raise NotInitializedError(
                "the memory is not open.", remedy="Call await memory.initialize(), or use async with."
            )
        return self.services

    def _limit(self, given: int | None) -> int:
        return self.config.default_retrieval_limit if given is None else given

    def _threshold(self, given: float | None) -> float:
        return self.config.min_relevance_threshold if given is None else given

    # ------------------------------------------------------------------ scope

    def _filter(self, *, where: Any = None, **conditions: Any) -> MemoryFilter:
        """The filter of a call's checked arguments, of the view's own memories alone; as `make_filter`."""
        own = self.scope.condition if self.scope else None
        return make_filter(where=all_of(where, own), **conditions)

    async def _own(self, memory_ids: Sequence[str]) -> list[str]:
        """Those of the ids that are of memories of the view, in order; of a whole namespace all of them."""
        if not self.scope:
            return list(memory_ids)
        found = await self._open.resources.store.records.get(self.namespace, list(memory_ids))
        own = {memory.memory_id for memory in found if holds(self.scope.condition, memory)}
        return [memory_id for memory_id in memory_ids if memory_id in own]

    async def _owns(self, memory_id: str) -> bool:
        return bool(await self._own([memory_id]))

    async def _check_own(self, field: str, memory_id: str) -> None:
        """Refuse a memory that is none of the view's.

        Raises:
            ValidationError: There is none of this id in the scope.
        """
        if not await self._owns(memory_id):
            raise ValidationError(
                f"there is no memory {memory_id!r} in this scope.",
                field=field,
                remedy="Look for its id with retrieve_memories or list_memories.",
            )

    async def _seen(self, memories: list[Memory]) -> list[Memory]:
        """Memories of the view, without ids of memories that are none of its own."""
        if not self.scope:
            return memories
        memories = [memory for memory in memories if holds(self.scope.condition, memory)]
        named = {memory.superseded_by for memory in memories} | {memory.consolidated_into for memory in memories}
        named.update(name for memory in memories for name in memory.possibly_outdated_by)
        own = set(await self._own([name for name in named if name is not None]))
        for memory in memories:
            memory.possibly_outdated_by = [name for name in memory.possibly_outdated_by if name in own]
            if memory.superseded_by is not None and memory.superseded_by not in own:
                # For whom it is said by nobody else, it holds.
                memory.superseded_by = memory.valid_until = None
        return memories
