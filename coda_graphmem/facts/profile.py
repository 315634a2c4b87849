"""What is known of somebody as lines, and as a text of a given size for a prompt; pure."""

import math
from collections.abc import Iterable, Sequence

from coda_graphmem.facts.attributes import Attribute, attribute, attributes
from coda_graphmem.facts.state import holding
from coda_graphmem.language.tokens import estimated_tokens
from coda_graphmem.models import Fact, Profile, ProfileLine
from coda_graphmem.times import SECONDS_PER_DAY, utc_datetime

SECTIONS = ("identity", "home", "work", "people", "health", "preferences", "plans")
"""Sections in the order of a profile; others follow in the order of ``attributes.toml``, and ``things`` is the last."""


def make_profile(subject: str, facts: Iterable[Fact], *, as_of: float, max_tokens: int | None = None) -> Profile:
    """What holds at a moment, by section, the surest and latest first.

    Args:
        subject: What the subject is called where no fact says it.
        facts: All that is known of the subject, past and denied ones included.
        as_of: The moment (seconds, UTC).
        max_tokens: The size of the text, in tokens as `estimated_tokens` counts them; None for all lines.
    """
    found = sorted(holding(facts, as_of), key=lambda fact: _rank(fact, as_of))
    lines = [line for fact in found if (line := profile_line(fact)) is not None]
    name = next((fact.subject for fact in found), subject)
    text, shown = _text(lines, max_tokens)
    return Profile(subject=name, as_of=as_of, lines=lines, text=text, omitted=len(lines) - shown)


def sureness(fact: Fact, at: float) -> float:
    """How sure a fact still is: half as sure after each half-life of its attribute since it was first said."""
    half_life = attribute(fact.attribute).half_life_days
    if half_life is None:
        return fact.confidence
    return fact.confidence * math.exp2(-max(at - fact.known_from, 0.0) / SECONDS_PER_DAY / half_life)


def _rank(fact: Fact, at: float) -> tuple[int, float, float, str, str]:
    # Compared in tenths, so that of two that are about as sure the later goes first.
    place = _place(attribute(fact.attribute).section)
    return place, -round(sureness(fact, at), 1), -fact.known_from, fact.attribute, fact.value_key


def _place(section: str) -> int:
    order = [*SECTIONS, *(known.section for known in attributes().values() if known.section != "things"), "things"]
    return order.index(section) if section in order else len(order)


def profile_line(fact: Fact) -> ProfileLine | None:
    """A fact as a line of a profile; None for a denial that nobody needs to be told: attributes say how those are."""
    known = attribute(fact.attribute)
    if not fact.polarity and not known.denied:
        return None
    return ProfileLine(section=known.section, text=_worded(fact, known) + _since(fact), fact=fact)


def _worded(fact: Fact, known: Attribute) -> str:
    value = " ".join(fact.value.split())
    wording = known.text if fact.polarity else known.denied
    if wording:
        return wording.replace("{value}", value).replace("{rest}", fact.attribute.partition(" ")[2])
    name = fact.attribute.replace("_", " ")
    return f"{name[:1].upper()}{name[1:]}: {value}"


def _since(fact: Fact) -> str:
    """From when it holds, where somebody said so: that it was said in May does not mean that it holds since then."""
    if not fact.polarity or fact.valid_from is None or fact.valid_from == fact.known_from:
        return ""
    return f" (since {utc_datetime(fact.valid_from):%B %Y})"


def _text(lines: Sequence[ProfileLine], max_tokens: int | None) -> tuple[str, int]:
    """The lines that fit with the headings of their sections, and how many they are."""
    shown: list[str] = []
    count, used = 0, 0
    heading = ""
    for line in lines:
        own = f"{line.section.capitalize()}:"
        more = [f"- {line.text}"] if own == heading else [own, f"- {line.text}"]
        cost = estimated_tokens("\n".join(["", *more] if shown else more))
        if max_tokens is not None and used + cost > max_tokens:
            continue
        shown += more
        heading, used, count = own, used + cost, count + 1
    return "\n".join(shown), count
