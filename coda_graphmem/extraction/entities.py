"""Named entities and noun chunks of English texts, by spaCy's small English model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from coda_graphmem.extraction.protocol import CONCEPT
from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.pipeline import tagging_pipeline
from coda_graphmem.language.words import singular
from coda_graphmem.models import EntityMention

#: Values, not things: they would link memories that share nothing but a number or "last week".
_VALUES = frozenset({"CARDINAL", "ORDINAL", "PERCENT", "QUANTITY", "TIME", "MONEY", "DATE"})
_PLURALS = frozenset({"NNS"})
_NOUNS = frozenset({"NN", "NNS", "NNP", "NNPS"})
_IN_CHUNKS = _NOUNS | {"JJ", "JJR", "JJS", "CD", "HYPH", "AFX", "FW"}


class SpacyExtractor:
    """Finds named entities with their labels, and noun chunks as concepts.

    A noun chunk is a run of nouns and of what modifies them, by their part-of-speech tags, cut at
    possessives and at dates and numbers: "my sister Anna's two new necklaces" holds "sister Anna"
    and "new necklaces". Its last noun is a concept too ("necklaces"), and plurals count as
    singulars, so that "the new necklaces" and "a necklace" meet. Tags find these chunks as well as
    a parser does, in less time.
    """

    def __init__(self) -> None:
        self._pipeline = tagging_pipeline()

    def load(self) -> None:
        """Import spaCy, check the files of its model and load it.

        Raises:
            ExtractionError: The model is missing, not the expected one, or cannot be loaded.
        """
        self._pipeline.load()

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        """Entities of each text, each key once a text, in order of first mention.

        Raises:
            ExtractionError: The model cannot be loaded.
        """
        return self._pipeline.map(_mentions, texts)


def _mentions(doc: Any) -> list[EntityMention]:
    tags = [token.tag_ for token in doc]
    found: list[tuple[int, str, str, str]] = []
    for entity in doc.ents:
        if entity.label_ in _VALUES:
            tags[entity.start : entity.end] = [""] * len(entity)
        elif key := entity_key(entity.text):
            found.append((entity.start, key, entity.text, entity.label_))
    labels = {key: label for _, key, _, label in reversed(found)}
    for start, end in _chunks(tags):
        for first in dict.fromkeys((start, end - 1)):
            name = doc[first:end].text
            if key := entity_key(name):
                if tags[end - 1] in _PLURALS and key not in labels:
                    key = singular(key)
                found.append((first, key, name, labels.get(key, CONCEPT)))
    mentions: dict[str, EntityMention] = {}
    for _, key, name, label in sorted(found, key=lambda mention: mention[0]):
        mentions.setdefault(key, EntityMention(key=key, name=name.strip(), label=label))
    return list(mentions.values())


def _chunks(tags: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(first token, token after the last) of each run of nouns and modifiers, up to its last noun."""
    start = 0
    while start < len(tags):
        after = start
        while after < len(tags) and tags[after] in _IN_CHUNKS:
            after += 1
        end = after
        while end > start and tags[end - 1] not in _NOUNS:
            end -= 1
        if end > start:
            yield start, end
        start = after + 1
