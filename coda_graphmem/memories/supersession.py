"""What somebody says of a memory by hand: replaced by another, taken back, holding again."""

from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import MemoryStorageError, ValidationError
from coda_graphmem.language.repeats import repeat_form
from coda_graphmem.memories.draft import CALLER, Draft
from coda_graphmem.memories.statements import StatementReading
from coda_graphmem.memories.writer import MemoryWriter
from coda_graphmem.models import Memory, Standing
from coda_graphmem.resources import Resources
from coda_graphmem.store.union import last_said


@dataclass(frozen=True, slots=True)
class Replacement:
    """What takes the place of a memory: a text that is yet to be stored, or a memory that is there."""

    content: str | None = None
    new_id: str | None = None


class SupersessionService:
    """Replaces memories, takes them back and lets them hold again; each is undone by another of the three.

    Args:
        resources: Store, events and clock.
        writer: Stores what replaces.
        reading: Reads what is stored: what a memory says is to be known before it is judged.
    """

    def __init__(self, resources: Resources, writer: MemoryWriter, reading: StatementReading) -> None:
        self._resources = resources
        self._store = resources.store
        self._writer = writer
        self._reading = reading

    async def supersede(
        self, namespace: str, old_id: str, by: Replacement, *, at: float | None = None, actor: str = CALLER
    ) -> str:
        """Let a memory be replaced by another one, which counts in its place from then on.

        Args:
            old_id: What is replaced.
            by: What replaces it.
            at: From when (seconds, UTC). None for now where a text is given, else for when the other memory was said.
            actor: Who does it.

        Returns:
            The id of what replaces it.

        Raises:
            ValidationError: One of the memories does not exist, they are the same, or the replacement is replaced by
                what it shall replace, or the time is before the memory was said or yet to come. Nothing is changed.
            MemoryStorageError: The memory went meanwhile. Nothing is changed.
        """
        old = await self._existing(namespace, old_id, "old_id")
        _check_alternatives(by)
        now = self._resources.clock()
        self._check_time(at, old, now)
        said = last_said(old)
        if by.new_id is None:
            assert by.content is not None
            if repeat_form(by.content) == repeat_form(old.content):
                raise ValidationError(
                    "is what the memory says already.", field="content", remedy="Give what holds instead."
                )
            start = max(now, said) if at is None else at
            new_id, is_new = await self._store_successor(namespace, old, by.content, start, actor)
        else:
            new = await self._existing(namespace, by.new_id, "new_id")
            await self._check_chain(namespace, old_id, new)
            start = max(new.timestamp, said) if at is None else at
            new_id, is_new = new.memory_id, False
        done = await self._store.facts.set_standing(
            namespace, old_id, "superseded", at=start, superseded_by=new_id, actor=actor, now=now
        )
        if not done:
            if is_new:
                await self._writer.delete(namespace, new_id)
            raise MemoryStorageError(
                f"the memory {old_id!r} was removed meanwhile.", field="old_id", remedy="Nothing is left to replace."
            )
        self._tell("superseded", namespace, old_id, superseded_by=new_id)
        return new_id

    async def retract(self, namespace: str, memory_id: str, *, at: float | None = None, actor: str = CALLER) -> bool:
        """Take a memory back: what it says was never so. It stays, and is found as outdated.

        Args:
            memory_id: Which.
            at: From when this is known (seconds, UTC): questions as of an earlier time still find it; None for now.
            actor: Who does it.

        Returns:
            False where there is no such memory.
        """
        memory = await self._find(namespace, memory_id)
        if memory is None:
            return False
        now = self._resources.clock()
        if at is not None:
            _check_not_to_come(at, now)
        elif memory.standing == "retracted":
            return True
        return await self._stand(namespace, memory_id, "retracted", at=now if at is None else at, actor=actor)

    async def reinstate(self, namespace: str, memory_id: str, *, at: float | None = None, actor: str = CALLER) -> bool:
        """Let a memory hold again.

        One that was retracted is as if it never was. Any other counts as said again now, whatever has replaced it, by
        hand or by what other memories say.

        Args:
            memory_id: Which.
            at: From when it holds again (seconds, UTC); None for now.
            actor: Who does it.

        Returns:
            False where there is no such memory.
        """
        memory = await self._find(namespace, memory_id)
        if memory is None:
            return False
        now = self._resources.clock()
        if at is not None:
            _check_not_to_come(at, now)
        standing: Standing | None = None if memory.standing == "retracted" else "reinstated"
        since = max(now, last_said(memory)) if at is None else at
        return await self._stand(namespace, memory_id, standing, at=since, actor=actor, event="reinstated")

    # ------------------------------------------------------------------ parts

    async def _stand(
        self,
        namespace: str,
        memory_id: str,
        standing: Standing | None,
        *,
        at: float,
        actor: str,
        event: Standing | None = None,
    ) -> bool:
        done = await self._store.facts.set_standing(
            namespace, memory_id, standing, at=at, actor=actor, now=self._resources.clock()
        )
        if done:
            name = event or standing
            assert name is not None
            self._tell(name, namespace, memory_id)
        return done

    def _tell(self, event: Standing, namespace: str, memory_id: str, **details: str) -> None:
        self._resources.cache.drop("memories", lambda key: key == (namespace, memory_id))
        self._resources.cache.drop("results", lambda key: key.query.namespace == namespace)
        self._resources.events.emit(event, namespace, [memory_id], details=details or None)

    async def _store_successor(
        self, namespace: str, old: Memory, content: str, at: float, actor: str
    ) -> tuple[str, bool]:
        """Store what replaces a memory, with what it has beside content and time; its id, and whether it is new."""
        kept: dict[str, Any] = {name: old.metadata[name] for name in ("speaker", "role") if name in old.metadata}
        draft = Draft(
            content,
            old.memory_type,
            kept,
            conversation_id=old.conversation_id,
            timestamp=at,
            tags=tuple(old.tags),
            owner=old.scope,
        )
        [new_id] = await self._writer.store(namespace, [draft])
        [new] = await self._store.records.get(namespace, [new_id])
        if new.standing in ("superseded", "retracted"):
            # It was there, and was replaced or taken back itself: now it is said again.
            now = self._resources.clock()
            await self._store.facts.set_standing(namespace, new_id, "reinstated", at=at, actor=actor, now=now)
        return new_id, not new.reinforcement_count

    async def _find(self, namespace: str, memory_id: str) -> Memory | None:
        await self._reading.settled(namespace)
        found = await self._store.records.get(namespace, [memory_id])
        now = self._resources.clock()
        return next((memory for memory in found if not memory.has_ended(now)), None)

    async def _existing(self, namespace: str, memory_id: str, field: str) -> Memory:
        memory = await self._find(namespace, memory_id)
        if memory is None:
            raise ValidationError(
                f"there is no memory {memory_id!r} in namespace {namespace!r}.",
                field=field,
                remedy="Look for its id with retrieve_memories or list_memories.",
            )
        return memory

    async def _check_chain(self, namespace: str, old_id: str, new: Memory) -> None:
        """See that what replaces is not itself, or in the end, replaced by what it shall replace."""
        if new.memory_id == old_id:
            raise ValidationError("is the memory itself.", field="new_id", remedy="Give another memory, or a content.")
        seen = {new.memory_id}
        current: Memory | None = new
        while current is not None and current.standing == "superseded" and current.superseded_by is not None:
            following = current.superseded_by
            if following == old_id:
                raise ValidationError(
                    f"is replaced by {old_id!r} itself, if not directly.",
                    field="new_id",
                    remedy="Call reinstate_memory on it first.",
                )
            if following in seen:
                return
            seen.add(following)
            current = next(iter(await self._store.records.get(namespace, [following])), None)

    def _check_time(self, at: float | None, old: Memory, now: float) -> None:
        if at is None:
            return
        _check_not_to_come(at, now)
        if at < old.timestamp:
            raise ValidationError(
                "is before the memory was said.",
                field="at",
                remedy="Give a later time, or call retract_memory for what never held.",
            )


def _check_alternatives(by: Replacement) -> None:
    if (by.content is None) == (by.new_id is None):
        both = by.content is not None
        raise ValidationError(
            "excludes new_id." if both else "is missing, and so is new_id.",
            field="content",
            remedy="Give the text of what holds instead, or the id of a memory that says it.",
        )


def _check_not_to_come(at: float, now: float) -> None:
    if at > now:
        raise ValidationError("is yet to come.", field="at", remedy="Call it then, or leave the time out for now.")
