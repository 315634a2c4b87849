"""What all services of one manager share."""

from collections.abc import Callable
from dataclasses import dataclass

from coda_graphmem.cache import Cache
from coda_graphmem.config import MemoryConfig
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.events.bus import EventBus
from coda_graphmem.extraction import ExtractionService
from coda_graphmem.reranking import RerankingService
from coda_graphmem.store.protocol import MemoryStore


@dataclass(frozen=True, slots=True)
class Resources:
    """Settings, store, models and clock; shared by the views of all namespaces."""

    config: MemoryConfig
    store: MemoryStore
    embedding: EmbeddingService
    extraction: ExtractionService
    reranking: RerankingService
    cache: Cache
    """What was computed and may be needed again."""
    events: EventBus
    """Hears of what was done."""
    clock: Callable[[], float]
    """Seconds since the Unix epoch, UTC."""

    async def warm_up(self) -> None:
        """Load all models now."""
        await self.warm_up_answers()
        await self.extraction.warm_up()

    async def warm_up_answers(self) -> None:
        """Load the models that answers need.

        What reads entities is left to the first memory that is stored: it takes a hundred megabytes, and would take the
        processor from the first answer, which needs none of it.
        """
        await self.embedding.warm_up()
        await self.reranking.warm_up()
