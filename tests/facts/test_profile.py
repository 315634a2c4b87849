"""What holds at a moment, and the profile made of it."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.profile import make_profile, sureness
from coda_graphmem.facts.state import holding, known_at
from coda_graphmem.facts.timeline import StatedMemory
from coda_graphmem.facts.values import subject_key, value_key
from coda_graphmem.language.tokens import estimated_tokens
from coda_graphmem.models import Fact, Statement
from coda_graphmem.times import SECONDS_PER_DAY, utc_datetime

DAY = SECONDS_PER_DAY
NOW = 20_000 * DAY


def fact(attribute: str, value: str, *, said: float = NOW - DAY, **given: object) -> Fact:
    fields = {
        "fact_id": f"{attribute} {value}",
        "subject": "User",
        "subject_key": "user",
        "attribute": attribute,
        "value": value,
        "value_key": value_key(value) if value else "",
        "valid_from": said,
        "known_from": said,
        "confidence": 0.9,
        "memory_ids": ["m1"],
    }
    return Fact.model_validate(fields | given)


def texts(*facts: Fact, **options: int) -> list[str]:
    return [line.text for line in make_profile("User", facts, as_of=NOW, **options).lines]


def test_a_profile_goes_by_section_and_then_by_what_is_surest_and_latest() -> None:
    facts = [
        fact("rate limit", "100"),
        fact("likes", "jazz", said=NOW - 9 * DAY),
        fact("likes", "opera", said=NOW - 2 * DAY),
        fact("likes", "chess", confidence=0.6),
        fact("employer", "Orion"),
        fact("residence", "Rome"),
    ]
    profile = make_profile("User", facts, as_of=NOW)
    assert [line.text for line in profile.lines] == [
        "Lives in Rome", "Works at Orion", "Likes opera", "Likes jazz", "Likes chess", "Rate limit: 100",
    ]  # fmt: skip
    assert profile.text.splitlines()[:2] == ["Home:", "- Lives in Rome"]
    assert profile.text.count("Preferences:") == 1
    assert (profile.subject, profile.omitted) == ("User", 0)


def test_what_is_over_or_not_yet_begun_is_not_in_it() -> None:
    past = fact("residence", "Paris", valid_until=NOW - DAY)
    ending = fact("residence", "Oslo", valid_until=NOW)
    coming = fact("residence", "Rome", valid_from=NOW + DAY)
    assert texts(past, ending, coming) == []
    assert make_profile("User", [past], as_of=NOW).text == ""
    assert [line.text for line in make_profile("User", [coming], as_of=NOW + DAY).lines] == [
        f"Lives in Rome (since {utc_datetime(NOW + DAY):%B %Y})"
    ]


def test_since_is_said_only_where_somebody_said_it() -> None:
    start = NOW - 400 * DAY
    assert texts(fact("residence", "Rome", valid_from=start)) == [f"Lives in Rome (since {utc_datetime(start):%B %Y})"]
    assert texts(fact("residence", "Rome")) == ["Lives in Rome"]


def test_a_denial_is_told_where_it_matters() -> None:
    paris = fact("residence", "Paris", polarity=False)
    assert texts(paris) == ["Does not live in Paris"]
    assert texts(paris, fact("residence", "Rome")) == ["Lives in Rome"], "where one lives says where one does not"
    assert texts(fact("likes", "jazz"), fact("likes", "opera", polarity=False)) == ["Likes jazz", "Does not like opera"]
    assert texts(fact("rate limit", "100", polarity=False), fact("employer", "", polarity=False)) == []


@pytest.mark.parametrize("size", range(0, 26))
def test_a_text_fits_and_leaves_out_only_what_does_not(size: int) -> None:
    long = fact("likes", " ".join(["very"] * 12 + ["long walks"]), said=NOW - DAY / 2)
    profile = make_profile("User", [long, fact("likes", "jazz"), fact("residence", "Rome")], as_of=NOW, max_tokens=size)
    assert estimated_tokens(profile.text) <= size
    assert profile.text.count("- ") == len(profile.lines) - profile.omitted
    home, liked = estimated_tokens("Home:\n- Lives in Rome"), estimated_tokens("Preferences:\n- Likes jazz")
    both = home + estimated_tokens("\nPreferences:\n- Likes jazz")
    assert ("Rome" in profile.text) == (size >= home)
    assert ("jazz" in profile.text) == (size >= both or liked <= size < home)
    assert len(profile.lines) == 3


def test_what_ages_becomes_less_sure() -> None:
    home = fact("residence", "Rome", said=NOW - 1460 * DAY)
    assert sureness(home, NOW) == pytest.approx(0.45)
    assert sureness(home, home.known_from - DAY) == pytest.approx(0.9)
    assert sureness(fact("rate limit", "100", said=0.0), NOW) == pytest.approx(0.9)


def test_affirmed_before_denied_by_attribute() -> None:
    facts = [fact("likes", "a", polarity=False), fact("likes", "b"), fact("employer", "Orion")]
    assert [one.value for one in holding(facts, NOW)] == ["Orion", "b", "a"]


def test_known_at_a_time_is_what_was_said_by_then() -> None:
    def said(memory_id: str, at: float, place: str) -> StatedMemory:
        statement = Statement(
            subject="User", subject_key=subject_key("User"), attribute="residence", value=place, value_key=place.lower()
        )
        return StatedMemory(memory_id, at, None, None, None, None, (statement,))

    memories = [said("m2", 200.0, "Rome"), said("m1", 100.0, "Paris")]
    assert known_at(memories, 99.0) == []
    for at, place, until in ((100.0, "Paris", None), (200.0, "Rome", 200.0)):
        facts = known_at(memories, at)
        assert [one.value for one in holding(facts, at)] == [place]
        assert facts[0].valid_until == until
