"""Files as people have them, damaged in every way: an error of ours, or everything accounted for, and soon.

Each importer is given exports that were cut, spliced and overwritten at random, objects of its own keys with any
values, and bytes that mean nothing.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda_graphmem import ValidationError
from coda_graphmem.importing import Record, Source
from coda_graphmem.importing.pdf import PdfError, PdfReader
from coda_graphmem.importing.slack import DAY
from coda_graphmem.models import ImportFormat
from tests.fuzz.profiles import fuzzed
from tests.importing.exports import SAMPLES, slack_archive
from tests.importing.pdfs import pdf

FORMATS = [name for name in get_args(ImportFormat) if name not in ("auto", "export")]

#: Those of programs that keep memories: records, and messages of conversations.
MEMORIES = ("mem0", "zep", "graphiti", "letta", "langgraph", "knowledge-graph")

BOM = "\ufeff".encode()

#: Seconds of the processor that no small file takes.
SOON = 5.0

#: What makes readers stumble: ends of lines, marks, numbers, brackets, names, times.
_TOKENS = st.sampled_from(
    [
        *(
            "\n",
            "\r",
            "\r\n",
            "\x00",
            "\ufeff",
            "\u200e",
            "\u202f",
            "\u2028",
            "\x0c",
            " " * 300,
            "\t",
            "\uff1a",
            ":",
            ": ",
        ),
        *("```", "### ", "**", "__", "[", "]", "{", "}", "(", ")", ",", '"', "\\", "\\ud800", "null", "1e999", "NaN"),
        *("9" * 400, "-1", "true", "[[[[", '{"a":' * 50, "Nora: ", "नीना: ", "Ek, Nora: ", "+44 20 7946 0000: ", "🚣"),
        *("12/03/26, 19:13 - ", "[99.99.99, 25:61:61] ", "3/12/26, 7:13\u202fPM - ", "<Media omitted>", "a" * 300),
    ]
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A text with some of it cut out, said again, or overwritten."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 1, 2, 5, 20, 200])))
        put = draw(st.one_of(_TOKENS, st.just(text[start:end] * 2), st.just(""), st.text(max_size=8)))
        text = text[:start] + put + text[end:]
    return text


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=12), _TOKENS)
_KEYS = st.sampled_from(
    """mapping id parent children message author role content content_type parts create_time current_node metadata
    recipient uuid name chat_messages sender created_at text type parent_message_uuid current_leaf_message_uuid
    messages date date_unixtime from from_id chats list user ts subtype thread_ts attachments files user_profile
    poll question answers title conversation_id speaker timestamp memory_id importance_score _id forwarded_from
    reply_to_message_id memory results memories items user_id categories namespace key value kind type entityType
    observations to relationType entities relations sessions threads session_id facts fact role_type rating episodes
    nodes edges source_node_uuid valid_at labels summary agents blocks core_memory passages tool_calls function
    arguments label""".split()
)
#: Objects made of the keys that some format has, with values of any type.
STRUCTURES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=6)),
    max_leaves=25,
)


def read(data: bytes, **options: Any) -> Source | None:
    """Go through a file twice; None where it is refused."""
    started = time.process_time()
    try:
        with Source(io.BytesIO(data), **options) as source:
            first: list[Record] = list(source)
            taken = {unit: (source.account.taken(unit), source.account.read(unit)) for unit in source.account.units}
            assert list(source) == first
            assert taken == {unit: (source.account.taken(unit), source.account.read(unit)) for unit in taken}
            if source.format in MEMORIES:
                counted = source.account.taken("records") + source.account.taken("messages")
                assert counted == len(first)
            assert len({record.memory["memory_id"] for record in first if record.once}) <= len(first)
            return source
    except ValidationError as error:
        assert error.field and error.remedy, error  # noqa: PT017, PT018 - most inputs raise none
        return None
    finally:
        assert time.process_time() - started < SOON


def lines_in(data: bytes) -> int:
    return sum(1 for _ in io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def messages_in(name: str, text: str) -> int:
    """How many messages an export holds."""
    count: dict[str, Callable[[Any], int]] = {
        "chatgpt": lambda chats: sum(
            not isinstance(node, dict) or isinstance(node.get("message"), dict)
            for chat in chats
            for node in chat["mapping"].values()
        ),
        "claude": lambda chats: sum(len(chat["chat_messages"]) for chat in chats),
        "telegram": lambda chat: len(chat["messages"]),
    }
    return count[name](json.loads(text))


@pytest.mark.parametrize("name", SAMPLES)
@fuzzed
@given(data=st.data())
def test_damaged_exports_are_refused_or_accounted_for(name: str, data: st.DataObject) -> None:
    text = data.draw(damaged(SAMPLES[name]))
    written = text.encode("utf-8", "replace")
    told = data.draw(st.sampled_from(["auto", name, name, *FORMATS]))
    source = read(written, format=told)
    if source is None or source.format not in SAMPLES:
        return
    if source.format in ("chatgpt", "claude", "telegram"):
        try:
            expected = messages_in(source.format, written.decode())
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # several documents one after another
        assert source.account.read("messages") == expected
    elif source.format not in MEMORIES:
        assert source.account.read("lines") == lines_in(written)


@fuzzed
@given(data=st.data())
def test_damaged_workspaces_of_slack(data: st.DataObject) -> None:
    archive = slack_archive(lambda name, text: data.draw(damaged(text)) if DAY.search(name) else text)
    source = read(archive)
    if source is not None and source.format == "slack":
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            assert source.account.read("files") == len(opened.namelist())


@pytest.mark.parametrize("form", FORMATS)
@fuzzed
@given(items=st.lists(STRUCTURES, max_size=4), separator=st.sampled_from(["\n", " ", ",", "\n,"]), listed=st.booleans())
def test_structures_of_any_values(form: Any, items: list[Any], separator: str, *, listed: bool) -> None:
    text = separator.join(map(json.dumps, items))
    read((f"[{text}]" if listed else text).encode("utf-8", "replace"), format=form)


@fuzzed
@given(
    chat=st.dictionaries(st.sampled_from(["mapping", "chat_messages", "messages", "id", "uuid", "name"]), STRUCTURES)
)
def test_objects_that_look_like_chats(chat: dict[str, Any]) -> None:
    read(json.dumps([chat]).encode("utf-8", "replace"))
    read(json.dumps(chat).encode("utf-8", "replace"))


@pytest.mark.parametrize("form", ["auto", *FORMATS])
@fuzzed
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_bytes_that_mean_nothing(form: Any, data: bytes) -> None:
    source = read(data, format=form)
    if source is not None and source.format in ("jsonl", "transcript", "whatsapp", "notes", "markdown"):
        assert source.account.read("lines") == lines_in(data.removeprefix(BOM) or data)


@fuzzed
@given(data=st.data())
def test_damaged_archives(data: st.DataObject) -> None:
    kept = io.BytesIO()
    method = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    with zipfile.ZipFile(kept, "w", method) as archive:
        archive.writestr("conversations.json", SAMPLES["chatgpt"])
        archive.writestr("chat.html", "<html>")
    written = bytearray(kept.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(written[: data.draw(st.integers(0, len(written)))] if data.draw(st.booleans()) else written))


_LINES = st.lists(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "", "### ", "**", "[2026-03-02 19:12] ", "12/03/26, 19:13 - ", "[12.03.26, 19:13:05] "]),
        st.one_of(st.text(max_size=20), st.sampled_from(["Nora", "Ida 🚣", "You", "ChatGPT", "Ek, Nora"])),
        st.sampled_from([": ", ":", "\uff1a", ":** ", " ", ""]),
        st.text(max_size=30),
    ),
    max_size=12,
).map("\n".join)


@fuzzed
@given(text=_LINES, speakers=st.lists(st.sampled_from(["Nora", "Ida 🚣", "Tom"]), max_size=2))
def test_lines_that_may_begin_turns(text: str, speakers: list[str]) -> None:
    written = text.encode("utf-8", "replace")
    for form in ("auto", "transcript", "whatsapp", "notes"):
        source = read(written, format=form, speakers=speakers if form == "transcript" else ())
        if source is not None and source.format in ("transcript", "whatsapp", "notes"):
            assert source.account.read("lines") == lines_in(written)


_MARKS = st.sampled_from(
    [
        *(
            "---\n",
            "- [a] ",
            "- [ ] ",
            "- x_y [[",
            "]]",
            "|",
            "![[",
            "%%",
            "```\n",
            "~~~",
            "# ",
            "## Relations\n",
            "#tag",
        ),
        *(
            " (why)",
            "\n",
            "\r\n",
            "\r",
            "\n\n",
            "title: ",
            "tags: [",
            "&a ",
            "*a",
            "!x ",
            "\t",
            "permalink: a\n",
            "## Relations\n",
        ),
    ]
)


@fuzzed
@given(pieces=st.lists(st.one_of(_MARKS, st.text(max_size=6)), max_size=25), headed=st.booleans())
def test_notes_of_any_marks(pieces: list[str], headed: bool) -> None:
    written = ("---\n" * headed + "".join(pieces)).encode("utf-8", "replace")
    source = read(written, format="markdown")
    if source is not None:
        assert source.account.read("lines") == lines_in(written.removeprefix(BOM) or written)


@fuzzed
@given(
    pieces=st.lists(st.one_of(_MARKS, st.text(max_size=6), st.just("===\n"), st.just("word " * 1_500)), max_size=25),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    kind=st.sampled_from(["md", "txt"]),
)
def test_documents_of_any_marks(pieces: list[str], encoding: str, kind: str) -> None:
    text = "".join(pieces)
    written = text.encode(encoding, "replace")
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr(f"a.{kind}", written)
        archive.writestr("b.txt", "Words.")
    source = read(kept.getvalue(), format="documents")
    assert source is not None
    assert source.account.read("files") == 2
    read_lines = source.account.read("lines") - 1
    assert read_lines in (0, lines_in(text.encode("utf-8", "replace").removeprefix(BOM)))


@pytest.fixture(scope="module")
def pdfs() -> Iterator[PdfReader]:
    reader = PdfReader()
    yield reader
    reader.close()


@fuzzed
@given(data=st.data())
def test_pdf_files_that_were_damaged(pdfs: PdfReader, data: st.DataObject) -> None:
    pytest.importorskip("pypdf")
    written = pdf("A tent.", "Two pegs.", title="Tent", outline=[("Pegs", 1)]).decode("latin-1")
    harmed = data.draw(damaged(written)).encode("latin-1", "replace")
    try:
        found = pdfs.read(harmed)
    except PdfError as error:
        assert str(error)  # noqa: PT017 - some inputs raise none
        return
    assert all(page is None or isinstance(page, str) for page in found.pages)


@fuzzed
@given(pieces=st.lists(st.one_of(_MARKS, st.text(max_size=6), st.just("%% {")), max_size=25), ours=st.booleans())
def test_vaults_that_were_damaged(pieces: list[str], ours: bool) -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("coda-graphmem.md", "---\ncoda_graphmem: memories\n" * ours + "".join(pieces))
        archive.writestr("../../a.md", "".join(pieces))
    read(kept.getvalue())


@pytest.mark.parametrize(
    "unit",
    [
        "### ",
        " ",
        "# a ",
        "**a",
        "(",
        "[",
        "Nora: ",
        "a:",
        "```\n",
        "\n",
        "12/03/26, 19:13 - ",
        "‎",
        "- [",
        "[[",
        "#a",
        "%%",
        "- a ",
    ],
)
def test_repetitions_are_read_in_linear_time(unit: str) -> None:
    for form in ("auto", "transcript", "whatsapp", "jsonl", "markdown", "documents"):
        read((unit * (200_000 // len(unit)) + "x").encode(), format=form)
        read((unit + " " * 20_000 + "x\n").encode() * 20, format=form)
