"""The sample conversation and the questions about it. All people in it are invented."""

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
    min_relevance: float | None = None
    """Only what is at least this relevant, in [0, 1]; None for the configured threshold."""
    needs_graph: bool = False
    """Whether the answer has neither words nor meaning in common with the question."""


QUESTIONS = (
    Question("What did Anand find out about my knee?", "meaning, words and a name", "It is the iliotibial band"),
    Question("Did we book a ferry to Brittany?", "a change of mind", "changed our minds"),
    Question(
        "What would be a good present for the woman who lent me the sewing machine?",
        "an answer that only the graph finds",
        "ginger marmalade",
        needs_graph=True,
    ),
    Question("What do we still need for Ida's party?", "a plan", "seven consent forms are in"),
    Question("When is the boiler due for a service?", "a date", "by the end of September"),
    Question("What goes into the orange cake?", "a recipe", "200 g butter"),
    Question("How is my knee?", "only what was said since April", "the knee kept quiet", since="2026-04-01"),
    Question("Which football club do I support?", "something that was never mentioned", None, min_relevance=0.7),
)


def read_sample() -> list[Record]:
    """The conversation, ready to be stored."""
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    return list(read_jsonl(text.splitlines(), _FILE))
