"""How important a memory is when nobody says so: the sum of five parts, kept within [0, 1].

    importance = type + entities + first person + dates + emphasis - question

Words alone decide, so that it costs microseconds where a memory is stored. The differences are small on purpose:
ranking knows importance as a gentle factor, and turns of one dialogue shall stay near one level.
"""

import re
from collections.abc import Iterable

from coda_graphmem.language.dates import MENTION
from coda_graphmem.language.pronouns import TELLS_OF_ONESELF
from coda_graphmem.models import EntityMention, ImportanceExplanation, MemoryType

#: Where the importance of each type starts.
TYPE_LEVELS = {
    MemoryType.PREFERENCE: 0.6,
    MemoryType.SEMANTIC: 0.55,
    MemoryType.PROCEDURAL: 0.55,
    MemoryType.EPISODIC: 0.5,
    MemoryType.EMOTIONAL: 0.5,
    MemoryType.CONTEXTUAL: 0.4,
}
ENTITY = 0.01
"""For each thing with a name, of which `MOST_ENTITIES` count."""
MOST_ENTITIES = 3
FIRST_PERSON = 0.03
"""For a statement of somebody about themselves."""
DATE = 0.03
"""For a day, a date or a time."""
STRONG_EMPHASIS = 0.15
"""For words that ask to remember."""
LIGHT_EMPHASIS = 0.03
"""For a shout."""
QUESTION = -0.05
"""For a text that does nothing but ask."""

#: Characters of a text that are looked at: its first, and for a question its last.
_BEGINNING, _ENDING = 20_000, 100
#: Label of an entity that is a mere noun chunk; it names nothing.
_CONCEPT = "CONCEPT"
_ASKS_TO_REMEMBER = re.compile(
    r"\b(?:important(?:ly)?|remember (?:that|this|to)|don['’]?t forget|do not forget|never forget|keep in mind"
    r"|urgent(?:ly)?|crucial(?:ly)?|critical(?:ly)?|make sure|at all costs|under no circumstances|note that"
    r"|essential)\b",
    re.IGNORECASE,
)
_SHOUT = re.compile(r"!{2,}|\b[A-Z]{4,}\b(?:\W+[A-Z]{2,}\b)+")


def importance(content: str, memory_type: MemoryType, entities: Iterable[EntityMention] = ()) -> float:
    """The importance of a memory, in [0, 1]; of the entities it mentions noun chunks do not count."""
    return explain(content, memory_type, entities).score


def explain(content: str, memory_type: MemoryType, entities: Iterable[EntityMention] = ()) -> ImportanceExplanation:
    """The parts of an importance; arguments as for `importance`."""
    named = sum(entity.label != _CONCEPT for entity in entities)
    asks = content[-_ENDING:].rstrip(" \"'”’)").endswith("?")
    content = content[:_BEGINNING]
    emphasis = STRONG_EMPHASIS if _ASKS_TO_REMEMBER.search(content) else 0.0
    parts = {
        "type": TYPE_LEVELS[memory_type],
        "entities": ENTITY * min(named, MOST_ENTITIES),
        "first_person": FIRST_PERSON if TELLS_OF_ONESELF.search(content) else 0.0,
        "dates": DATE if MENTION.are_in(content) else 0.0,
        "emphasis": emphasis + (LIGHT_EMPHASIS if _SHOUT.search(content) else 0.0),
    }
    if asks and not re.search(r"[.!]\s", content):
        parts["question"] = QUESTION
    return ImportanceExplanation(score=min(max(sum(parts.values()), 0.0), 1.0), parts=parts)
