"""Calls that let the memory hear conversations."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from coda_graphmem.boundary import operation
from coda_graphmem.conversation.link import ConversationLink
from coda_graphmem.conversation.turns import Turn
from coda_graphmem.errors import GraphMemoryError, ValidationError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.validation import check_flag, check_integer

logger = logging.getLogger(__name__)

MAX_QUEUE_SIZE = 1_000_000


class Conversing(ManagerCore):
    """Hears the conversations of other programs."""

    @operation(GraphMemoryError)
    async def enable_conversation_integration(
        self,
        conversation_manager: object,
        auto_store_messages: bool = True,
        auto_extract_entities: bool = True,
        *,
        queue_size: int = 1000,
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
        store = check_flag(auto_store_messages, "auto_store_messages")
        extract = check_flag(auto_extract_entities, "auto_extract_entities")
        services = self._open
        if not (store or extract or await services.learning.is_on(self.namespace)):
            raise ValidationError(
                "is off, and so is auto_extract_entities: nothing would be done with messages.",
                field="auto_store_messages",
                remedy="Switch one of the two on.",
            )
        check_integer(queue_size, "queue_size", low=1, high=MAX_QUEUE_SIZE)
        await services.links.disconnect(self.namespace, conversation_manager)
        link = ConversationLink(
            self.namespace,
            conversation_manager,
            partial(self._heard, store=store, extract=extract),
            services.resources.clock,
            queue_size=queue_size,
        )
        await link.open()
        services.links.add(link)
        return link

    @operation(GraphMemoryError)
    async def disable_conversation_integration(self, conversation_manager: object | None = None) -> bool:
        """Keep the messages that still wait, and hear no more.

        Args:
            conversation_manager: Of which object; None for all.

        Returns:
            False where there was none.
        """
        return await self._open.links.disconnect(self.namespace, conversation_manager)

    async def _heard(self, turns: Sequence[Turn], *, store: bool, extract: bool) -> None:
        conversation = self._open.conversation
        if store:
            await self._record(conversation.messages(turns, read_entities=extract))
        elif extract:
            await self._record(await conversation.mentions(turns))
        observe = self._open.observe
        if observe is None:
            return
        for turn in turns:
            try:
                kept = [turn.turn_id] if store else []
                await observe(self.namespace, turn.conversation_id, turn.speaker, turn.text, besides=kept)
            except Exception as error:
                # The turn itself is kept: trying all of it again would learn from the others twice.
                logger.warning("Nothing could be learned from a message (%s).", type(error).__name__)
