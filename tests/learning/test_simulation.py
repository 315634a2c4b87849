"""With feedback, helpful memories rise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coda_graphmem import MemoryConfig, MemoryManager
from tests.fakes import Clock, NameExtractor, WordEmbedder

ROUNDS = 20
DETAILS = {
    "kettle": "red shelf|loud whistle|copper bottom|broken handle|grey lid|chalk spots|long cable|small spout",
    "bicycle": "flat tyre|rusty chain|bent wheel|torn saddle|new bell|front lamp|blue frame|spare pump",
}


class TopicEmbedder(WordEmbedder):
    """The first word decides: all memories of a topic are as near to a question as each other."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return super().embed([text.split()[0] for text in texts])


async def test_helpful_memories_rise_over_twenty_rounds(config: MemoryConfig, clock: Clock) -> None:
    """Of eight memories of a topic, as near to the question as each other, one helps: the last at first.

    Every other round the answer takes up that one and is found helpful, otherwise it takes up another and is not.
    """
    async with MemoryManager(config, embedder=TopicEmbedder(), extractor=NameExtractor(), clock=clock) as memory:
        for topic, details in DETAILS.items():
            await memory.store_memories_batch(
                [{"content": f"{topic} {detail}", "importance_score": 0.5} for detail in details.split("|")]
            )
        helpful: dict[str, str] = {}
        means = []
        for number in range(ROUNDS):
            ranks = []
            for topic in DETAILS:
                found = await memory.retrieve_memories(topic, limit=8, min_relevance=0.0, diverse=False)
                wanted = helpful.setdefault(topic, found[-1].memory_id)
                order = [item.memory_id for item in found]
                ranks.append(order.index(wanted) + 1)
                others = [item for item in found if item.memory_id != wanted]
                used = others[number % len(others)] if number % 2 else found[order.index(wanted)]
                await memory.learn_from_interaction("Thanks", used.content, {"helpful": used.memory_id == wanted})
            assert all(0 <= item.importance_score <= 1 for item in await memory.list_memories())
            means.append(float(np.mean(ranks)))
            clock.advance(3600)
    assert means[0] == 8
    assert np.mean(means[-5:]) <= 0.5 * means[0], means
    assert np.mean(means[10:]) < np.mean(means[:10])
