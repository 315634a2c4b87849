"""Values of texts in one normal form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.language.quantities import Quantity, find_quantities


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("two dogs", [("number", 2.0, "")]),
        ("twenty-five chairs", [("number", 25.0, "")]),
        ("two hundred and five people", [("number", 205.0, "")]),
        ("1,729 patrols", [("number", 1729.0, "")]),
        ("a city of 3.5 million", [("number", 3.5e6, "")]),
        ("two dozen eggs", [("number", 24.0, "")]),
        ("a quarter of them", [("number", 0.25, "")]),
        ("the second quarter", [("ordinal", 2.0, "")]),
        ("ten percent", [("percent", 10.0, "")]),
        ("10%", [("percent", 10.0, "")]),
        ("at 3 pm", [("time", 900.0, "")]),
        ("at 15:00", [("time", 900.0, "")]),
        ("at 12:30 a.m.", [("time", 30.0, "")]),
        ("at noon", [("time", 720.0, "")]),
        ("on Tuesday", [("weekday", 2.0, "")]),
        ("March 15th", [("month", 3.0, ""), ("number", 15.0, "")]),
        ("on 2024-05-03", [("month", 5.0, ""), ("number", 2024.0, ""), ("number", 3.0, "")]),
        ("on 13/5/24", [("month", 5.0, ""), ("number", 13.0, ""), ("number", 2024.0, "")]),
        ("we met in May", [("month", 5.0, "")]),
        ("May 7", [("month", 5.0, ""), ("number", 7.0, "")]),
        ("May I go?", []),
        ("I may go", []),
        ("The Sun is hot", []),
        ("on Sun, at home", [("weekday", 7.0, "")]),
        ("they march on", []),
        ("$5.99", [("money", 5.99, "usd")]),
        ("fifty dollars", [("money", 50.0, "usd")]),
        ("75 cents", [("money", 0.75, "usd")]),
        ("€2 million", [("money", 2e6, "eur")]),
        ("ticket CODA-112", [("id", "coda112", "")]),
        ("version 2.3.1", [("id", "2.3.1", "")]),
        ("call +1 (555) 123-4567", [("id", "15551234567", "")]),
        ("ann@example.org", [("id", "ann@example.org", "")]),
        ("see https://example.org/a.", [("id", "example.org/a", "")]),
        ("vitamin C", [("id", "c", "")]),
        ("account 12345678", [("id", "12345678", "")]),
        ("5km", [("number", 5.0, "kilometer")]),
        ("5 km and ten miles", [("number", 5.0, "kilometer"), ("number", 10.0, "mile")]),
        ("a 6-year-old", [("number", 6.0, "year")]),
        ("-5 or minus 7", [("number", -5.0, ""), ("number", -7.0, "")]),
        ("a row of 3-2", [("number", 2.0, ""), ("number", 3.0, "")]),
        ("seat 7C", [("id", "7c", "")]),
        ("code aB3x", [("id", "ab3x", "aB3x")]),
        ("the 3rd day", [("ordinal", 3.0, "")]),
        ("1 count", []),
        ("at 9 in the evening", [("time", 1260.0, "")]),
        ("at 9 in the morning", [("time", 540.0, "")]),
        ("Jay S. Fishman", []),
        ("half past nine", [("time", 570.0, "")]),
        ("quarter to 5 in the afternoon", [("time", 1005.0, "")]),
        ("quarter past 12 pm", [("time", 735.0, "")]),
        ("half past twelve", [("time", 750.0, "")]),
        ("quarter past twelve at night", [("time", 15.0, "")]),
        ("half past ten at night", [("time", 1350.0, "")]),
        ("quarter to 9 a.m.", [("time", 525.0, "")]),
        ("half past", [("number", 0.5, "")]),
        ("an hour and a half", [("number", 1.5, "hour")]),
        ("half an hour", [("number", 0.5, "hour")]),
        ("two and a half hours", [("number", 2.5, "hour")]),
        ("3 and a half", [("number", 3.5, "")]),
        ("one dog, I think <3", []),
        ("İ in May 7", [("month", 5.0, ""), ("number", 7.0, "")]),
    ],
)
def test_values(text: str, found: list[tuple[str, float | str, str]]) -> None:
    assert list(find_quantities(text)) == sorted(
        (Quantity(kind, value, unit) for kind, value, unit in found),  # type: ignore[arg-type]
        key=lambda q: (q.kind, str(q.value), q.unit),
    )


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    assert find_quantities(text) == find_quantities(text)


@given(st.integers(min_value=0, max_value=999_999))
def test_digits_with_and_without_commas_are_one_number(number: int) -> None:
    assert find_quantities(f"It holds {number:,} items") == find_quantities(f"It holds {number} items")
