"""Keeps what memories say as statements, the facts these make together, and how memories were before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from coda_graphmem.facts.timeline import StatedMemory
from coda_graphmem.models import NOBODYS, Fact, Memory, MemoryVersion, Outdated, Scope, Standing, Statement


@dataclass(frozen=True, slots=True)
class ReadMemory:
    """What was read in a memory."""

    memory_id: str
    content: str
    """What was read: where the memory says something else by now, nothing is kept, and it is still to be read."""
    statements: tuple[Statement, ...]


class Facts(Protocol):
    """Keeps statements and facts.

    Facts are derived: whatever changes the statements of a subject's attribute (reading, removal, a change of content,
    a repetition, a merge and its undoing, import, a standing) makes its facts anew in the same transaction, by
    `coda_graphmem.facts.timeline.settle`. Statements of archived memories count, those of an original as said by the
    memory that it was merged into, which is not read itself.
    """

    async def unread(self, namespace: str | None, *, limit: int) -> list[Memory]:
        """Memories whose statements are still to be read, of one namespace or all, by arrival."""

    async def save_statements(self, namespace: str, read: Sequence[ReadMemory]) -> list[str]:
        """Keep what was read of memories, in place of what was read of them before, and make facts anew.

        Returns:
            Ids of memories of which something does not hold any more and did before, by arrival.
        """

    async def find_statements(
        self, namespace: str, *, subject_key: str | None = None, attribute: str | None = None, scope: Scope = NOBODYS
    ) -> list[StatedMemory]:
        """Memories with their statements, about one subject or all and of one attribute or all, by arrival.

        Args:
            subject_key: Of a user's memories it is found by `owned_key`, as it is kept.
            scope: Only what its memories say; nobody's for all.
        """

    async def statements_beside(self, namespace: str, memory_ids: Sequence[str]) -> list[StatedMemory]:
        """What is said of all that some memories speak of, and of all that those speak of that say something of it.

        By arrival. What is said of a subject's attribute is there whole or not at all.
        """

    async def find_facts(
        self, namespace: str, *, subject_key: str | None = None, attribute: str | None = None
    ) -> list[Fact]:
        """Facts that hold or held, by subject, attribute and time, those of one time by value."""

    async def facts_beside(self, namespace: str, memory_ids: Sequence[str]) -> list[Fact]:
        """All facts about each subject's attribute of which one of the memories says something, as `find_facts`."""

    async def subjects(self, namespace: str) -> list[tuple[str, str, int]]:
        """Key, name and number of facts of all who or what facts are about, the most facts first."""

    async def outdated(self, namespace: str, memory_ids: Sequence[str]) -> list[Outdated]:
        """Memories of which something does not hold any more: those of the ids, and those that one of them supersedes.

        One answer a memory: by hand before by facts before by a link `LinkKind.POSSIBLY_OUTDATED_BY`.
        """

    async def set_standing(
        self,
        namespace: str,
        memory_id: str,
        standing: Standing | None,
        *,
        at: float,
        superseded_by: str | None = None,
        actor: str,
        now: float,
    ) -> bool:
        """Note what somebody says of a memory by hand, in place of what was said before; a version of it.

        Args:
            standing: None to leave it to what memories say.
            at: From when it counts.
            superseded_by: The memory that replaces it, which exists; where that goes, so does the standing.
            now: When it is done.

        Returns:
            False where there is no such memory.
        """

    async def versions(self, namespace: str, memory_id: str) -> list[MemoryVersion]:
        """The versions of a memory, the first one first and the present one last; empty where there is none."""
