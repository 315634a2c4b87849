"""Finds the entities of memories: named entities and noun chunks, by spaCy's small English model, and titles.

In other languages an English model finds garbage: there names are told by how they are written, or by a model of that
language which a user names.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from coda_graphmem.errors import ExtractionError
from coda_graphmem.language.foreign_names import foreign_names
from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.languages import ENGLISH, language_of
from coda_graphmem.language.pipeline import Pipeline, tagging_pipeline
from coda_graphmem.language.words import singular, without_speaker
from coda_graphmem.models import EntityMention
from coda_graphmem.models.memory import TITLE_LABEL
from coda_graphmem.threads import Gathering, Worker, WorkerClosedError

T = TypeVar("T")

#: Label of an entity that is a noun chunk and no name.
CONCEPT = "CONCEPT"
#: Label of a name of which nobody knows what it names.
NAME = "MISC"

#: Values, not things: they would link memories that share nothing but a number or "last week".
_VALUES = frozenset({"CARDINAL", "ORDINAL", "PERCENT", "QUANTITY", "TIME", "MONEY", "DATE"})
_PLURALS = frozenset({"NNS"})
_NOUNS = frozenset({"NN", "NNS", "NNP", "NNPS"})
_IN_CHUNKS = _NOUNS | {"JJ", "JJR", "JJS", "CD", "HYPH", "AFX", "FW"}
#: The same in models of other languages, whose finer tags differ.
_NOUNS_OF_ANY = frozenset({"NOUN", "PROPN"})
_IN_CHUNKS_OF_ANY = _NOUNS_OF_ANY | {"ADJ"}
#: Parts of a model that nothing is asked of.
_NOT_OF_ANY = ("parser", "lemmatizer", "trainable_lemmatizer")


class Extractor(Protocol):
    """Finds entities. Implementations may be called from several threads at once."""

    def load(self) -> None:
        """Load models now, so that the first call is not the slow one."""

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        """Entities of each text, each key once a text, in order of first mention."""


class SpacyExtractor:
    """Finds named entities with their labels, and noun chunks as concepts.

    A noun chunk is a run of nouns and of what modifies them, by their part-of-speech tags, cut at
    possessives and at dates and numbers: "my sister Anna's two new necklaces" holds "sister Anna"
    and "new necklaces". Its last noun is a concept too ("necklaces"), and plurals count as
    singulars, so that "the new necklaces" and "a necklace" meet. Tags find these chunks as well as
    a parser does, in less time.

    Texts in other languages than English are not given to the English model: see
    `coda_graphmem.language.foreign_names`. A model that is named reads all texts.

    Args:
        model: Name or folder of a spaCy model; None for the English one that comes with the package.
    """

    def __init__(self, model: str | None = None) -> None:
        self._pipeline = tagging_pipeline() if model is None else Pipeline(_NOT_OF_ANY, model=model)
        self._reads_all = model is not None

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
        if self._reads_all:
            return self._pipeline.map(_mentions_of_any, texts)
        languages = [language_of(text) or ENGLISH for text in texts]
        read = iter(
            self._pipeline.map(_mentions, [t for t, code in zip(texts, languages, strict=True) if code == ENGLISH])
        )
        return [
            next(read) if code == ENGLISH else _foreign_mentions(text, code)
            for text, code in zip(texts, languages, strict=True)
        ]


def _foreign_mentions(text: str, language: str) -> list[EntityMention]:
    mentions: dict[str, EntityMention] = {}
    for name in foreign_names(text, language):
        if key := entity_key(name.text):
            label = CONCEPT if name.is_common else NAME
            mentions.setdefault(key, EntityMention(key=key, name=name.text.strip(), label=label))
    return list(mentions.values())


def _mentions_of_any(doc: Any) -> list[EntityMention]:
    """What a model of any language finds, whose tags are those of Universal Dependencies."""
    mentions: dict[str, EntityMention] = {}
    named = [(entity.start, entity.text, entity.label_) for entity in doc.ents if entity.label_ not in _VALUES]
    tags = [token.pos_ for token in doc]
    chunks = [(start, doc[start:end].text, CONCEPT) for start, end in _chunks(tags, _NOUNS_OF_ANY, _IN_CHUNKS_OF_ANY)]
    for _, name, label in sorted(named + chunks, key=lambda one: (one[0], one[2] == CONCEPT)):
        if key := entity_key(name):
            mentions.setdefault(key, EntityMention(key=key, name=name.strip(), label=label))
    return list(mentions.values())


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


def _chunks(
    tags: Sequence[str], nouns: Collection[str] = _NOUNS, within: Collection[str] = _IN_CHUNKS
) -> Iterator[tuple[int, int]]:
    """(first token, token after the last) of each run of nouns and modifiers, up to its last noun."""
    start = 0
    while start < len(tags):
        after = start
        while after < len(tags) and tags[after] in within:
            after += 1
        end = after
        while end > start and tags[end - 1] not in nouns:
            end -= 1
        if end > start:
            yield start, end
        start = after + 1


class ExtractionService:
    """Entities of memories from one extractor, which gets so many texts at a time, for any tasks and event loops."""

    def __init__(self, extractor: Extractor, *, batch_size: int) -> None:
        self._extractor = extractor
        self._batch_size = batch_size
        self._texts = Gathering(extractor.extract, batch_size)
        self._thread = Worker("extract-entities")

    async def warm_up(self) -> None:
        """Load the extractor's models in a worker thread.

        Raises:
            ExtractionError: They cannot be loaded.
        """
        await self._in_thread(self._extractor.load)

    async def extract(
        self, texts: Sequence[str | None], titles: Sequence[str | None], speakers: Sequence[str | None]
    ) -> list[tuple[EntityMention, ...]]:
        """The entities of memories, each key once a memory: its title first, then by first mention.

        Args:
            texts: Contents of the memories; None for one that shall not be read.
            titles: The title of each, which is an entity of its own (label ``TITLE``), or None.
            speakers: The speaker of each, or None. ``Name:`` at the start of a content says who
                speaks and is not read as a part of the text.

        Raises:
            ExtractionError: The extractor's models cannot be loaded, or it failed.
        """
        plain = [without_speaker(t, speaker) for t, speaker in zip(texts, speakers, strict=True) if t is not None]
        found: list[list[EntityMention]] = []
        for start in range(0, len(plain), self._batch_size):
            batch = plain[start : start + self._batch_size]
            found.extend(await self._in_thread(self._texts.call(batch)))
        read = iter(found)
        return [_joined(title, () if text is None else next(read)) for title, text in zip(titles, texts, strict=True)]

    def open(self) -> None:
        """Take work again after `close`."""
        self._thread.open()

    def close(self, seconds: float = 60.0) -> bool:
        """End the worker thread after what it is at; may be called more than once.

        Args:
            seconds: How long to wait for it; calls that it has not answered by then fail.

        Returns:
            Whether the thread has ended.
        """
        return self._thread.close(seconds)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run work in the worker thread; whatever it raises becomes an `ExtractionError`."""
        try:
            return await asyncio.wrap_future(self._thread.submit(work))
        except ExtractionError:
            raise
        except WorkerClosedError as error:
            raise ExtractionError("the extraction service is closed.", remedy="Open the memory again.") from error
        except Exception as error:
            raise ExtractionError(
                f"entities could not be found ({type(error).__name__}).",
                remedy="The cause is attached; please report it if the extractor is not your own.",
            ) from error


def titles_of(title: str) -> list[str]:
    """What a document is called: its title, and the title without what tells it from others of that name.

    "Victrola (song)" is called "Victrola" by those who speak of it.
    """
    whole = title.strip()
    plain = whole[: whole.rfind("(")].rstrip() if whole.endswith(")") and "(" in whole else ""
    return [whole, plain] if plain else [whole]


def _joined(title: str | None, mentions: Sequence[EntityMention]) -> tuple[EntityMention, ...]:
    by_key: dict[str, EntityMention] = {}
    for name in titles_of(title) if title else ():
        if key := entity_key(name):
            by_key.setdefault(key, EntityMention(key=key, name=name, label=TITLE_LABEL))
    for mention in mentions:
        by_key.setdefault(mention.key, mention)
    return tuple(by_key.values())
