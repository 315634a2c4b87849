"""Memories as the knowledge graph of the Model Context Protocol's memory server: entities, what is observed, relations.

Each entity has the memories that are about it as observations: those of which it is the title, and of memories without
a title all that mention it. What came from such a graph (`coda_graphmem.importing.knowledge_graph`) goes back to the
entity it was observed of, and a relation becomes one again.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from coda_graphmem.models import Memory

#: Under which keys of metadata a memory says that it is from such a graph: the type of its entity, ends and type of its
#: relation, and that it only says that there is an entity.
ENTITY_TYPE, RELATION, OBSERVED = "entity_type", "relation", "observed"

#: The type of an entity of which none is known, and the name of the one that has what mentions none.
_ENTITY, _UNNAMED = "entity", "memory"


class KnowledgeGraph:
    """Entities with their observations, and relations, in the order in which they were met."""

    def __init__(self) -> None:
        self._observations: dict[str, list[str]] = {}
        self._types: dict[str, str] = {}
        self._relations: dict[tuple[str, str, str], None] = {}

    @property
    def entities(self) -> int:
        """How many there are."""
        return len(self._observations)

    def add(self, memories: Iterable[Memory]) -> None:
        """Take in what memories say."""
        for memory in memories:
            relation = _relation(memory.metadata.get(RELATION))
            title = memory.metadata.get("title")
            if relation is not None:
                self._relations[relation] = None
                # A fact may say more than what it joins.
                if memory.content != sentence(*relation):
                    self._observe(relation[0], None, [memory.content])
            elif isinstance(title, str) and title.strip():
                said = [] if memory.metadata.get(OBSERVED) is False else [memory.content]
                kind = memory.metadata.get(ENTITY_TYPE)
                self._observe(title, kind if isinstance(kind, str) else None, said)
            else:
                about = [(one.name, one.label.lower()) for one in memory.entities]
                for name, label in about or [(_UNNAMED, "")]:
                    self._observe(name, label, [memory.content])

    def lines(self) -> Iterator[str]:
        """The file, line by line."""
        for name, observations in self._observations.items():
            kind = self._types.get(name, _ENTITY)
            yield _line({"type": "entity", "name": name, "entityType": kind, "observations": observations})
        for source, relation, target in self._relations:
            yield _line({"type": "relation", "from": source, "to": target, "relationType": relation})

    def _observe(self, name: str, kind: str | None, said: list[str]) -> None:
        self._observations.setdefault(name, []).extend(said)
        if kind:
            self._types.setdefault(name, kind)


def sentence(source: str, relation: str, target: str) -> str:
    """A relation in words: ``Nora works at Acme`` for ``works_at``."""
    return f"{source} {relation.replace('_', ' ').strip()} {target}"


def _relation(value: object) -> tuple[str, str, str] | None:
    if not isinstance(value, dict):
        return None
    source, kind, target = (value.get(name) for name in ("from", "type", "to"))
    if isinstance(source, str) and isinstance(kind, str) and isinstance(target, str) and source and kind and target:
        return source, kind, target
    return None


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"
