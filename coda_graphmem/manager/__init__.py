"""`MemoryManager`: the one object a program talks to.

Every method checks its arguments, calls one service and lets only errors of this package through.
The methods stand beside this file, by what they are for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from coda_graphmem.boundary import operation, plain_operation
from coda_graphmem.config import MemoryConfig
from coda_graphmem.embedding.embedder import Embedder
from coda_graphmem.errors import EmbeddingError, ValidationError, VectorStoreError
from coda_graphmem.extraction import Extractor
from coda_graphmem.home import Home
from coda_graphmem.lifecycle import Lifecycle
from coda_graphmem.manager.consolidation import Consolidation
from coda_graphmem.manager.context import Contexts
from coda_graphmem.manager.conversations import Conversations
from coda_graphmem.manager.events import Events
from coda_graphmem.manager.facts import Facts
from coda_graphmem.manager.items import Items
from coda_graphmem.manager.learning import Learning
from coda_graphmem.manager.maintenance import Maintenance
from coda_graphmem.manager.memories import Memories
from coda_graphmem.manager.search import Search
from coda_graphmem.manager.transfer import Transfer
from coda_graphmem.memories.draft import owner_within
from coda_graphmem.models import Scope
from coda_graphmem.reranking import Reranker
from coda_graphmem.services import Services
from coda_graphmem.validation.types import Id, Namespace

__all__ = ["MemoryManager"]


class MemoryManager(
    Memories, Search, Contexts, Facts, Conversations, Learning, Items, Consolidation, Maintenance, Transfer, Events
):
    """Remembers, recalls and forgets, for one namespace of one store.

    Args:
        config: Settings; None for the defaults and the environment.
        embedder: Turns texts into vectors instead of the configured model.
        extractor: Finds entities instead of spaCy.
        reranker: Scores the best candidates of a search beside the query, instead of the configured model if there is
            one (`coda_graphmem.reranking.Reranker`).
        clock: Seconds since the Unix epoch, UTC; for tests and replays.

    Example:
        ```python
        async with MemoryManager(MemoryConfig()) as memory:
            await memory.store_memory("User prefers morning meetings", MemoryType.PREFERENCE)
            found = await memory.retrieve_memories("schedule a meeting", limit=5)
        ```

    All methods but the constructor raise `NotInitializedError` outside ``initialize()`` … ``cleanup()``,
    `ValidationError` for arguments that are not acceptable, and `VectorStoreError` where the store
    cannot be reached or is damaged.
    """

    def __init__(
        self,
        config: MemoryConfig | None = None,
        *,
        embedder: Embedder | None = None,
        extractor: Extractor | None = None,
        reranker: Reranker | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        config = config if config is not None else MemoryConfig()
        _check_parts(config, embedder, extractor, reranker, clock)

        def make(home: Home) -> Services:
            return Services.assemble(config, embedder, extractor, reranker, clock=clock, home=home)

        super().__init__(config, config.namespace, Lifecycle(make))

    @operation(VectorStoreError, opens=True, scoped=True)
    async def initialize(self, *, warm_up: bool = True, maintain: bool = True) -> None:
        """Open the store and, in the background, load the models of answers and later run due jobs.

        Calling it again does nothing. What reads entities is loaded with the first memory that is stored; `warm_up`
        loads it as well.

        Args:
            warm_up: False leaves these models too to the first call that needs them.
            maintain: False leaves the jobs to others, whatever ``maintenance.enabled`` says.

        Raises:
            VectorStoreError: The store cannot be opened.
            EmbeddingMismatchError: The store holds vectors of another model; `reembed` changes that.
        """
        await self.lifecycle.open()
        if warm_up:
            self.lifecycle.start_warm_up()
        if maintain:
            self.lifecycle.start_maintenance()

    @operation(EmbeddingError, scoped=True)
    async def warm_up(self) -> None:
        """Load the models now, so that no later call is the slow one."""
        await self._open.resources.warm_up()

    async def cleanup(self) -> None:
        """Finish writes and free everything, for the views of all namespaces. May be called again.

        It ends within ten seconds, whatever store, models and receivers of events do; what was left undone is logged.
        """
        await self.lifecycle.close()

    async def __aenter__(self) -> Self:
        await self.initialize()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.cleanup()

    @plain_operation
    def for_namespace(self, namespace: Namespace) -> MemoryManager:
        """A view of another tenant that shares store, models and caches with this one.

        Args:
            namespace: Name of the tenant, 1 to 200 characters.
        """
        return self._over(self.config, namespace, self.lifecycle, self.scope)

    @plain_operation
    def scoped(
        self, *, user_id: Id | None = None, agent_id: Id | None = None, session_id: Id | None = None
    ) -> MemoryManager:
        """A view of the memories of a user, an assistant or a session inside this namespace.

        What it stores carries the ids, and all its calls see and change memories that carry them and no others; facts
        and profile are made of these alone. A namespace is the wall between tenants, a scope a place in it: the manager
        it was made from sees all scopes, and calls about the whole namespace (maintenance, consolidation, statistics,
        export, events) are its own.

        Args:
            user_id: Whose.
            agent_id: Of which assistant.
            session_id: Of which session. At least one of the three, on top of those of this view.

        Raises:
            ValidationError: None is given, or another one than this view is bound to.
        """
        given = Scope(user_id=user_id, agent_id=agent_id, session_id=session_id)
        if not given:
            raise ValidationError("names nobody.", field="user_id", remedy="Give user_id, agent_id or session_id.")
        owner = owner_within(self.scope, **dict(given))
        bound = Scope(**{**self.scope.ids, **owner.ids})
        return self._over(self.config, self.namespace, self.lifecycle, bound)

    def __repr__(self) -> str:
        scope = "".join(f", {name}={value!r}" for name, value in self.scope.ids.items())
        return f"{type(self).__name__}(namespace={self.namespace!r}{scope}, store={self.config.vector_store_type!r})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the settings that matter, without looking into the store."""
        from coda_graphmem.graphs.notebook import render_summary

        embedded = self.config.vector_store_type != "neo4j"
        rows = {
            "namespace": self.namespace,
            "store": self.config.vector_store_type,
            "where": self.config.vector_store.persist_directory if embedded else self.config.neo4j.uri,
            "embedding model": self.config.embedding_model if self.config.enable_semantic_search else "none",
            "state": "open" if self.lifecycle.is_open else "closed",
        }
        return render_summary(type(self).__name__, rows)


def _check_parts(config: object, embedder: object, extractor: object, reranker: object, clock: object) -> None:
    """Refuse what would fail at some later call.

    Raises:
        ValidationError: An argument of the constructor is of another kind.
    """
    for field, fits, what, remedy in (
        ("config", isinstance(config, MemoryConfig), config, "Pass a MemoryConfig."),
        ("embedder", embedder is None or callable(getattr(embedder, "embed", None)), embedder, "Pass an Embedder."),
        ("extractor", extractor is None or callable(getattr(extractor, "extract", None)), extractor,
         "Pass an Extractor."),
        ("reranker", reranker is None or callable(getattr(reranker, "score", None)), reranker,
         "Pass a Reranker; a model is named by MemoryConfig(reranker=…)."),
        ("clock", callable(clock), clock, "Pass a function such as time.time."),
    ):  # fmt: skip
        if not fits:
            raise ValidationError(f"{type(what).__name__} will not do.", field=field, remedy=remedy)
