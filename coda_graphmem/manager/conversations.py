"""Calls about conversations: their short-term memories and their context, and hearing those of other programs."""

from functools import partial

from coda_graphmem.boundary import operation
from coda_graphmem.conversation.link import ConversationLink
from coda_graphmem.errors import GraphMemoryError, MemoryRetrievalError, MemoryStorageError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.memories.draft import make_draft
from coda_graphmem.models import Memory, MemoryType
from coda_graphmem.validation.types import Content, Id, Kind, Limit, Metadata, Minutes, QueueSize, Tags, Unit


class Conversations(ManagerCore):
    """Keeps short-term memories, and hears the conversations of other programs."""

    @operation(MemoryStorageError, scoped=True)
    async def store_short_term_memory(
        self,
        content: Content,
        conversation_id: Id,
        ttl_minutes: Minutes = 30,
        metadata: Metadata | None = None,
        importance_score: Unit | None = None,
        *,
        memory_type: Kind = MemoryType.CONTEXTUAL,
        tags: Tags | None = None,
    ) -> str:
        """Keep a memory of a conversation for some minutes.

        It is part of `get_conversation_context` until its time is over, and never of long-term search.

        Args:
            content: What to remember, 1 to 1,000,000 characters.
            conversation_id: The conversation it belongs to.
            ttl_minutes: How long, in minutes, above 0.
            metadata: Anything JSON can hold.
            importance_score: In [0, 1]; None for what `explain_importance` explains.
            memory_type: What kind of knowledge it is.
            tags: What to file it under, as in `store_memory`.

        Returns:
            The id of the memory.
        """
        draft = make_draft(
            content,
            memory_type,
            now=self._open.resources.clock(),
            within=self.scope,
            metadata=metadata,
            importance_score=importance_score,
            tags=tags,
        )
        return await self._open.conversations.store(self.namespace, draft, conversation_id, 60 * ttl_minutes)

    @operation(MemoryStorageError, scoped=True)
    async def promote_memory(self, memory_id: Id) -> bool:
        """Keep a short-term memory for good: searches find it from now on.

        Args:
            memory_id: Which one; a long-term memory stays as it is.

        Returns:
            False where there is no such memory, or its time is over.
        """
        return await self._owns(memory_id) and await self._open.conversations.promote(self.namespace, memory_id)

    @operation(MemoryRetrievalError, scoped=True)
    async def get_conversation_context(self, conversation_id: Id, max_memories: Limit = 10) -> list[Memory]:
        """The newest memories of a conversation, short-term and long-term, in the order they were said.

        Facts that were learned from it are left out, unless nothing else of it is kept.

        Args:
            conversation_id: Which conversation.
            max_memories: How many at most.
        """
        own = self.scope.condition if self.scope else None
        found = await self._open.conversations.context(self.namespace, conversation_id, max_memories, own=own)
        return await self._seen(found)

    @operation(GraphMemoryError)
    async def enable_conversation_integration(
        self,
        conversation_manager: object,
        auto_store_messages: bool = True,
        auto_extract_entities: bool = True,
        *,
        queue_size: QueueSize = 1000,
    ) -> ConversationLink:
        """Remember the messages of an object that keeps conversations, from now on.

        Messages are kept in their order and beside the conversation, which neither waits for them nor sees an
        error of theirs; `cleanup` keeps those that still wait. Calling it again for the same object replaces
        what was asked for. Messages of the roles system, developer, tool and function are passed over.

        Args:
            conversation_manager: An object with ``add_message(conversation_id, message)``, async or not. Where it
                offers ``subscribe(callback)``, ``add_listener(callback)`` or ``on_message(callback)``, that is
                used; otherwise its method is wrapped until the integration ends. A message is a text, or a
                mapping or object with ``content``, ``role``, ``timestamp`` and perhaps ``name``.
            auto_store_messages: Whether each message becomes an episodic memory of its conversation. With False
                and ``auto_extract_entities`` only what a message mentions is remembered, for half an hour, as
                short-term memory of the conversation, and not what was said.
            auto_extract_entities: Whether messages are searched for entities. With False they are kept without,
                which is faster, and the graph does not link them to others.
                With both off messages are only learned from, which `enable_auto_learning` has to be on for.
            queue_size: Messages that wait at most; what comes when so many wait is dropped and counted.

        Returns:
            The link, which counts and can be waited for.
        """
        services = self._open
        if not (auto_store_messages or auto_extract_entities or await services.learning.auto.any(self.namespace)):
            raise ValidationError(
                "is off, and so is auto_extract_entities: nothing would be done with messages.",
                field="auto_store_messages",
                remedy="Switch one of the two on.",
            )
        hear = partial(
            services.conversations.hear, self.namespace, store=auto_store_messages, extract=auto_extract_entities
        )
        return await services.links.connect(self.namespace, conversation_manager, hear, queue_size=queue_size)

    @operation(GraphMemoryError)
    async def disable_conversation_integration(self, conversation_manager: object | None = None) -> bool:
        """Keep the messages that still wait, and hear no more.

        Args:
            conversation_manager: Of which object; None for all.

        Returns:
            False where there was none.
        """
        return await self._open.links.disconnect(self.namespace, conversation_manager)
