"""Which words are looked for, and what share of them a text holds."""

from __future__ import annotations

import pytest

from coda_graphmem.language.words import stems
from coda_graphmem.retrieval.terms import coverage, names, query_terms, unknown_share, without_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When did Maria go hiking?", ["maria", "go", "hiking"]),
        ("hiking, Hiking & HIKING", ["hiking"]),
        ("artists/bands", ["artists", "bands"]),
        ('"garden" OR (boat) -bread*', ["garden", "boat", "bread"]),
        ("who is it", ["who", "is", "it"]),
        ("?!", []),
        ("Zürich 1999", ["zurich", "1999"]),
        ("花生在哪里\uff1f汁", ["花生", "生在", "在哪", "哪里", "汁"]),
    ],
)
def test_query_terms(text: str, expected: list[str]) -> None:
    assert query_terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When did Maria and Tom meet Maria's aunt?", [("Maria",), ("Tom",)]),
        ("Was it in March or on Monday that I paid Anna?", [("Anna",)]),
        ("Who is the aunt of John A. Woodville, Earl of Kent?", [("John", "Woodville"), ("Earl",), ("Kent",)]),
        (
            "Where did Anna Sackville-West and Henry St. John meet?",
            [
                ("Anna", "Sackville", "West"),
                ("Henry", "St", "John"),
            ],
        ),
        ("does Anna Lee know Lee Anna or Anna Lee", [("Anna", "Lee"), ("Lee", "Anna")]),
        ("when did maria meet tom", []),
        ("WHO MET MARIA", []),
        ("Who Met Maria", []),
        ("plan B for The Hague", [("Hague",)]),
        ("", []),
    ],
)
def test_names(text: str, expected: list[tuple[str, ...]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("wanted", "texts", "share"),
    [
        (["Maria", "Tom"], ["tom's boat"], 0.5),
        (["Maria", "Tom"], ["Maria and Tom"], 0.0),
        (["Maria", "Tom"], ["Maria", "a boat", "Tom"], 0.0),
        (["Jose"], ["José"], 0.0),
        (["José"], ["Jose"], 0.0),
        (["Rex"], ["a dog"], 1.0),
        (["Rex"], [], 1.0),
        ([], ["a dog"], 0.0),
        # Two who share a part of the name each are two others.
        (["John Woodville"], ["John Ioannou", "Anthony Woodville"], 0.5),
        (["John Woodville"], ["Anthony Woodville", "Woodville, John"], 0.0),
        (["John Woodville", "Rex"], ["John Ioannou", "Rex barks"], 1 / 3),
    ],
)
def test_the_share_of_names_that_texts_do_not_hold(wanted: list[str], texts: list[str], share: float) -> None:
    assert unknown_share([name.split() for name in wanted], [stems(text) for text in texts]) == share


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("What are Maria's plans?", {"maria"}, "What are plans?"),
        ("What did maria, and Tom, plan?", {"maria", "tom"}, "What did and plan?"),
        ("Does Nora Smith ski?", {"nora smith"}, "Does ski?"),
        ("Who is Maria?", {"maria"}, "Who is Maria?"),
        ("What are Maria's plans?", set(), "What are Maria's plans?"),
    ],
)
def test_names_are_taken_out_where_something_is_left(text: str, names: set[str], expected: str) -> None:
    assert without_names(text, names) == expected


def test_coverage_is_a_share() -> None:
    assert coverage(["hiking", "maria", "boots"], stems("Maria hikes a lot")) == pytest.approx(2 / 3)
    assert coverage(["hiking"], stems("nothing of it")) == 0.0
    assert coverage([], stems("anything")) == 0.0
