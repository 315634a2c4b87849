"""Decides which memories become one: a verdict for each similar pair, then groups in which every pair agrees."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from coda_graphmem.consolidation.comparison import Comparison
from coda_graphmem.consolidation.guards import Refusal, first_refusal
from coda_graphmem.consolidation.links import last_said, recency
from coda_graphmem.consolidation.merge import merge
from coda_graphmem.consolidation.readings import Reading
from coda_graphmem.consolidation.updates import update_reason
from coda_graphmem.language.lexicon import kinds_of
from coda_graphmem.models import ConsolidationProposal, Memory, MemoryType, PairVerdict
from coda_graphmem.models.consolidation import Verdict
from coda_graphmem.times import SECONDS_PER_DAY

RELATED_SIMILARITY = 0.45
"""Cosine from which a newer statement is looked for: "I live in Paris" and "I moved to Rome" have 0.46."""

EVENT_SECONDS = SECONDS_PER_DAY
"""Two accounts of an event that lie further apart are accounts of two events."""


SURE_SIMILARITY = 0.85
"""Cosine of texts of which each may have `_OWN` words that the other lacks, and one may have `_SURPLUS` more than the
other: where both have some, these mostly say the same otherwise. Of pairs that people judged, those that say the same
have a word more of either for so much cosine above it."""
_OWN, _FOR_OWN = 3, 0.025
_SURPLUS, _FOR_SURPLUS = 2, 0.03
_FOR_OTHER_AGENT = 0.07
"""So far above it two other words for who does something are mostly two words for the same."""


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two memories and the cosine of their vectors in [-1, 1]."""

    first_id: str
    second_id: str
    similarity: float


def all_similar(memories: Sequence[Memory]) -> list[SimilarPair]:
    """Every two of some memories, which come with their vectors; ids in order."""
    vectors = {memory.memory_id: np.asarray(memory.embedding, dtype=np.float32) for memory in memories}
    return [SimilarPair(a, b, float(vectors[a] @ vectors[b])) for a, b in combinations(sorted(vectors), 2)]


def judge_all(
    pairs: Iterable[SimilarPair], memories: Mapping[str, Memory], readings: Mapping[str, Reading], *, threshold: float
) -> list[PairVerdict]:
    """A verdict for each pair, in the order given.

    Args:
        pairs: Each once. Two memories that are in no pair together are never merged; `uncompared` names those that
            only lack their own pair.
        memories: By id, all memories of the pairs.
        readings: By id, what `Reader` made of their contents.
        threshold: Cosine from which two memories may be merged, in (0, 1].
    """
    return [
        judge(
            memories[pair.first_id], memories[pair.second_id], readings[pair.first_id], readings[pair.second_id],
            pair.similarity, threshold=threshold,
        )
        for pair in pairs
    ]  # fmt: skip


def propose(
    verdicts: Sequence[PairVerdict],
    memories: Mapping[str, Memory],
    readings: Mapping[str, Reading],
    *,
    reinforcement: float,
) -> list[ConsolidationProposal]:
    """What becomes of the groups in which every two may be merged; see `judge_all` and `merge`."""
    similarity = {frozenset((v.first_id, v.second_id)): v.similarity for v in verdicts}
    return [
        ConsolidationProposal(
            merged=merge([memories[i] for i in group], [readings[i] for i in group], reinforcement=reinforcement),
            lowest_similarity=min(similarity[frozenset(two)] for two in combinations(group, 2)),
        )
        for group in groups(verdicts)
    ]


def judge(
    first: Memory,
    second: Memory,
    first_reading: Reading,
    second_reading: Reading,
    similarity: float,
    *,
    threshold: float,
) -> PairVerdict:
    """Decide about two memories.

    Args:
        second: The other; which is the older is found by when they were said last.
        first_reading: What the first one's content says.
        second_reading: What the second one's content says.
        similarity: Cosine of their vectors in [-1, 1].
        threshold: Cosine from which two memories may be merged.
    """
    if recency(second) < recency(first):
        first, second, first_reading, second_reading = second, first, second_reading, first_reading
    pair = Comparison.of(first_reading, second_reading)

    def verdict(kind: Verdict, refusal: Refusal | None = None) -> PairVerdict:
        guard, reason = refusal or (None, None)
        return PairVerdict(
            first_id=first.memory_id, second_id=second.memory_id,
            similarity=similarity, verdict=kind, guard=guard, reason=reason,
        )  # fmt: skip

    if similarity < min(threshold, RELATED_SIMILARITY):
        return verdict("unrelated")
    circumstance = _circumstances_differ(first, second, first_reading, second_reading)
    newer = update_reason(pair) if circumstance is None or circumstance.guard == "event" else None
    if newer is not None and last_said(first) < last_said(second):
        return verdict("outdated", Refusal("update", newer))
    if similarity < threshold:
        return verdict("unrelated")
    refusal = circumstance or first_refusal(pair) or _much_unsaid(pair, similarity - min(threshold, SURE_SIMILARITY))
    if refusal is None:
        # One of them speaks of a change, but not the newer one: neither a repetition nor an update.
        change = newer or update_reason(Comparison.of(second_reading, first_reading))
        refusal = None if change is None else Refusal("update", change)
    return verdict("merge") if refusal is None else verdict("similar", refusal)


