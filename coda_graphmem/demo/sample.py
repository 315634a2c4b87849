"""The sample conversation and the questions about it. All people in it are invented."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from coda_graphmem.importing import Record, read_jsonl

_FILE = "sample.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody might ask weeks later."""

    text: str
    shows: str
    """What the question is an example of."""
    answer: str | None
    """Words of the memory that answers it; None where nothing was ever said about it."""
    since: str | None = None
    """Only what was said from this day on (ISO 8601)."""
    needs_graph: bool = False
    """Whether the answer has neither words nor meaning in common with the question."""


QUESTIONS = (
    Question("Why does my knee hurt?", "meaning and words together", "iliotibial band"),
    Question("Are we still taking the ferry to Brittany?", "a change of mind", "changed our minds"),
    Question(
        "What would be a good thank-you for the person who lent us the tent?",
        "an answer that only the graph finds",
        "ginger marmalade",
        needs_graph=True,
    ),
    Question(
        "How do I get hold of the man who repaired the boiler?", "one more step along the graph", "bakery in Easton"
    ),
    Question("What is left to do before the birthday party?", "a plan", "the forms, the cake, and candles"),
    Question("What is new at work?", "only what was said in April", "start as team lead on 1 June", since="2026-04-01"),
    Question("Which football club do I support?", "something that was never mentioned", None),
)


def read_sample() -> list[Record]:
    """The conversation, ready to be stored."""
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    return list(read_jsonl(text.splitlines(), _FILE))
