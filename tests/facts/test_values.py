"""Values are equal however they are written."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.attributes import attribute, attribute_name, attributes
from coda_graphmem.facts.values import subject_key, value_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100 requests/min", "100 requests per minute"),
        ("$8,000", "8000 dollars"),
        ("8k dollars", "8,000 USD"),
        ("30 seconds", "30s"),
        ("two", "2"),
        ("95%", "95 percent"),
        ("v2.1", "version 2.1"),
        ("Dr. Lee", "Lee"),
        ("dogs", "a dog"),
        ("dog named Rex", "my dog"),
        ("São Paulo", "sao paulo"),
    ],
)
def test_equal_values(one: str, other: str) -> None:
    assert value_key(one) == value_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("30 seconds", "30 minutes"),
        ("$100", "€100"),
        ("1.1", "1.10"),
        ("Rome", "Rometta"),
        ("May 3", "May 4"),
        ("C", "C++"),
    ],
)
def test_other_values(one: str, other: str) -> None:
    assert value_key(one) != value_key(other)


def test_subjects() -> None:
    assert subject_key("User") == subject_key("me") == "user"
    assert subject_key("The API rate limit") == subject_key("api rate limit")


def test_attributes_are_found_by_name_and_by_kind() -> None:
    assert attribute("residence").is_exclusive
    assert not attribute("likes").is_exclusive
    assert attribute("dentist appointment").section == "plans"
    assert attribute("favorite color").section == "preferences"
    assert attribute("number of cats").is_exclusive
    assert attribute("shoe size") is attributes()["other"]
    assert (attribute_name("wife"), attribute_name("manager"), attribute_name("zebra")) == ("partner", "boss", "zebra")


def test_every_other_word_means_one_attribute() -> None:
    words = [word for entry in attributes().values() for word in entry.also.split()]
    assert len(words) == len(set(words))
    assert not set(words) & attributes().keys()
