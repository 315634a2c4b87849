"""What parts words in full text is the same in every store."""

from __future__ import annotations

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import MemoryStore
from tests.store.factory import new

ALL = MemoryFilter()
TEXTS = {
    "m1": "The loan was 3,000 euros, and not 3.5 of anything.",
    "m2": "Sinéad O'Brien wrote from mail.example.com about Anna’s cafés.",
    "m3": "snake_case names, and/or half-finished ones (salt+pepper)",
}


CASES = {
    "000": ["m1"],
    "5": ["m1"],
    "brien": ["m2"],
    "sinead": ["m2"],
    "example": ["m2"],
    "cafe": ["m2"],
    "anna": ["m2"],
    "snake": ["m3"],
    "finished": ["m3"],
    "pepper": ["m3"],
    "brie": [],
    "thousand": [],
}


async def test_punctuation_parts_words(store: MemoryStore, ns: str) -> None:
    await store.insert(ns, [new(memory_id, text) for memory_id, text in TEXTS.items()], reinforcement=0.1)
    found = {
        term: [candidate.memory_id for candidate in await store.search_text(ns, [term], 9, ALL, None)] for term in CASES
    }
    assert found == CASES
