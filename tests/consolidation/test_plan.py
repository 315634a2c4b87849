"""Verdicts, groups and plans, without any store."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.consolidation.plan import (
    EVENT_SECONDS,
    RELATED_SIMILARITY,
    SimilarPair,
    groups,
    judge,
    judge_all,
    propose,
    uncompared,
)
from coda_graphmem.consolidation.readings import Reader
from coda_graphmem.models import ConsolidationResult, Memory, MemoryType, PairVerdict, Verdict

DAY = 86_400.0


def memory(
    memory_id: str, content: str, *, at: float = 0.0, kind: MemoryType = MemoryType.SEMANTIC, speaker: str | None = None
) -> Memory:
    return Memory(
        memory_id=memory_id,
        content=content,
        memory_type=kind,
        timestamp=at,
        importance_score=0.5,
        metadata={"speaker": speaker} if speaker else {},
    )


def judged(reader: Reader, a: Memory, b: Memory, similarity: float = 0.95, threshold: float = 0.85) -> PairVerdict:
    first, second = reader.read([a.content, b.content], [a.speaker, b.speaker])
    return judge(a, b, first, second, similarity, threshold=threshold)


def verdict(a: str, b: str, kind: Verdict = "merge", similarity: float = 0.9) -> PairVerdict:
    return PairVerdict(first_id=a, second_id=b, similarity=similarity, verdict=kind)


def test_what_says_the_same_is_merged(reader: Reader) -> None:
    found = judged(reader, memory("a", "I like plums."), memory("b", "I love plums."))
    assert (found.verdict, found.guard, found.reason) == ("merge", None, None)


def test_what_was_said_last_outdates(reader: Reader) -> None:
    paris, rome = memory("paris", "I live in Paris.", at=0.0), memory("rome", "I live in Rome now.", at=DAY)
    again = paris.model_copy(update={"last_said_at": 2 * DAY})
    for pair in ((paris, rome), (rome, paris)):
        found = judged(reader, *pair, similarity=0.7)
        assert (found.verdict, found.first_id, found.second_id) == ("outdated", "paris", "rome")
    for pair in ((again, rome), (rome, again)):
        found = judged(reader, *pair, similarity=0.7)
        assert (found.first_id, found.second_id) == ("rome", "paris")


def test_the_threshold_decides(reader: Reader) -> None:
    a, b = memory("a", "I like plums."), memory("b", "I love plums.")
    assert judged(reader, a, b, similarity=0.849).verdict == "unrelated"
    assert judged(reader, a, b, similarity=0.849, threshold=0.8).verdict == "merge"
    assert judged(reader, a, b, similarity=0.85).verdict == "merge"


def test_what_a_guard_refuses_is_similar(reader: Reader) -> None:
    found = judged(reader, memory("a", "I bought three plums."), memory("b", "I bought five plums."))
    assert (found.verdict, found.guard) == ("similar", "numbers")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The mayor opened the bridge.", "The mayor opened the bridge near the old harbor and praised both engineers."),
        ("My parents told me about it.", "My teachers told me about it."),
    ],
)
def test_texts_that_say_more_than_each_other_are_merged_only_where_they_are_very_similar(
    reader: Reader, a: str, b: str
) -> None:
    pair = memory("a", a), memory("b", b)
    found = judged(reader, *pair, similarity=0.87)
    assert (found.verdict, found.guard) == ("similar", "content")
    assert judged(reader, *pair, similarity=0.99).verdict == "merge"
    assert judged(reader, *pair, similarity=0.87, threshold=0.7).verdict == "merge"


def test_other_words_for_the_same_are_merged(reader: Reader) -> None:
    pair = memory("a", "A lady is mowing her lawn."), memory("b", "A woman is cutting her grass.")
    assert judged(reader, *pair, similarity=0.87).verdict == "merge"


def test_a_newer_statement_outdates_the_older_one_whichever_comes_first(reader: Reader) -> None:
    older, newer = memory("z", "I live in Paris.", at=0.0), memory("a", "I moved to Rome.", at=DAY)
    for pair in ((older, newer), (newer, older)):
        found = judged(reader, *pair, similarity=RELATED_SIMILARITY)
        assert (found.verdict, found.first_id, found.second_id) == ("outdated", "z", "a")
    assert judged(reader, older, newer, similarity=RELATED_SIMILARITY - 0.01).verdict == "unrelated"


def test_a_change_is_never_merged_away(reader: Reader) -> None:
    lived, moved = "I live in Paris.", "I moved from Paris to Rome."
    assert judged(reader, memory("a", lived), memory("b", moved, at=DAY)).verdict == "outdated"
    assert judged(reader, memory("a", lived), memory("b", moved)).verdict == "similar"
    assert judged(reader, memory("a", moved), memory("b", lived, at=DAY)).verdict != "merge"


def test_other_types_are_kept_apart(reader: Reader) -> None:
    a, b = memory("a", "I like plums."), memory("b", "I like plums.", kind=MemoryType.PREFERENCE)
    assert judged(reader, a, b).guard == "type"


def test_events_of_other_days_are_other_events(reader: Reader) -> None:
    kind = MemoryType.EPISODIC
    a = memory("a", "I went for a run.", kind=kind)
    assert judged(reader, a, memory("b", "I went for a run.", kind=kind, at=EVENT_SECONDS)).verdict == "merge"
    assert judged(reader, a, memory("b", "I went for a run.", kind=kind, at=EVENT_SECONDS + 1)).guard == "event"


@pytest.mark.parametrize(
    ("first", "second", "guard"),
    [
        ({"expires_at": 9.0}, {"expires_at": 9.0}, None),
        ({"expires_at": 9.0}, {"expires_at": 8.0}, "end"),
        ({"expires_at": 9.0}, {}, "end"),
        ({"expires_at": 9.0, "refresh_seconds": 1.0}, {"expires_at": 9.0}, "end"),
    ],
)
def test_what_ends_at_another_time_is_kept_apart(
    reader: Reader, first: dict[str, float], second: dict[str, float], guard: str | None
) -> None:
    a, b = memory("a", "I like plums.").model_copy(update=first), memory("b", "I like plums.").model_copy(update=second)
    assert judged(reader, a, b).guard == guard
    assert judged(reader, a, b).verdict == ("merge" if guard is None else "similar")


@pytest.mark.parametrize("text", ["I love hiking.", "Love hiking!", "You love hiking."])
def test_what_two_people_say_of_themselves_is_kept_apart(reader: Reader, text: str) -> None:
    a = memory("a", text, speaker="Anna")
    assert judged(reader, a, memory("b", text, speaker="Ben")).guard == "speaker"
    assert judged(reader, a, memory("b", text, speaker="anna")).verdict == "merge"


def test_what_two_people_say_of_a_third_may_be_merged(reader: Reader) -> None:
    text = "Carla loves hiking."
    assert judged(reader, memory("a", text, speaker="Anna"), memory("b", text, speaker="Ben")).verdict == "merge"


def test_another_speaker_outdates_nothing(reader: Reader) -> None:
    older = memory("a", "I live in Paris.", speaker="Anna")
    assert judged(reader, older, memory("b", "I moved to Rome.", at=DAY, speaker="Ben")).verdict == "similar"


def test_chains_are_not_groups() -> None:
    chain = [verdict("a", "b", similarity=0.95), verdict("b", "c", similarity=0.9), verdict("a", "c", "similar")]
    assert groups(chain) == [("a", "b")]
    assert groups(chain[:2]) == [("a", "b")]


def test_pairs_that_all_agree_are_one_group() -> None:
    everyone = [verdict(a, b) for a, b in combinations("abcd", 2)]
    assert groups([*everyone, verdict("x", "y"), verdict("a", "x", "outdated")]) == [("a", "b", "c", "d"), ("x", "y")]


@given(
    st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1]), max_size=45), st.randoms()
)
def test_every_two_of_a_group_agree_and_nobody_is_in_two(edges: set[tuple[int, int]], order: object) -> None:
    verdicts = [verdict(str(a), str(b), similarity=0.85 + (a * b % 7) / 50) for a, b in sorted(edges)]
    found = groups(verdicts)
    members = [item for group in found for item in group]
    assert len(members) == len(set(members))
    for group in found:
        assert all((int(a), int(b)) in edges for a, b in combinations(sorted(group), 2))
    shuffled = list(verdicts)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert groups(shuffled) == found
    free = {str(a) for edge in edges for a in edge} - set(members)
    assert not any(str(a) in free and str(b) in free for a, b in edges)


def test_uncompared_pairs_are_those_a_third_memory_joins() -> None:
    verdicts = [verdict("new", "a"), verdict("new", "b"), verdict("new", "c", "similar")]
    assert uncompared(verdicts) == [("a", "b")]
    assert uncompared([*verdicts, verdict("a", "b", "similar")]) == []


def test_a_plan_merges_each_group_and_keeps_every_verdict(reader: Reader) -> None:
    texts = {
        "a": "I like plums.",
        "b": "I love plums very much.",
        "c": "I love plums.",
        "d": "I don't like plums.",
        "e": "The train leaves at nine.",
    }
    memories = {key: memory(key, text, at=float(i)) for i, (key, text) in enumerate(texts.items())}
    readings = dict(zip(texts, reader.read(list(texts.values())), strict=True))
    pairs = [SimilarPair(a, b, 0.9) for a, b in combinations("abcd", 2)] + [SimilarPair("a", "e", 0.1)]
    verdicts = judge_all(pairs, memories, readings, threshold=0.85)
    proposals = propose(verdicts, memories, readings, reinforcement=0.1)
    assert [p.merged.source_ids for p in proposals] == [["a", "b", "c"]]
    assert proposals[0].merged.content == texts["b"]
    assert proposals[0].lowest_similarity == 0.9
    assert [(v.first_id, v.second_id) for v in verdicts] == [(p.first_id, p.second_id) for p in pairs]
    assert {v.verdict for v in verdicts if "d" in (v.first_id, v.second_id)} <= {"similar", "outdated"}

    result = ConsolidationResult(
        run_id="r",
        dry_run=True,
        started_at=0.0,
        seconds=0.1,
        time_window_hours=24,
        similarity_threshold=0.85,
        memories_considered=5,
        pairs_compared=len(pairs),
        proposals=proposals,
        refused=[v for v in verdicts if v.verdict in ("similar", "outdated")],
    )
    assert (result.consolidated_count, result.merged_count) == (3, 1)
    assert sum(result.refused_by_guard.values()) == 3
    assert ConsolidationResult.model_validate_json(result.model_dump_json()) == result