def groups(verdicts: Iterable[PairVerdict]) -> list[tuple[str, ...]]:
    """Groups of memories in which every two may be merged, so that no chain joins what is not alike.

    Complete linkage: the most similar pairs first, two groups become one if all pairs across them may.

    Returns:
        Ids of each group, sorted; groups sorted. Memories that stay alone are in none.
    """
    mergeable = {frozenset((v.first_id, v.second_id)): v.similarity for v in verdicts if v.verdict == "merge"}
    group_of = {memory_id: {memory_id} for pair in mergeable for memory_id in pair}
    for pair in sorted(mergeable, key=lambda pair: (-mergeable[pair], *sorted(pair))):
        one, other = (group_of[memory_id] for memory_id in pair)
        if one is not other and all(frozenset((a, b)) in mergeable for a in one for b in other):
            one |= other
            group_of.update(dict.fromkeys(other, one))
    return sorted({tuple(sorted(group)) for group in group_of.values() if len(group) > 1})


def uncompared(verdicts: Sequence[PairVerdict]) -> list[tuple[str, str]]:
    """Pairs that were not judged although both may be merged with the same third one.

    Judging them as well lets three memories become one where only the third is new.
    """
    judged = {frozenset((v.first_id, v.second_id)) for v in verdicts}
    partners: defaultdict[str, set[str]] = defaultdict(set)
    for v in verdicts:
        if v.verdict == "merge":
            partners[v.first_id].add(v.second_id)
            partners[v.second_id].add(v.first_id)
    pairs = {pair for others in partners.values() for pair in combinations(sorted(others), 2)}
    return sorted(pair for pair in pairs if frozenset(pair) not in judged)


def _much_unsaid(pair: Comparison, above: float) -> Refusal | None:
    """Whether a text says more that the other does not than two texts so similar may."""
    less, more = sorted((pair.only_a, pair.only_b), key=len)
    if len(more) > _OWN + above / _FOR_OWN or len(more) - len(less) > _SURPLUS + above / _FOR_SURPLUS:
        return Refusal("content", f"only one says {', '.join(sorted(more))}")
    if above < _FOR_OTHER_AGENT:
        for slot in sorted(pair.a.slots.keys() & pair.b.slots.keys()):
            own, other = pair.a.slots[slot] & pair.only_a, pair.b.slots[slot] & pair.only_b
            # "Do" stands for a verb that is named elsewhere, and a daughter may be called a girl.
            if (
                slot[1] == "agent"
                and slot[0] != "do"
                and own
                and other
                and not (_are_people(own) and _are_people(other))
            ):
                return Refusal("content", f"{'/'.join(sorted(own))} against {'/'.join(sorted(other))}")
    return None


def _are_people(words: Iterable[str]) -> bool:
    return all(not kinds_of(word).keys().isdisjoint(("person", "family")) for word in words)


def _circumstances_differ(first: Memory, second: Memory, a: Reading, b: Reading) -> Refusal | None:
    """What speaks against merging besides the texts."""
    if first.memory_type != second.memory_type:
        return Refusal("type", f"{first.memory_type.value} against {second.memory_type.value}")
    if _speakers_differ(first, second, a, b):
        return Refusal("speaker", f"{first.speaker} and {second.speaker}, each of themselves")
    apart = abs(second.timestamp - first.timestamp)
    if first.memory_type is MemoryType.EPISODIC and apart > EVENT_SECONDS:
        return Refusal("event", f"events {apart / EVENT_SECONDS:.1f} days apart")
    if first.expires_at != second.expires_at or first.refresh_seconds or second.refresh_seconds:
        return Refusal("end", "they do not end together")
    return None


def _speakers_differ(first: Memory, second: Memory, a: Reading, b: Reading) -> bool:
    """Whether two speak, and at least one of them of those who talk: "I", "you", or nobody named."""
    if first.speaker is None or second.speaker is None or first.speaker.casefold() == second.speaker.casefold():
        return False
    return any(reading.is_elliptic or reading.persons & {"i", "you"} for reading in (a, b))
