"""Calls about what is true: facts, profiles, what replaces what, and how memories were before."""

from coda_graphmem.boundary import operation
from coda_graphmem.errors import MemoryRetrievalError, MemoryStorageError
from coda_graphmem.manager.core import ManagerCore
from coda_graphmem.memories.draft import CALLER
from coda_graphmem.memories.supersession import Replacement
from coda_graphmem.models import Fact, MemoryVersion, Profile
from coda_graphmem.validation.checked import seconds_of
from coda_graphmem.validation.types import Content, Id, Limit, Moment


class Facts(ManagerCore):
    """Tells what holds and what held, and lets people say it by hand."""

    @operation(MemoryRetrievalError, scoped=True)
    async def get_facts(
        self,
        subject: Id | None = None,
        attribute: Id | None = None,
        as_of: Moment | None = None,
        include_past: bool = False,
    ) -> list[Fact]:
        """What holds, by what memories say.

        Everything that was stored before is read first; that is waited for some ten seconds at most, and what is not
        read by then counts from later on.

        Args:
            subject: Of whom or what: ``User`` for the user, a name, or a thing that texts name; None for all.
            attribute: Which attribute, such as ``residence``, or words of a text (``rate limit``); None for all.
            as_of: What was known then and held then (seconds, `datetime` or ISO 8601); None for now.
            include_past: Whether what held before, or is yet to hold, is part of it.

        Of a view that is bound to a scope these are the facts that its memories alone make. Of a whole namespace
        those of memories with a ``user_id`` are named by no subject, as each user has facts of its own: ask a view.

        Returns:
            Facts by subject, attribute and time. What is known not to hold (``polarity`` False) is told where no other
            value says so already.
        """
        return await self._open.facts.facts(
            self.namespace, subject, attribute, as_of=seconds_of(as_of), include_past=include_past, scope=self.scope
        )

    @operation(MemoryRetrievalError, scoped=True)
    async def get_fact_history(self, subject: Id | None = None, attribute: Id | None = None) -> list[Fact]:
        """What holds and what held, as a timeline: each value with its time, and the memories that say so.

        Args:
            subject: As in `get_facts`, as is the argument that follows.
        """
        return await self._open.facts.facts(self.namespace, subject, attribute, include_past=True, scope=self.scope)

    @operation(MemoryRetrievalError, scoped=True)
    async def get_profile(
        self, subject: Id = "User", as_of: Moment | None = None, max_tokens: Limit | None = None
    ) -> Profile:
        """What is known of somebody or something, by kind: as lines with their facts, and as a text for a prompt.

        Args:
            subject: As in `get_facts`.
            as_of: As in `get_facts`.
            max_tokens: Size of the text, in tokens by the estimate that `build_context` makes too; a line that does not
                fit is left out, and the next one that does is not. None for all lines.

        Returns:
            Lines by section, the surest and latest first; without any, and with an empty text, where nothing is known.
        """
        return await self._open.facts.profile(
            self.namespace, subject, as_of=seconds_of(as_of), max_tokens=max_tokens, scope=self.scope
        )

    @operation(MemoryRetrievalError, scoped=True)
    async def get_history(self, memory_id: Id) -> list[MemoryVersion]:
        """How a memory was from one change to the next, the present state last; empty where there is no such memory.

        It goes with the memory when that is forgotten.

        Args:
            memory_id: Which one.
        """
        if not await self._owns(memory_id):
            return []
        return await self._open.facts.versions(self.namespace, memory_id)

    @operation(MemoryStorageError, scoped=True)
    async def supersede_memory(
        self,
        old_id: Id,
        content: Content | None = None,
        at: Moment | None = None,
        *,
        new_id: Id | None = None,
        actor: Id | None = None,
    ) -> str:
        """Let a memory be replaced by another one.

        It stays, and is found behind what replaces it; `reinstate_memory` lets it hold again.

        Args:
            old_id: What is replaced.
            content: What holds instead. It is stored as a memory of the same type, conversation and speaker.
            at: From when (seconds, `datetime` or ISO 8601), not before the memory was said, nor yet to come. None for
                now or, with ``new_id``, for when that was said.
            new_id: A memory that says what holds instead, in place of ``content``.
            actor: Who does it, for the history; None for ``caller``.

        Returns:
            The id of the memory that holds instead.

        Raises:
            ValidationError: There is no such memory, or the two would replace one another.
        """
        await self._check_own("old_id", old_id)
        if new_id is not None:
            await self._check_own("new_id", new_id)
        return await self._open.supersession.supersede(
            self.namespace, old_id, Replacement(content, new_id), at=seconds_of(at), actor=actor or CALLER
        )

    @operation(MemoryStorageError, scoped=True)
    async def retract_memory(self, memory_id: Id, at: Moment | None = None, *, actor: Id | None = None) -> bool:
        """Take a memory back: what it says was never so. It stays, is found as outdated, and is no source of facts.

        Args:
            memory_id: Which one.
            at: From when that is known (seconds, `datetime` or ISO 8601); None for now.
            actor: Who does it, for the history; None for ``caller``.

        Returns:
            False where there is no such memory.
        """
        return await self._owns(memory_id) and await self._open.supersession.retract(
            self.namespace, memory_id, at=seconds_of(at), actor=actor or CALLER
        )

    @operation(MemoryStorageError, scoped=True)
    async def reinstate_memory(self, memory_id: Id, at: Moment | None = None, *, actor: Id | None = None) -> bool:
        """Let a memory hold again, whatever has outdated it.

        One that was retracted is as if that had not been; any other counts as said again.

        Args:
            memory_id: Which one.
            at: From when it holds again (seconds, `datetime` or ISO 8601); None for now.
            actor: Who does it, for the history; None for ``caller``.

        Returns:
            False where there is no such memory.
        """
        return await self._owns(memory_id) and await self._open.supersession.reinstate(
            self.namespace, memory_id, at=seconds_of(at), actor=actor or CALLER
        )
