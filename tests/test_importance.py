"""The importance of memories nobody weighs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.importance import FIRST_PERSON, MOST_ENTITIES, TYPE_LEVELS, explain, importance
from coda_graphmem.models import EntityMention, MemoryType

PLAIN = "The kettle is in the kitchen"


def entity(name: str, label: str = "PERSON") -> EntityMention:
    return EntityMention(key=name.lower(), name=name, label=label)


@pytest.mark.parametrize("kind", MemoryType)
def test_a_plain_text_has_the_level_of_its_type(kind: MemoryType) -> None:
    assert importance(PLAIN, kind) == TYPE_LEVELS[kind]
    assert explain(PLAIN, kind).parts == {
        "type": TYPE_LEVELS[kind], "entities": 0.0, "first_person": 0.0, "dates": 0.0, "emphasis": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("first_person", "My kettle is in the kitchen"),
        ("dates", "The kettle comes on Friday"),
        ("dates", "The kettle is from 2019"),
        ("emphasis", "Important: the kettle is in the kitchen"),
        ("emphasis", "Don't forget the kettle"),
        ("emphasis", "The kettle!!"),
        ("emphasis", "THE KETTLE IS HOT"),
    ],
)
def test_each_part_raises_it(part: str, text: str) -> None:
    found = explain(text, MemoryType.SEMANTIC)
    assert found.parts[part] > 0
    assert sum(value != 0 for value in found.parts.values()) == 2
    assert found.score == pytest.approx(sum(found.parts.values()))
    assert found.score > importance(PLAIN, MemoryType.SEMANTIC)


def test_names_count_up_to_a_bound_and_noun_chunks_do_not() -> None:
    names = [entity(name) for name in ("Anna", "Tom", "Rex", "Ben", "Eva")]
    scores = [importance(PLAIN, MemoryType.EPISODIC, names[:count]) for count in range(6)]
    assert scores[: MOST_ENTITIES + 1] == sorted(set(scores))
    assert len(set(scores[MOST_ENTITIES:])) == 1
    assert importance(PLAIN, MemoryType.EPISODIC, [entity("kettle", "CONCEPT")]) == scores[0]


def test_a_mere_question_counts_less() -> None:
    asked = explain("Where is the kettle?", MemoryType.EPISODIC)
    assert asked.parts["question"] < 0
    assert asked.score < importance(PLAIN, MemoryType.EPISODIC)
    assert "question" not in explain("It is gone. Where is the kettle?", MemoryType.EPISODIC).parts


def test_turns_of_a_dialogue_stay_near_one_level() -> None:
    turns = ["How was Lisbon, Anna?", "I loved it, and on Friday I fly back with Tom", "Nice", "The tram was slow"]
    scores = [importance(turn, MemoryType.EPISODIC, [entity("Anna"), entity("Tom")]) for turn in turns]
    assert max(scores) - min(scores) <= 0.12


@given(st.text(max_size=80), st.sampled_from(MemoryType), st.integers(0, 9))
def test_it_is_always_in_range(text: str, kind: MemoryType, names: int) -> None:
    found = explain(text, kind, [entity(f"n{i}") for i in range(names)])
    assert 0 <= found.score <= 1
    assert found.parts["first_person"] in (0.0, FIRST_PERSON)
