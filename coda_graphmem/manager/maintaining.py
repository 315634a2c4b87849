"""Calls that look after the store."""

from __future__ import annotations

from collections.abc import Callable

from coda_graphmem.boundary import operation
from coda_graphmem.errors import EmbeddingError, ValidationError
from coda_graphmem.maintenance.reembed import reembed
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.models import ReembedResult


class Maintaining(ManagerCore):
    """Looks after the store."""

    @operation(EmbeddingError)
    async def reembed(self, *, progress: Callable[[int, int], None] | None = None) -> ReembedResult:
        """Give all memories of the store, of every namespace, vectors of the configured model.

        It may be called before `initialize`, which refuses a store of another model. It works in
        batches; an interrupted call is continued by the next one. Until it ends, others search with
        the old vectors.

        Args:
            progress: Called with (done, total) after each batch.

        Raises:
            ValidationError: Semantic search is switched off.
        """
        if not self.config.enable_semantic_search:
            raise ValidationError(
                "is off, so there is no model to embed with.",
                field="enable_semantic_search",
                remedy="Set it to True.",
            )
        await self._services.open(check_model=False)
        return await reembed(
            self._services.resources.store,
            self._services.resources.embedding,
            batch_size=self.config.vector_store.max_batch_size,
            progress=progress,
        )
