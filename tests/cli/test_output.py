"""No terminal obeys what a memory says, and no encoding stops a command."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coda_graphmem import ValidationError
from coda_graphmem.cli.app import app
from coda_graphmem.cli.command import Commands
from coda_graphmem.cli.options import text_or_stdin
from coda_graphmem.cli.output import VisibleFormatter, accept_all_characters, binary_stdout
from coda_graphmem.cli.progress import bar, waiting
from tests.cli.conftest import Run, write_jsonl
from tests.cli.test_progress import terminal

#: Clears the screen, sets the title and the clipboard, ends the line, turns what follows around, hides a word.
HOSTILE = "Our Eve\x1b[2J \x1b]0;owned\x07 \x1b]52;c;aGk=\x07 \x9b31m rows\r in \u202eBerlin\u202c pass\u200bword"
SPEAKER = "Eve\x1b[31m\nStored as forged\x9d0;t\x9c"
#: Ids hold no controls, but whatever else there is.
ID, TALK = "id\u202egpj.exe", "talk\u200b\u2066"
FORBIDDEN = set("\x00\x07\x08\x0b\x0c\r\x1b\x7f\x85\x9b\x9c\x9d\u200b\u202c\u202e\u2066\u2028")

COMMANDS: list[list[str]] = [
    ["list"],
    ["search", "Berlin", "-r", "0", "--explain"],
    ["show", ID],
    ["context", TALK],
    ["graph", "Berlin"],
    ["graph", "--memory", ID],
    ["entities"],
    ["stats"],
    ["stats", "--all"],
    ["consolidate", "--dry-run"],
    ["health"],
    ["jobs"],
    ["cleanup", "--dry-run", "--days", "0.001", "--below", "1", "--recalls", "9"],
]


@pytest.fixture
def hostile(run: Run, tmp_path: Path) -> Run:
    """The commands, over a store in which everything holds what a terminal would obey."""
    told = {"text": HOSTILE, "speaker": SPEAKER, "conversation_id": TALK}
    same = [{**told, "memory_id": name, "metadata": {"k\u202e": "v\x9b"}, "type": "semantic"} for name in (ID, "b")]
    run("import", str(write_jsonl(tmp_path / "hostile.jsonl", same)))
    return run


def is_shown(text: str) -> None:
    assert not FORBIDDEN & set(text), ascii(text)


def test_no_command_lets_a_terminal_obey(hostile: Run) -> None:
    for command in COMMANDS:
        for told in (hostile(*command), hostile(*command, "--json")):
            is_shown(told.out + told.err)
    shown = hostile("show", ID).out
    assert r"\x1b[2J \x1b]0;owned\x07" in shown
    assert r"\nStored as forged" in shown
    assert not any(line.startswith("Stored as") for line in shown.splitlines())
    whole = hostile("show", ID, "--json").json
    assert whole["content"] == HOSTILE
    assert whole["metadata"] == {"speaker": SPEAKER, "k\u202e": "v\x9b"}


def test_nor_does_one_that_changes_something(hostile: Run) -> None:
    for command in (
        ["add", HOSTILE, "--id", "a\u202eb", "--speaker", SPEAKER],
        ["edit", ID, f"Changed: {HOSTILE}"],
        ["refuse-merge", ID, "b"],
        ["allow-merge", ID, "b"],
        ["consolidate"],
        ["maintain", "--job", "decay"],
        ["delete", "a\u202eb"],
        ["forget", "--conversation", TALK],
    ):
        told = hostile(*command)
        is_shown(told.out + told.err)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["show", "none\u202e"], 1),
        (["show", "x\x1b[2J"], 1),
        (["delete", "a\u200b", "b\u202e"], 1),
        (["undo", "run\u2066"], 1),
        (["list", "-n", "x\u202e"], 0),
        (["search", "x", "-n", "x\u202e"], 0),
        (["context", "no\u202e"], 0),
        (["import", "no\x1b[2J.txt"], 2),
        (["list", "--type", "no\x1b[2J\x9b"], 2),
        (["list", "--since", "no\x1b[2J\x9b"], 2),
        (["add", "x", "--meta", "no\x1b[2J\x9b"], 2),
        (["no\x1b[2J\x9b"], 2),
        (["list", "--no\x1b[2J\x9b"], 2),
        (["maintain", "--job", "no\x1b[2J\x9b"], 1),
    ],
)
def test_errors_show_what_was_typed(run: Run, command: list[str], code: int) -> None:
    told = run(*command, code=code)
    is_shown(told.out + told.err)
    assert told.err or code == 0


def test_a_path_may_look_like_markup_or_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = terminal(monkeypatch)
    with bar("Copying to [/x]{y}\x1b[2J") as step:
        step(1, 2)
    assert r"Copying to [/x]{y}\x1b[2J" in drawn.getvalue()
    assert "\x1b[2Jx" not in drawn.getvalue()


async def test_so_may_what_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    drawn = terminal(monkeypatch)
    monkeypatch.setattr("coda_graphmem.cli.progress.PATIENCE", 0.0)
    async with waiting("Opening [/x]{y}\x9b"):
        await asyncio.sleep(0.05)
    assert r"Opening [/x]{y}\x9b" in drawn.getvalue()


def test_a_log_is_shown_too() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "said %s\nand on", ("\x1b[2J",), None)
    assert VisibleFormatter("%(message)s").format(record) == "said \\x1b[2J\nand on"


@pytest.mark.parametrize("charset", ["ascii", "cp1252", "utf-16"])
def test_no_encoding_stops_a_command(run: Run, charset: str) -> None:
    content = "Straße “x” 日本 👩‍⚕️ \x9b"
    run("add", content, "--id", "m", "--speaker", "Zoë")

    def call(*arguments: str) -> str:
        done = CliRunner(charset=charset).invoke(app, arguments)
        assert (done.exit_code, done.exception) == (0, None)
        return done.stdout

    assert json.loads(call("show", "m", "--json"))["content"] == content
    for arguments in ("list", "show m", "graph Straße", "search Straße -r 0 -e", "doctor --no-models", "--help"):
        text = call(*arguments.split())
        assert text
        assert "\x9b" not in text
    if charset == "ascii":
        assert r'Stra\xdfe "x" \u65e5\u672c' in call("show", "m")


def test_what_somebody_chose_for_other_characters_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    accept_all_characters()
    assert stream.errors == "replace"


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("Straße\n".encode(), "Straße"),
        (b"\xef\xbb\xbfmarked\r\n", "marked"),
        ("wide\r\n".encode("utf-16"), "wide"),
        (b"two\nlines\n", "two\nlines"),
    ],
)
def test_standard_input_is_read_whatever_the_locale_is(monkeypatch: pytest.MonkeyPatch, sent: bytes, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent), encoding="ascii"))
    assert text_or_stdin("-") == text


class _Broken(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readall(self) -> bytes:
        raise IsADirectoryError(21, "Is a directory")


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (None, "standard input: is closed"),
        (io.TextIOWrapper(io.BytesIO(b"\xff\xfe\xff")), "standard input: is no text"),
        (io.TextIOWrapper(_Broken()), r"standard input: cannot be read \(Is a directory\)"),  # type: ignore[type-var]
    ],
)
def test_standard_input_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, stdin: Any, message: str) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(ValidationError, match=message):
        text_or_stdin("-")


def test_a_file_that_goes_to_a_terminal_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", screen)
    file = binary_stdout()
    for part in (b"Stra\xc3", b"\x9fe\x1b[2J\n", b"\x89PNG\xff\n"):
        file.write(part)
    file.flush()
    assert screen.getvalue() == "Straße\\x1b[2J\n\\x89PNG\\xff\n"


def test_all_commands_belong_to_the_group_that_shows_errors() -> None:
    assert app.info.cls is Commands
