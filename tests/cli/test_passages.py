"""Of a long memory the passage is shown that answers, and where it stands."""

from __future__ import annotations

import pytest

from coda_graphmem.cli.memories import explain, print_memory
from coda_graphmem.mcp.items import item_of, lines_of
from coda_graphmem.models import Explanation, Memory, MemoryType, Passage

CONTENT = "The beginning. " * 200 + "The boiler is serviced in October." + " The end." * 200
START = CONTENT.index("The boiler")
PASSAGE = Passage(start=START, end=START + 34, text=CONTENT[START : START + 34], score=0.71)


def memory(*passages: Passage, content: str = CONTENT) -> Memory:
    return Memory(
        memory_id="m1",
        content=content,
        memory_type=MemoryType.SEMANTIC,
        timestamp=1.0,
        importance_score=0.5,
        passages=list(passages),
    )


def test_the_command_line_shows_the_passage(capsys: pytest.CaptureFixture[str]) -> None:
    print_memory(memory(PASSAGE))
    out = capsys.readouterr().out
    assert "… The boiler is serviced in October. …" in out
    assert "(characters 3,000 to 3,034 of 4,834)" in out
    assert "The beginning." not in out
    print_memory(memory())
    assert "The beginning." in capsys.readouterr().out
    whole = Passage(start=0, end=6, text="A fact", score=0.5)
    print_memory(memory(whole, content="A fact"))
    assert "      A fact\n" in capsys.readouterr().out
    assert "passage: characters 3,000 to 3,034 (cosine 0.71)" in explain(Explanation(passage=PASSAGE), {})


def test_assistants_get_the_part_that_answers() -> None:
    item = item_of(memory(PASSAGE), "concise", 100)
    assert item.content == CONTENT[START : START + 100]
    assert (item.begins_at, item.characters) == (START, len(CONTENT))
    assert f"(a part from {START:,} on; {len(CONTENT):,} characters in all)" in lines_of(item, 1)
    # Where the whole has room, or a place was asked for, that counts.
    assert item_of(memory(PASSAGE), "concise", len(CONTENT)).begins_at is None
    assert item_of(memory(PASSAGE), "concise", 100, 7).content == CONTENT[7:107]
    assert item_of(memory(), "concise", 100).content == CONTENT[:100]
