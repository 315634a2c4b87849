"""Transcripts become the turns of one conversation, and prose with colons in it stays prose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.importing import Record, Source
from coda_graphmem.language.roles import assistants
from tests.language.names import ASSISTANTS, PEOPLE, PEOPLE_TOO


def read(folder: Path, text: str, **options: Any) -> list[Record]:
    path = folder / "talk.md"
    path.write_text(text, encoding="utf-8")
    source = Source(path, **options)
    assert source.format == "transcript"
    return list(source)


def said(records: list[Record]) -> list[tuple[str, str]]:
    return [(record.memory["metadata"]["speaker"], record.memory["content"]) for record in records]


def test_lines_with_names(tmp_path: Path) -> None:
    text = "Nora: The tent went mouldy.\nWe need one.\n\nMargit K.: Take mine!\nNora: Thanks.\n"
    records = read(tmp_path, text)
    assert said(records) == [
        ("Nora", "The tent went mouldy.\nWe need one."),
        ("Margit K.", "Take mine!"),
        ("Nora", "Thanks."),
    ]
    assert {record.memory["conversation_id"] for record in records} == {"talk"}
    assert all(record.once for record in records)
    assert records == read(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "**Nora:** Hello.\n\n**Ida:** Hi: there.\nNote: more.\n",
        "**Nora**: Hello.\n\n**Ida**: Hi: there.\nNote: more.\n",
        "## Nora\n\nHello.\n\n## Ida\nHi: there.\nNote: more.\n\n---\n\n## Nora\n\n## Ida\n\n",
        "### \N{BUST IN SILHOUETTE} Nora\nHello.\n### Ida:\nHi: there.\nNote: more.\n### Nora\n\n### Ida\n",
        "Talk of Sunday\n\n__Nora:__ Hello.\n\n__Ida:__ Hi: there.\nNote: more.\n",
    ],
)
def test_markdown(tmp_path: Path, text: str) -> None:
    assert said(read(tmp_path, text)) == [("Nora", "Hello."), ("Ida", "Hi: there.\nNote: more.")]


def test_chats_with_an_assistant(tmp_path: Path) -> None:
    text = "# Trip\n\n#### You:\nWhere to?\n\n#### ChatGPT:\n### Options\nOslo: cold.\n### Options\n#### You:\nOslo.\n"
    records = read(tmp_path, text, me="Nora")
    assert said(records) == [
        ("Nora", "Where to?"),
        ("ChatGPT", "### Options\nOslo: cold.\n### Options"),
        ("Nora", "Oslo."),
    ]
    assert records[0].memory["metadata"]["conversation_title"] == "Trip"
    assert said(read(tmp_path, "Human: Is Rex: a dog?\nWarning: no.\nRex: yes\nAssistant: He is.\n")) == [
        ("User", "Is Rex: a dog?\nWarning: no.\nRex: yes"),
        ("Assistant", "He is."),
    ]


def test_emphasis_inside_a_turn_begins_none(tmp_path: Path) -> None:
    text = "Nora: Cake?\nIda: Sure.\n**Flour:** 200 g\n**Butter:** 80 g\n```one line``` of code\nNora: Thanks.\n"
    assert [name for name, _ in said(read(tmp_path, text))] == ["Nora", "Ida", "Nora"]
    text = "You: Cake?\nChatGPT: Sure.\n**Flour:** 200 g\n**Flour:** more\n"
    assert [name for name, _ in said(read(tmp_path, text))] == ["User", "ChatGPT"]
    text = "Present: Nora, Ida\nPlace: Rome\n\n**Nora:** Hello.\n\n**Ida:** Hi.\n\n**Nora:** Bye.\n"
    assert [name for name, _ in said(read(tmp_path, text))] == ["Nora", "Ida", "Nora"]


def test_a_time_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="is not a time") as caught:
        read(tmp_path, "Nora: Hello.\n[2026-02-31 10:00] Nora: Bye.\n")
    assert caught.value.field == "talk.md, line 2"


def test_times(tmp_path: Path) -> None:
    plain = "[1970-01-02 00:00] Nora: Hello.\nIda: Hi.\n[1970-01-02T00:02:00Z] Nora: Bye.\n"
    assert [record.memory["timestamp"] for record in read(tmp_path, plain)] == [86400.0, 86400.0, 86520.0]
    heading = "### Nora (1970-01-02 00:00)\nHello.\n### Nora\nBye.\n"
    assert [record.memory["timestamp"] for record in read(tmp_path, heading)] == [86400.0, 86400.0]
    assert "timestamp" not in read(tmp_path, "Nora: Hello.\n")[0].memory


def test_code_begins_no_turn(tmp_path: Path) -> None:
    text = "Nora: Look:\n```yaml\nport: 80\nIda: no\n```\nIda: I see.\n"
    assert said(read(tmp_path, text)) == [("Nora", "Look:\n```yaml\nport: 80\nIda: no\n```"), ("Ida", "I see.")]


def test_words_that_begin_sentences_are_no_names(tmp_path: Path) -> None:
    text = "Nora: Two things.\nNote: the first.\nhttps://example.org/x\nIda: And?\n12:30: late\n"
    assert said(read(tmp_path, text)) == [
        ("Nora", "Two things.\nNote: the first.\nhttps://example.org/x"),
        ("Ida", "And?\n12:30: late"),
    ]


def test_the_caller_may_say_who_speaks(tmp_path: Path) -> None:
    text = "Nora: Two cases.\nOslo: cold.\nRome: warm.\nIda: Rome.\n"
    assert len(read(tmp_path, text)) == 4
    assert said(read(tmp_path, text, speakers=["Nora", "ida"])) == [
        ("Nora", "Two cases.\nOslo: cold.\nRome: warm."),
        ("Ida", "Rome."),
    ]


def test_lines_that_are_equal_are_told_apart(tmp_path: Path) -> None:
    records = read(tmp_path, "Nora: Yes.\nIda: Yes.\nNora: Yes.\n")
    assert len({record.memory["memory_id"] for record in records}) == 3


def test_what_is_no_transcript_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prose.txt"
    path.write_text("Once upon a time there was a memory.\n")
    with pytest.raises(ValidationError, match="of no kind that is known"):
        Source(path)
    with pytest.raises(ValidationError, match="no line that begins a turn"):
        list(Source(path, format="transcript"))
    path.write_text("Nora: Hello.\n")
    with pytest.raises(ValidationError, match="no line that begins a turn"):
        list(Source(path, format="transcript", speakers=["Tom"]))
    path.write_bytes("Nora: Käse.\n".encode("latin-1"))
    with pytest.raises(ValidationError, match="UTF-8"):
        list(Source(path, format="transcript"))
    path.write_text('{"text": "a"}\n')
    with pytest.raises(ValidationError, match="means nothing in jsonl") as caught:
        Source(path, speakers=["Nora"])
    assert caught.value.field == "speakers"


@pytest.mark.parametrize("name", [*ASSISTANTS, *PEOPLE_TOO])
@pytest.mark.parametrize("turn", ["{}: ", "**{}:** ", "## {}\n"])
def test_assistants_are_known_by_name(tmp_path: Path, name: str, turn: str) -> None:
    text = f"{turn.format('You')}Where to?\nOslo: cold.\n\n{turn.format(name)}Rome: warm.\n"
    if turn.startswith("##"):
        text += f"{turn.format('Oslo')}Cold.\n{turn.format('Oslo')}Colder.\n"
    records = read(tmp_path, text)
    assert [speaker for speaker, _ in said(records)] == ["User", name]
    assert assistants([speaker for speaker, _ in said(records)]) == {name}


@pytest.mark.parametrize("name", [*PEOPLE_TOO, *PEOPLE])
def test_people_who_share_a_name_with_an_assistant_are_people(tmp_path: Path, name: str) -> None:
    records = read(tmp_path, f"Ida: Where to?\n{name}: Rome.\nTom: Oslo.\n")
    assert said(records) == [("Ida", "Where to?"), (name, "Rome."), ("Tom", "Oslo.")]
    assert assistants([speaker for speaker, _ in said(records)]) == frozenset()


@pytest.mark.parametrize("name", ["You", "User", "Human", "Me", "You said"])
def test_whoever_made_a_transcript_gets_the_name_of_the_caller(tmp_path: Path, name: str) -> None:
    text = f"**{name}:** Where to?\n**ChatGPT:** Rome.\n"
    assert said(read(tmp_path, text, me="Nora")) == [("Nora", "Where to?"), ("ChatGPT", "Rome.")]


def test_programs_begin_no_turn(tmp_path: Path) -> None:
    text = "System: You are helpful.\nNora: Where to?\nIda: Rome.\nTool: none\n"
    assert said(read(tmp_path, text)) == [("Nora", "Where to?"), ("Ida", "Rome.\nTool: none")]
    assert said(read(tmp_path, text, speakers=["System", "Nora"]))[0] == ("System", "You are helpful.")
