"""What somebody does again and again, in verbs that no rule lists."""

from __future__ import annotations

import pytest

from coda_graphmem.facts.profile import profile_line
from coda_graphmem.facts.reader import FactReader
from coda_graphmem.facts.timeline import Said, settle
from tests.facts.test_statements import SAID_AT, read, told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I wear glasses.", {"does wear=glasses"}),
        (
            "I subscribe to the Guardian and the New Scientist.",
            {"does subscribe to=Guardian", "does subscribe to=New Scientist"},
        ),
        ("I sketch boats and bridges.", {"does sketch=boats", "does sketch=bridges"}),
        ("I don't wear glasses any more.", {"does wear!=glasses"}),
        ("I stopped wearing contact lenses.", {"does wear!=contact lenses"}),
        ("My wife carries an inhaler.", {"User's wife/does carry=inhaler"}),
        ("I make soup every Sunday.", {"does make=soup"}),
        ("My son goes to the swimming school on Saturdays.", {"User's son/does go to=swimming school"}),
        ("I've been carving spoons for years.", {"does carve=spoons"}),
        ("Gustav works nights at the bakery.", {"Gustav/does work at=bakery"}),
        ("I mostly cycle to work.", {"does cycle to=work"}),
        ("My wife runs marathons, I just hold the coats.", {"User's wife/does run=marathons"}),
        ("I sing and draw.", {"skill=sing", "skill=draw"}),
    ],
)
def test_what_somebody_does(reader: FactReader, text: str, expected: set[str]) -> None:
    assert told(read(reader, text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I wear it well.",
        "I wish my brother wore glasses.",
        "Do I wear glasses?",
        "I would wear glasses.",
        "If I wear glasses, I see better.",
        "I wore glasses to the party.",
        "I make soup.",
        "When I'm tired, I skip breakfast.",
        "I had dinner, and drinks with my friends.",
        "I've been carving a spoon.",
        "I handle that.",
        "I value your kindness.",
        "I sort the list.",
        "Somebody wears glasses.",
    ],
)
def test_what_tells_of_no_habit(reader: FactReader, text: str) -> None:
    assert [one for one in read(reader, text) if one.attribute.startswith("does")] == []


def test_a_habit_stands_beside_others_until_it_is_denied(reader: FactReader) -> None:
    texts = ["I wear glasses.", "I wear contact lenses.", "I don't wear glasses any more."]
    said = [Said(str(day), SAID_AT + day, one) for day, text in enumerate(texts) for one in read(reader, text)]
    held = [settled.fact for settled in settle(said) if settled.over_since is None]
    assert {(fact.value, fact.polarity) for fact in held} == {("contact lenses", True), ("glasses", False)}
    assert {line.text for fact in held if (line := profile_line(fact)) is not None} == {
        "Does wear contact lenses",
        "Does not wear glasses",
    }
