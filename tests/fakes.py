"""Small deterministic stand-ins for the models, so that most tests load none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.language.keys import entity_key
from coda_graphmem.models import EntityMention

_WORD = re.compile(r"[a-z0-9]+")
_NAME = re.compile(r"\b[A-Z][a-z]+\b")


class WordEmbedder:
    """The sum of one fixed random direction a word: texts are as near as they share words."""

    def __init__(self, model: str = "words", dimension: int = 48) -> None:
        self.model = model
        self.dimension = dimension
        self.calls = 0

    def load(self) -> None:
        """Nothing to load."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        rows = [self._row(text) for text in texts]
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def _row(self, text: str) -> NDArray[np.float32]:
        words = _WORD.findall(text.lower()) or ["nothing"]
        total = np.sum([self._direction(word) for word in words], axis=0)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(f"{self.model}/{word}".encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self.dimension)


class NameExtractor:
    """Every capitalised word that does not begin a sentence is an entity; so is one that does, of a known list."""

    known = frozenset({"Maria", "Anna", "Tom", "Berlin", "Lisbon", "Rex", "Paris", "Rome"})

    def load(self) -> None:
        """Nothing to load."""

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        return [self._mentions(text) for text in texts]

    def _mentions(self, text: str) -> list[EntityMention]:
        found: dict[str, EntityMention] = {}
        for match in _NAME.finditer(text):
            name = match.group()
            begins = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?:"
            key = entity_key(name)
            if key and (not begins or name in self.known):
                found.setdefault(key, EntityMention(key=key, name=name, label="NAME"))
        return list(found.values())


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
