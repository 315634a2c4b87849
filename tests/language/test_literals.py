"""What a text holds letter by letter."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem.language.literals import find_literals


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Use grep -x to match.", {"-x"}),
        ("Use grep -X to match.", {"-X"}),
        ("Run it with --dry-run.", {"--dry-run"}),
        ("It is in /etc/app/main.conf, or ~/x.", {"/etc/app/main.conf", "~/x"}),
        ("See docs/a/b.md.", {"docs/a/b.md"}),
        ("Press Ctrl+C.", {"ctrl+c"}),
        ("My blood type is A-.", {"a-"}),
        ("I write C++ and play in F#.", {"c++", "f#"}),
        ("He/she and/or a well-known x-ray - no.", set()),
        ("The officer - Dallager - left at 60 km/h.", set()),
    ],
)
def test_codes(text: str, codes: set[str]) -> None:
    assert find_literals(text).codes == codes


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("The odds are 4:1.", {"4:1"}),
        ("The odds are 4 to 1.", {"4:1"}),
        ("They won 3-2.", {"3:2"}),
        ("The result is a - b.", {"a-b"}),
        ("It is x/y.", {"x/y"}),
        ("Set it to n - 1.", {"n-1"}),
        ("We need Node >= 18.", {"node>=18"}),
        ("Call 555-0134-11 at 4:30.", set()),
    ],
)
def test_orders(text: str, orders: set[str]) -> None:
    assert find_literals(text).orders == orders


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    assert find_literals(text) == find_literals(text)


@pytest.mark.parametrize("part", ["(", "-", "a-", "a/", "1 ", "x + ", "a_", "."])
def test_no_text_takes_long(part: str) -> None:
    start = time.process_time()
    find_literals(part * (20_000 // len(part)))
    assert time.process_time() - start < 5.0
