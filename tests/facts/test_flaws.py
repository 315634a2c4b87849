"""What is wrong with the facts that a store keeps."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem.facts.flaws import find_flaws
from coda_graphmem.facts.timeline import Settled
from coda_graphmem.models import Fact


def fact(value: str, start: float | None, end: float | None, attribute: str = "residence", **values: Any) -> Settled:
    defaults: dict[str, Any] = {"confidence": 0.9, "known_from": 1.0, "memory_ids": ["m1"]}
    one = Fact(
        fact_id=f"{attribute} {value}",
        subject="User",
        subject_key="user",
        attribute=attribute,
        value=value,
        value_key=value.lower(),
        valid_from=start,
        valid_until=end,
        **{**defaults, **values},
    )
    return Settled(one, end)


PARIS, ROME = fact("Paris", 1.0, 5.0), fact("Rome", 5.0, None)


def test_what_statements_make_has_no_flaws() -> None:
    assert find_flaws([PARIS, ROME], [ROME, PARIS]) == (0, 0, 0, [])


@pytest.mark.parametrize(
    ("kept", "wrong"),
    [([PARIS], 1), ([], 2), ([PARIS, ROME, fact("Oslo", None, 0.5)], 1), ([PARIS, fact("Rome", 6.0, None)], 1)],
    ids=["missing", "none", "too many", "other"],
)
def test_facts_that_are_others_than_statements_make(kept: list[Settled], wrong: int) -> None:
    assert find_flaws(kept, [PARIS, ROME]) == (0, 0, wrong, [("user", "residence")])


def test_facts_that_nobody_says() -> None:
    alone = fact("Rome", 5.0, None, memory_ids=[])
    assert find_flaws([PARIS, alone], [PARIS, alone]).without_sources == 1


@pytest.mark.parametrize(
    ("other", "overlapping"),
    [
        (fact("Oslo", 4.0, 6.0), 2),
        (fact("Oslo", None, 1.0), 0),
        (fact("Oslo", 3.0, 3.0), 0),
        (fact("Oslo", 2.0, 3.0), 1),
        (fact("Oslo", 2.0, 3.0, polarity=False), 0),
        (fact("Oslo", 2.0, 3.0, "likes"), 0),
    ],
)
def test_values_that_hold_at_once(other: Settled, overlapping: int) -> None:
    assert find_flaws([PARIS, ROME, other], [PARIS, ROME, other]) == (0, overlapping, 0, [])
