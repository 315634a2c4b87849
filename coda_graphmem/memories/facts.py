"""Answers what is known: facts that hold or held, the profile of somebody, and how a memory was before."""

from coda_graphmem.facts.attributes import attributes
from coda_graphmem.facts.profile import make_profile
from coda_graphmem.facts.state import holding, known_at
from coda_graphmem.facts.values import owned_key, plain_key, subject_key
from coda_graphmem.memories.statements import StatementReading
from coda_graphmem.models import NOBODYS, Fact, MemoryVersion, Profile, Scope
from coda_graphmem.resources import Resources


class FactService:
    """What is known of people and things, by what memories say. Everything stored before is read first.

    Args:
        resources: Store and clock.
        reading: Reads what is stored.
    """

    def __init__(self, resources: Resources, reading: StatementReading) -> None:
        self._resources = resources
        self._store = resources.store
        self.reading = reading

    async def facts(
        self,
        namespace: str,
        subject: str | None,
        attribute: str | None,
        *,
        as_of: float | None = None,
        include_past: bool = False,
        scope: Scope = NOBODYS,
    ) -> list[Fact]:
        """Facts by subject, attribute and time; what is denied after what is affirmed.

        Args:
            subject: Of whom or what, however it is written; None for all.
            attribute: Which attribute; None for all.
            as_of: What was known and held then (seconds, UTC); None for the clock, and all that is known.
            include_past: Whether what does not hold any more, or not yet, is part of it.
            scope: Only what its memories say, as if there were no others; nobody's for all.
        """
        await self.reading.settled(namespace, remembered=False)
        key, name = _key(subject), _attribute(attribute)
        if scope:
            found = await self._said_within(namespace, key, name, self._moment(as_of), scope)
        elif as_of is None:
            found = await self._store.facts.find_facts(namespace, subject_key=key, attribute=name)
        else:
            said = await self._store.facts.find_statements(namespace, subject_key=key, attribute=name)
            found = known_at(said, as_of)
        return found if include_past else holding(found, self._moment(as_of))

    async def _said_within(
        self, namespace: str, key: str | None, name: str | None, as_of: float, scope: Scope
    ) -> list[Fact]:
        """The facts that the memories of a scope make by themselves."""
        owned = None if key is None or scope.user_id is None else owned_key(key, scope.user_id)
        found = known_at(
            await self._store.facts.find_statements(namespace, subject_key=owned, attribute=name, scope=scope), as_of
        )
        return [fact for fact in found if key is None or plain_key(fact.subject_key) == key]

    async def profile(
        self, namespace: str, subject: str, *, as_of: float | None, max_tokens: int | None, scope: Scope = NOBODYS
    ) -> Profile:
        """What is known of somebody or something; arguments as in `facts` and `make_profile`."""
        known = await self.facts(namespace, subject, None, as_of=as_of, include_past=True, scope=scope)
        return make_profile(subject, known, as_of=self._moment(as_of), max_tokens=max_tokens)

    async def versions(self, namespace: str, memory_id: str) -> list[MemoryVersion]:
        """The versions of a memory, the first one first; empty where there is none."""
        return await self._store.facts.versions(namespace, memory_id)

    def _moment(self, as_of: float | None) -> float:
        return self._resources.clock() if as_of is None else as_of


def _key(subject: str | None) -> str | None:
    return None if subject is None else subject_key(subject)


def _attribute(name: str | None) -> str | None:
    """The name as the table has it, where it has one; others are words of texts, in lower case."""
    if name is None:
        return None
    words = " ".join(name.casefold().split())
    known = words.replace(" ", "_")
    return known if known in attributes() else words
