"""Prints facts: what holds or held, since when, and who says so."""

from coda_graphmem.cli.output import say, when
from coda_graphmem.models import Fact


def print_fact(fact: Fact, *, at: float) -> None:
    """Print a fact: of whom, what, from when to when, and which memories say so; what does not hold is dim.

    Args:
        at: The moment that counts as now (seconds, UTC).
    """
    value = fact.value or "nothing"
    said = value if fact.polarity or not fact.value else f"not {value}"
    is_over = fact.valid_until is not None and fact.valid_until <= at
    say(f"{fact.subject} · {fact.attribute.replace('_', ' ')}: {said}", style="dim" if is_over else None)
    say(f"      {' '.join(_span(fact))} · {', '.join(fact.memory_ids)}", style="dim")


def _span(fact: Fact) -> list[str]:
    start = [] if fact.valid_from is None else ["since", when(fact.valid_from)]
    return start + ([] if fact.valid_until is None else ["until", when(fact.valid_until)])
