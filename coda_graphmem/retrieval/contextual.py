"""Finds what belongs to a conversation: a walk from its latest memories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.resources import Resources
from coda_graphmem.retrieval.candidates import make_pool
from coda_graphmem.retrieval.constants import RankingConstants
from coda_graphmem.retrieval.graph import bridges, build_graph, hub_bound
from coda_graphmem.retrieval.paths import PathFinder, named_weights
from coda_graphmem.retrieval.ranker import bounds
from coda_graphmem.retrieval.results import Ranked
from coda_graphmem.retrieval.score import ranking, walk_scores
from coda_graphmem.retrieval.seeds import Seeds
from coda_graphmem.retrieval.walk import personalised_pagerank, start_distribution
from coda_graphmem.store.protocol import Vector


async def rank_context(
    namespace: str,
    conversation_id: str,
    *,
    include_related: bool,
    max_depth: int,
    where: MemoryFilter,
    now: float,
    resources: Resources,
    constants: RankingConstants,
) -> Ranked:
    """The memories around a conversation's latest ones, by the probability of a walk from these.

    The similarity of a memory is its cosine to the centre of the conversation's latest memories.
    Memories the filter leaves out do not appear, but the walk still starts at what they mention.
    """
    store = resources.store
    own = MemoryFilter(conversation_id=conversation_id)
    latest = await store.records.find(
        namespace, own, order="newest", limit=constants.context_seeds, now=now, with_embedding=True
    )
    max_mentions = hub_bound(await store.records.live_count(namespace), constants)
    seeds = fading_seeds(latest, constants)
    mentioned = {mention.key for memory in latest for mention in memory.entities} if include_related else set()
    around = await store.graph.neighbourhood(
        namespace,
        seeds.memory_ids,
        sorted(mentioned),
        bounds=bounds(max_depth, max_mentions, constants),
        depth=max_depth if include_related else 0,
        where=where,
    )
    pool = make_pool([await store.search.candidates(namespace, list(around.depths), centre(latest))])
    speakers = pool.speaker_keys
    graph = build_graph(around, speakers, max_mentions, constants)
    followed = bridges(around.entities, speakers, max_mentions)
    weights = named_weights([key for key in followed if key in mentioned], followed, constants)
    start = start_distribution(graph, seeds, weights, constants)
    reached = dict(zip(graph.memory_ids, personalised_pagerank(graph, start, constants).tolist(), strict=False))
    walked = walk_scores(pool, reached)
    paths = PathFinder(around, seeds, named=(), speakers=speakers, max_mentions=max_mentions, constants=constants)
    return Ranked(pool, ranking(pool, walked), factors={"graph": walked}, walked=walked, paths_of=paths.paths)


def fading_seeds(latest: Sequence[Memory], constants: RankingConstants) -> Seeds:
    """Where the walk starts: each memory weighs ``context_fade`` times the one that came after it.

    Args:
        latest: Newest first.
        constants: The fading.
    """
    weight = constants.context_fade ** np.arange(len(latest), dtype=np.float64)
    total = float(weight.sum())
    return Seeds(tuple(memory.memory_id for memory in latest), tuple((weight / total).tolist()) if total > 0.0 else ())


def centre(memories: Sequence[Memory]) -> Vector | None:
    """The unit vector in the direction of the mean of memories' vectors, shape (dimension,)."""
    vectors = [memory.embedding for memory in memories if memory.embedding is not None]
    if not vectors:
        return None
    mean = np.mean(np.asarray(vectors, dtype=np.float64), axis=0)
    length = float(np.linalg.norm(mean))
    return None if length == 0.0 else (mean / length).astype(np.float32)
