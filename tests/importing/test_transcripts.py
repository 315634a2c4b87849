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


@pytest.mark.parametrize(
    "name", ["Nora 🚣", "Nora (work)", "+44 20 7946 0000", "Ek, Nora", "@nora", "नीना", "Nora\u0301"]
)
@pytest.mark.parametrize("again", [False, True])
def test_names_of_any_characters_begin_turns(tmp_path: Path, name: str, *, again: bool) -> None:
    text = f"Ida: Where to?\n{name}: Rome.\nIt is warm.\n" + (f"Ida: Oh.\n{name}: Yes.\n" if again else "")
    assert said(read(tmp_path, text))[:2] == [("Ida", "Where to?"), (name, "Rome.\nIt is warm.")]
    given = read(tmp_path, text, speakers=["Ida", name])
    assert said(given)[:2] == [("Ida", "Where to?"), (name, "Rome.\nIt is warm.")]


def test_a_name_in_two_forms_is_one_speaker(tmp_path: Path) -> None:
    text = "No\u0301ra: Rome.\nIda: Oh.\nNóra\u200e: Yes.\n"
    assert [name for name, _ in said(read(tmp_path, text))] == ["No\u0301ra", "Ida", "No\u0301ra"]


def test_a_given_speaker_who_is_never_met_is_named(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Nora: Hello.\nIda: Hi.\n")
    source = Source(path, speakers=["Nora", "Tom"])
    assert said(list(source)) == [("Nora", "Hello.\nIda: Hi.")]
    assert source.account.notes == ["talk.txt: nobody called 'Tom' speaks in it."]


def test_what_may_be_a_name_counts_if_it_comes_again_and_is_told_if_not(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Ida: Where to?\n<nora>: Rome.\nwhat I say: Oslo.\nIda: Oh.\n<nora>: Yes.\n")
    source = Source(path)
    assert [name for name, _ in said(list(source))] == ["Ida", "<nora>", "Ida", "<nora>"]
    [note] = source.account.notes
    assert "'what i say' (line 3)" in note


def test_every_line_is_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    path.write_text("# Trip\nPresent: all\n\n**Nora:** Hello.\n\nAnd bye.\n**Ida:**\n\n**Nora:** Hm.\n---\n")
    source = Source(path)
    assert said(list(source)) == [("Nora", "Hello.\n\nAnd bye."), ("Nora", "Hm.")]
    assert (source.account.taken("lines"), source.account.read("lines")) == (5, 10)
    assert {item.reason: (item.count, item.places[0]) for item in source.account.passed_over} == {
        "before the first turn": (1, "talk.md, line 2"),
        "blank": (3, "talk.md, line 3"),
        "a turn without words": (1, "talk.md, line 7"),
    }


def test_a_block_of_code_that_never_ends_is_none(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Nora: Look:\n```\nIda: What?\nNora: That.\n")
    source = Source(path)
    assert [name for name, _ in said(list(source))] == ["Nora", "Ida", "Nora"]
    assert "line 2: begins a block of code that never ends" in source.account.notes[0]


def test_a_turn_over_the_limit_is_kept_in_parts(tmp_path: Path) -> None:
    text = "Nora: Hi\n" + "a b c d e\n" * 150_000 + "Ida: Oh\n"
    records = read(tmp_path, text, format="transcript")
    assert [name for name, _ in said(records)] == ["Nora", "Nora", "Ida"]
    assert sum(len(words.split()) for _, words in said(records)) == 5 * 150_000 + 2


_PROSE = (
    "We walked along the river and talked about the boats that lay there.\n"
    "It rained most of the day, but nobody minded as the house was warm.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        _PROSE * 5 + "Fuel: 30\n" + _PROSE * 5,
        _PROSE * 50 + "Berlin: a short remark\n" + _PROSE * 50,
        _PROSE * 2 + "Berlin: a short remark\n" + _PROSE * 98,
        _PROSE * 20 + "Fuel: thirty\n" + _PROSE * 20 + "Fuel: forty\n" + _PROSE,
        "From: ida@example.org\nTo: nora@example.org\nSubject: Trip\nDate: today\n\nDear Nora,\n" + _PROSE * 3,
        "Von: Ida\nAn: Nora\nBetreff: Reise\nGesendet: Montag\n\nLiebe Nora,\n" + _PROSE * 4,
        "Costs of the trip\nFuel: 30\nTolls: 12\nFood: 40\n",
        "Pancakes\n\nFlour: 200 g\nMilk: 300 ml\nEggs: 2\nStir well and fry them in butter.\n",
        "Benzin: 30 Euro\nMaut: 12,50 Euro\nEssen: 40 Euro\n",
        "Monday: we went to the lake.\nTuesday: it rained.\nWednesday: we stayed at home.\nThursday: Ida came.\n",
        "Lunes: fuimos al lago.\nMartes: llovió.\n" * 8,
        "月曜日: 雨だった。\n火曜日: 晴れた。\n",
        "# Package\n## Install\nx\n## Usage\nx\n## License\nx\n## Usage\nx\n## Questions\nx\n## More\nx\n",
        "title: x\nport: a\nhost: b\nfolder: c\npath: d\nmode: e\ncolour: f\n",
        "Hi Nora,\n\nthe plan: we meet at nine.\nThe boat: Anna has it.\n\nBest,\nIda\n",
        "Die Straße war nass: es hatte geregnet.\n" + _PROSE,
    ],
)
def test_notes_mail_and_settings_are_no_transcripts(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(ValidationError) as caught:
        Source(path)
    assert caught.value.field == "notes.txt"
    assert "--speaker" in (caught.value.remedy or "")


def test_much_lost_text_is_an_error_and_little_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(_PROSE * 50 + "Berlin: a short remark\n" + _PROSE * 50)
    with pytest.raises(ValidationError, match=r"before the first line that begins a turn \(line 101\)"):
        list(Source(path, format="transcript"))
    # Who says who speaks knows what stands before.
    source = Source(path, speakers=["Berlin"])
    assert len(list(source)) == 1
    assert [(item.reason, item.count) for item in source.account.passed_over] == [("before the first turn", 100)]


def test_people_may_be_called_like_days_and_name_amounts(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("April: How much flour?\nNora: 200 g\nApril: And milk?\nNora: 3 dl\n")
    assert len(list(Source(path))) == 4


def test_long_interviews_are_transcripts(tmp_path: Path) -> None:
    text = "Interview of Sunday\n\n" + "".join(f"Q: And {i}?\n\nA: {_PROSE * 8}\n" for i in range(8))
    assert len(read(tmp_path, text)) == 16


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
