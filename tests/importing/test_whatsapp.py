"""Chats of WhatsApp become the messages of one conversation, however the telephone writes times and names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.importing import Record, Source


def chat(folder: Path, text: str, name: str = "WhatsApp Chat with Ida.txt") -> Source:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    source = Source(path)
    assert source.format == "whatsapp"
    return source


def said(records: list[Record]) -> list[tuple[str, str]]:
    return [(record.memory["metadata"]["speaker"], record.memory["content"]) for record in records]


def at(*values: int) -> float:
    return datetime(*values, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


def test_who_said_what_when_and_what_the_program_says_itself(tmp_path: Path) -> None:
    source = chat(
        tmp_path,
        "14/03/26, 19:13 - Messages and calls are end-to-end encrypted. Learn more.\n"
        "14/03/26, 19:13 - Ida: Are you coming?\nAt eight: sharp.\n\nOr nine.\n"
        "14/03/26, 19:14 - Nora 🚣: <Media omitted>\n"
        '14/03/26, 19:15 - Ida changed the subject to "Trip: Rome"\n'
        "14/03/26, 19:16 - Nora 🚣: IMG-20260314-WA0001.jpg (file attached)\nThe boat\n"
        "14/03/26, 19:17 - Ida: This message was deleted\n"
        "15/03/26, 07:00 - Nora 🚣: Yes\n",
    )
    records = list(source)
    assert said(records) == [
        ("Ida", "Are you coming?\nAt eight: sharp.\n\nOr nine."),
        ("Nora 🚣", "The boat"),
        ("Nora 🚣", "Yes"),
    ]
    assert [record.memory["timestamp"] for record in records] == [
        at(2026, 3, 14, 19, 13),
        at(2026, 3, 14, 19, 16),
        at(2026, 3, 15, 7),
    ]
    assert {record.memory["conversation_id"] for record in records} == {"WhatsApp Chat with Ida"}
    assert (source.account.taken("lines"), source.account.read("lines")) == (5, 11)
    assert {item.reason: (item.count, item.places[0]) for item in source.account.passed_over} == {
        "said by WhatsApp itself": (2, "WhatsApp Chat with Ida.txt, line 1"),
        "blank": (1, "WhatsApp Chat with Ida.txt, line 2"),
        "pictures, recordings, calls and deleted messages": (3, "WhatsApp Chat with Ida.txt, line 6"),
    }
    assert source.account.notes == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("12/03/26, 19:13 - ", "13/03/26, 19:13 - ", (2026, 3, 12, 19, 13)),
        ("3/12/26, 7:13\u202fPM - ", "3/13/26, 7:13\u202fPM - ", (2026, 3, 12, 19, 13)),
        ("[12.03.26, 19:13:05] ", "[12.03.26, 19:13:06] ", (2026, 3, 12, 19, 13, 5)),
        ("\u200e[3/12/26, 7:13:05\u202fPM] ", "[3/12/26, 7:13:06\u202fPM] ", (2026, 3, 12, 19, 13, 5)),
        ("12/3/26, 7:13 p.\u00a0m. - ", "15/3/26, 7:13 a.\u00a0m. - ", (2026, 3, 12, 19, 13)),
        ("12/3/26, 12:13 am - ", "15/3/26, 12:13 pm - ", (2026, 3, 12, 0, 13)),
        ("2026. 3. 12. 오후 7:13 - ", "2026. 3. 13. 오전 7:13 - ", (2026, 3, 12, 19, 13)),
        ("2026/3/12 下午7:13 - ", "2026/3/13 上午7:13 - ", (2026, 3, 12, 19, 13)),
        ("2026-03-12 19:13 - ", "2026-03-13 19:13 - ", (2026, 3, 12, 19, 13)),
        ("12.3.2026 klo 19.13 - ", "13.3.2026 klo 19.13 - ", (2026, 3, 12, 19, 13)),
        ("12/03/2026 à 19:13 - ", "13/03/2026 à 19:13 - ", (2026, 3, 12, 19, 13)),
        ("12. 3. 2026 19:13 - ", "13. 3. 2026 19:13 - ", (2026, 3, 12, 19, 13)),
        ("12-03-2026 19:13 - ", "13-03-2026 19:13 - ", (2026, 3, 12, 19, 13)),
        ("١٢\u200f/٣\u200f/٢٠٢٦، ٧:١٣ م - ", "١٣\u200f/٣\u200f/٢٠٢٦، ٧:١٣ م - ", (2026, 3, 12, 19, 13)),  # noqa: RUF001
        ("19:13, 12/3/2026 - ", "19:13, 13/3/2026 - ", (2026, 3, 12, 19, 13)),
        ("12.03.26 г., 19:13 - ", "13.03.26 г., 19:13 - ", (2026, 3, 12, 19, 13)),  # noqa: RUF001
        ("12.03.2026 kl. 19.13 - ", "13.03.2026 kl. 19.13 - ", (2026, 3, 12, 19, 13)),
        ("12/03/2026, 7:13 PTG - ", "13/03/2026, 7:13 PG - ", (2026, 3, 12, 19, 13)),
        ("12.03.26, 19:13 Uhr - ", "13.03.26, 19:13 Uhr - ", (2026, 3, 12, 19, 13)),
        ("2026/3/12 中午12:13 - ", "2026/3/13 凌晨12:13 - ", (2026, 3, 12, 12, 13)),
        ("12/3/2569 19:13 - ", "13/3/2569 19:13 - ", (2026, 3, 12, 19, 13)),
        ("12/03/2017, 19:13:05: ", "13/03/2017, 19:13:05: ", (2017, 3, 12, 19, 13, 5)),
    ],
)
def test_times_of_any_telephone(tmp_path: Path, first: str, second: str, expected: tuple[int, ...]) -> None:
    records = list(chat(tmp_path, f"{first}नीना: Hello\n{second}+44 20 7946 0000: Hi\n"))
    assert said(records) == [("नीना", "Hello"), ("+44 20 7946 0000", "Hi")]
    assert records[0].memory["timestamp"] == at(*expected)
    assert records[1].memory["timestamp"] > records[0].memory["timestamp"] - 86400


@pytest.mark.parametrize(
    ("dates", "expected", "told"),
    [
        (["12/03/26", "13/03/26"], (2026, 3, 12), False),  # there is no thirteenth month
        (["3/12/26", "3/13/26"], (2026, 3, 12), False),
        (["1/3/26", "2/3/26", "3/3/26", "1/4/26"], (2026, 3, 1), False),  # months do not go back
        (["3/1/26", "3/2/26", "3/3/26", "4/1/26"], (2026, 3, 1), False),
        (["3/12/26", "3/12/26"], (2026, 12, 3), True),
    ],
)
def test_the_order_of_day_and_month_is_that_of_the_whole_file(
    tmp_path: Path, dates: list[str], expected: tuple[int, ...], *, told: bool
) -> None:
    source = chat(tmp_path, "".join(f"{date}, 19:13 - Ida: {i}\n" for i, date in enumerate(dates)))
    first = next(iter(source))
    assert first.memory["timestamp"] == at(*expected, 19, 13)
    assert any("nothing in the file says so" in note for note in source.account.notes) is told


def test_a_half_of_the_day_that_is_not_known_is_told(tmp_path: Path) -> None:
    source = chat(tmp_path, "13/03/26, 7:13 xyz - Ida: Hello\n14/03/26, 8:13 xyz - Ida: Bye\n")
    assert next(iter(source)).memory["timestamp"] == at(2026, 3, 13, 7, 13)
    assert "what 'xyz' beside a time means is not known" in source.account.notes[0]


def test_the_form_of_the_iphone(tmp_path: Path) -> None:
    text = (
        "\u200e[12.03.26, 19:13:05] Trip: \u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.\n"
        "[13.03.26, 19:13:05] \u202aIda\u202c: \u200fשלום\nzweite Zeile\n"  # noqa: RUF001
        "\u200e[13.03.26, 19:14:05] Ida: \u200eBild weggelassen\n"
        "[13.03.26, 19:15:05] ~\u202fNora: Ja! \u200e<Diese Nachricht wurde bearbeitet.>\n"
        "\u200e[13.03.26, 19:16:05] ~\u202fNora: \u200e<angehängt: 00000012-PHOTO.jpg>\n"
    )
    source = chat(tmp_path, text, "_chat.txt")
    assert said(list(source)) == [("Ida", "שלום\nzweite Zeile"), ("Nora", "Ja!")]
    assert source.account.read("lines") == 6


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<Media omitted>", None),
        ("<Medien ausgeschlossen>", None),
        ("<Multimedia omitido>", None),
        ("<Medya dahil edilmedi>", None),
        ("<Медіа пропущено>", None),
        ("<Παραλήφθηκαν πολυμέσα>", None),
        ("<המדיה לא נכללה>", None),
        ("<Ficheiro não revelado>", None),
        ("<Fișier media omis>", None),
        ("Det här meddelandet raderades", None),
        ("Ta wiadomość została usunięta", None),
        ("Це повідомлення видалено.", None),
        ("Pesan ini telah dihapus", None),
        ("<multe mulțumiri>", "<multe mulțumiri>"),
        ("<Médias omis>", None),
        ("<Без медиафайлов>", None),
        ("<省略多媒體檔案>", None),
        ("<メディアは含まれていません>", None),
        ("\u200eaudio omitted", None),
        ("\u200e<attached: 00000012-PHOTO.jpg>", None),
        ("\u200eIMG-20260312-WA0001.jpg (Datei angehängt)", None),
        ("\u200eMissed voice call", None),
        ("\u200eIda created this group", None),
        ("Diese Nachricht wurde gelöscht.", None),
        ("null", None),
        ("\u200ePOLL:\nWhen?\n\u200eOPTION: now (1 vote)", "POLL:\nWhen?\nOPTION: now (1 vote)"),
        ("\u200ehello", "hello"),
        ("<3", "<3"),
        ("<hug>", "<hug>"),
        ("Fine <This message was edited>", "Fine"),
        ("Fine \u200e<Diese Nachricht wurde bearbeitet.>", "Fine"),
        ("Fine <grin>", "Fine <grin>"),
        ("null and void", "null and void"),
        ("we omitted the video", "we omitted the video"),
    ],
)
@pytest.mark.parametrize("stamp", ["14/03/26, 19:13 - ", "\u200e[14.03.26, 19:13:05] "])
def test_what_the_program_writes_is_told_from_what_people_write(
    tmp_path: Path, stamp: str, text: str, kept: str | None
) -> None:
    source = chat(tmp_path, f"{stamp}Ida: {text}\n{stamp}Nora: Yes\n")
    assert said(list(source)) == [*([("Ida", kept)] if kept else []), ("Nora", "Yes")]
    assert source.account.read("lines") == 2 + text.count("\n")


def test_a_later_export_of_the_same_chat_adds_only_what_is_new(tmp_path: Path) -> None:
    text = "14/03/26, 19:13 - Ida: Hello\n14/03/26, 19:13 - Ida: Hello\n"
    before = list(chat(tmp_path, text))
    after = list(chat(tmp_path, text + "15/03/26, 19:13 - Ida: Bye\n", "WhatsApp Chat with Ida (1).txt"))
    assert len({record.memory["memory_id"] for record in before}) == 2
    assert [record.memory for record in after][:2] == [record.memory for record in before]


def test_a_date_that_does_not_exist_is_named(tmp_path: Path) -> None:
    source = chat(tmp_path, "14/03/26, 19:13 - Ida: Hello\n31/02/26, 19:13 - Ida: Bye\n")
    with pytest.raises(ValidationError, match="no time that exists") as caught:
        list(source)
    assert caught.value.field == "WhatsApp Chat with Ida.txt, line 2"
