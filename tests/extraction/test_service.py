from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.errors import ExtractionError
from coda_graphmem.extraction import ExtractionService
from coda_graphmem.models import EntityMention
from tests.fakes import NameExtractor, WordEmbedder


class Recording(NameExtractor):
    """Notes which texts it gets and in which thread."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.loads = 0

    def load(self) -> None:
        self.loads += 1

    def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
        self.batches.append(list(texts))
        self.threads.add(threading.get_ident())
        return super().extract(texts)


@pytest.fixture
def extractor() -> Recording:
    return Recording()


@pytest.fixture
async def service(extractor: Recording) -> AsyncIterator[ExtractionService]:
    service = ExtractionService(extractor, batch_size=2)
    yield service
    service.close()


async def test_texts_come_in_batches_off_the_event_loop(service: ExtractionService, extractor: Recording) -> None:
    texts = ["I know Maria", "I know Tom", "I know nobody"]
    mentions = await service.extract(texts, [None] * 3, [None] * 3)
    assert [[mention.key for mention in row] for row in mentions] == [["maria"], ["tom"], []]
    assert extractor.batches == [texts[:2], texts[2:]]
    assert threading.get_ident() not in extractor.threads
    assert await service.extract([], [], []) == []


async def test_warm_up_loads(service: ExtractionService, extractor: Recording) -> None:
    await service.warm_up()
    assert extractor.loads == 1


async def test_a_title_is_an_entity_and_wins_over_a_mention(service: ExtractionService) -> None:
    [mentions] = await service.extract(["Ask Maria about Berlin."], ["The Berlin "], [None])
    assert mentions == (
        EntityMention(key="berlin", name="The Berlin", label="TITLE"),
        EntityMention(key="maria", name="Maria", label="NAME"),
    )


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Victrola (song)", ["Victrola (song)", "Victrola"]),
        ("Georgia (U.S. state) ", ["Georgia (U.S. state)", "Georgia"]),
        ("(What's the Story) Morning Glory?", ["(What's the Story) Morning Glory?"]),
        ("(500)", []),
        ("1917 (film)", ["1917 (film)"]),
        ("The Film)", ["The Film)"]),
    ],
)
async def test_a_title_is_known_without_what_tells_it_from_others(
    service: ExtractionService, title: str, names: list[str]
) -> None:
    [mentions] = await service.extract(["nothing"], [title], [None])
    assert [mention.name for mention in mentions] == names
    assert {mention.label for mention in mentions} <= {"TITLE"}


@pytest.mark.parametrize("title", [None, "", "  ", "the", "1999"])
async def test_a_title_that_names_nothing_is_none(service: ExtractionService, title: str | None) -> None:
    assert await service.extract(["nothing"], [title], [None]) == [()]


@pytest.mark.parametrize(
    ("text", "speaker", "read"),
    [
        ("Maria: I saw Tom", "Maria", " I saw Tom"),
        ("Maria: I saw Tom", None, "Maria: I saw Tom"),
        ("Maria: I saw Tom", "Tom", "Maria: I saw Tom"),
        ("Maria saw Tom", "Maria", "Maria saw Tom"),
        ("I am Maria", "Maria", "I am Maria"),
    ],
)
async def test_the_speaker_before_a_text_is_not_read(
    service: ExtractionService, extractor: Recording, text: str, speaker: str | None, read: str
) -> None:
    await service.extract([text], [None], [speaker])
    assert extractor.batches == [[read]]


async def test_an_extractor_that_fails(extractor: Recording) -> None:
    class Failing(NameExtractor):
        def load(self) -> None:
            raise OSError("content of a memory")

        def extract(self, texts: Sequence[str]) -> list[list[EntityMention]]:
            raise RuntimeError("content of a memory")

    service = ExtractionService(Failing(), batch_size=2)
    for call in (service.warm_up(), service.extract(["text"], [None], [None])):
        with pytest.raises(ExtractionError) as caught:
            await call
        assert "content of a memory" not in str(caught.value)
        assert caught.value.remedy
    service.close()


async def test_closed_twice_and_used_after(service: ExtractionService) -> None:
    service.close()
    service.close()
    with pytest.raises(ExtractionError, match="closed"):
        await service.extract(["text"], [None], [None])


async def test_many_callers_at_once(service: ExtractionService) -> None:
    calls = [service.extract([f"I know Tom {n}"], [None], [None]) for n in range(20)]
    results = await asyncio.gather(*calls)
    assert all([mention.key for mention in row] == ["tom"] for [row] in results)


def test_two_event_loops_share_one_service(extractor: Recording) -> None:
    service = ExtractionService(extractor, batch_size=1)
    for _ in range(2):
        [[mention]] = asyncio.run(service.extract(["I know Maria"], [None], [None]))
        assert mention.key == "maria"
    service.close()


async def test_the_model_that_a_setting_names_is_the_one_that_reads(tmp_path: Path) -> None:
    config = MemoryConfig(vector_store={"persist_directory": tmp_path}, spacy_model="no_such_model")
    async with MemoryManager(config, embedder=WordEmbedder()) as memory:
        with pytest.raises(ExtractionError, match="no_such_model"):
            await memory.store_memory("Anna lives in Graz.")
