"""What holds when, from statements in any order."""

from __future__ import annotations

import itertools

import pytest

from coda_graphmem.facts.timeline import StatedMemory, sayings, settle
from coda_graphmem.facts.values import value_key
from coda_graphmem.models import Fact, Statement

JAN, FEB, MAR, APR, MAY = (float(month) for month in range(1, 6))


def said(
    name: str,
    value: str,
    at: float,
    *,
    attribute: str = "residence",
    polarity: bool = True,
    valid_from: float | None = None,
    valid_until: float | None = None,
    **more: object,
) -> StatedMemory:
    statement = Statement(
        subject="User",
        subject_key="user",
        attribute=attribute,
        value=value,
        value_key=value_key(value) if value else "",
        polarity=polarity,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    given = {"last_said_at": None, "standing": None, "standing_at": None, "superseded_by": None} | more
    return StatedMemory(memory_id=name, timestamp=at, statements=(statement,), **given)  # type: ignore[arg-type]


def facts(*memories: StatedMemory, as_of: float | None = None) -> list[Fact]:
    return [settled.fact for settled in settle(sayings(memories, as_of=as_of))]


def spans(found: list[Fact]) -> list[tuple[str, float | None, float | None]]:
    return [(("" if f.polarity else "not ") + f.value, f.valid_from, f.valid_until) for f in found]


PARIS, ROME = said("paris", "Paris", JAN), said("rome", "Rome", MAR)


@pytest.mark.parametrize("order", list(itertools.permutations([PARIS, ROME, said("oslo", "Oslo", MAY)])))
def test_a_new_value_ends_the_one_before_in_any_order_of_arrival(order: tuple[StatedMemory, ...]) -> None:
    found = facts(*order)
    assert spans(found) == [("Paris", JAN, MAR), ("Rome", MAR, MAY), ("Oslo", MAY, None)]
    assert [fact.ended_by for fact in found] == ["rome", "oslo", None]


def test_several_values_stand_beside_one_another() -> None:
    found = facts(said("a", "plums", JAN, attribute="likes"), said("b", "tea", FEB, attribute="likes"))
    assert spans(found) == [("plums", JAN, None), ("tea", FEB, None)]


def test_said_again_is_one_fact_and_after_an_end_a_new_one() -> None:
    found = settle(sayings([PARIS, said("again", "paris", FEB), ROME, said("back", "Paris", MAY)]))
    assert spans([s.fact for s in found]) == [("Paris", JAN, MAR), ("Rome", MAR, MAY), ("Paris", MAY, None)]
    assert found[0].fact.memory_ids == ["paris", "again"]
    assert [s.over_since for s in found] == [None, MAY, None]  # Paris holds again


def test_a_memory_that_was_said_again_counts_at_both_times() -> None:
    found = facts(said("paris", "Paris", JAN, last_said_at=MAY), ROME)
    assert spans(found) == [("Paris", JAN, MAR), ("Rome", MAR, MAY), ("Paris", MAY, None)]


def test_a_move_in_the_past_and_one_to_come() -> None:
    assert spans(facts(PARIS, said("rome", "Rome", MAY, valid_from=MAR))) == [
        ("Paris", JAN, MAR),
        ("Rome", MAR, None),
    ]
    plan = said("rome", "Rome", JAN, valid_from=APR)
    assert spans(facts(plan, said("paris", "Paris", FEB))) == [("Paris", FEB, APR), ("Rome", APR, None)]


def test_what_was_called_off_never_begins() -> None:
    plan = said("plan", "Rome", JAN, valid_from=APR)
    found = facts(PARIS, plan, said("off", "Rome", FEB, polarity=False))
    assert spans(found) == [("Paris", JAN, None), ("not Rome", FEB, None), ("Rome", APR, APR)]


def test_a_denial_ends_its_value_alone_and_an_empty_one_any() -> None:
    likes = [said("a", "plums", JAN, attribute="likes"), said("b", "tea", JAN, attribute="likes")]
    found = facts(*likes, said("c", "tea", MAR, attribute="likes", polarity=False))
    assert spans(found) == [("plums", JAN, None), ("tea", JAN, MAR), ("not tea", MAR, None)]
    assert spans(facts(PARIS, said("gone", "", MAR, polarity=False)))[0] == ("Paris", JAN, MAR)


def test_what_is_told_as_over_ends_nothing_else() -> None:
    found = facts(PARIS, said("old", "Oslo", FEB, valid_until=FEB))
    assert spans(found) == [("Paris", JAN, None), ("Oslo", None, FEB)]
    assert spans(facts(PARIS, said("was", "Paris", MAR, valid_until=FEB))) == [("Paris", JAN, FEB)]


def test_standings_by_hand() -> None:
    retracted = said("rome", "Rome", MAR, standing="retracted", standing_at=APR)
    assert spans(facts(PARIS, retracted)) == [("Paris", JAN, None)]
    assert spans(facts(PARIS, retracted, as_of=MAR)) == [("Paris", JAN, MAR), ("Rome", MAR, None)]
    replaced = said("paris", "Paris", JAN, standing="superseded", standing_at=FEB, superseded_by="rome")
    [fact] = facts(replaced)
    assert (fact.valid_until, fact.ended_by) == (FEB, "rome")
    back = said("paris", "Paris", JAN, standing="reinstated", standing_at=MAY)
    assert spans(facts(back, ROME))[-1] == ("Paris", MAY, None)


def test_what_was_taken_back_counts_again_once_it_is_said_again() -> None:
    again = said("rome", "Rome", FEB, standing="retracted", standing_at=MAR, last_said_at=APR)
    assert spans(facts(PARIS, again)) == [("Paris", JAN, APR), ("Rome", APR, None)]
    before = said("rome", "Rome", JAN, standing="retracted", standing_at=MAR, last_said_at=FEB)
    assert spans(facts(PARIS, before)) == [("Paris", JAN, None)]


def test_what_comes_back_after_an_end_begins_then_whatever_it_tells_of_its_start() -> None:
    since = said("rome", "Rome", FEB, valid_from=JAN, standing="reinstated", standing_at=MAY)
    gone = said("oslo", "Oslo", APR)
    assert spans(facts(since, gone)) == [("Rome", JAN, APR), ("Oslo", APR, MAY), ("Rome", MAY, None)]


def test_as_of_knows_nothing_of_later() -> None:
    assert spans(facts(PARIS, ROME, as_of=FEB)) == [("Paris", JAN, None)]
